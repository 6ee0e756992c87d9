import type { Diagnosis, ExaminedMember } from '../../source/recovery/diagnosis';
import { readdOf } from '../../source/recovery/plan';
import type { ClusterRecord } from '../../source/recovery/record';
import type { Readd } from '../../source/steps/readd/context';
import { examinedMember, whole } from '../screens/support/diagnoses';

/** The readd of the masters of a record that were found otherwise than well. */
export function readdFor(
  record: ClusterRecord,
  found: Readonly<Record<string, Partial<ExaminedMember>>>,
  readd: readonly string[] = Object.keys(found),
): Readd {
  const members = record.masters.map(({ hostname, address }) =>
    examinedMember(hostname, 'well', { address, ...found[hostname] }),
  );
  const diagnosis: Diagnosis = { ...whole, members, readd, verdict: 'readd' };
  return readdOf(record, diagnosis);
}
