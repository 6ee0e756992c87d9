import { step, type Step } from '../../engine/step';
import type { ClusterRecord } from '../record';
import { attemptText, isInPlace, type Attempt } from './attempt';
import { company, refuseCompany, type Company } from './company';
import { placesOf, RESTORE, WORK } from './places';

interface Observed {
  readonly company: Company;
  /** The data is made anew already: whoever comes back then finds another cluster. */
  readonly inPlace: boolean;
  readonly written: boolean;
}

/** Makes sure that the cluster is lost, and writes down what is going to be done, so that a run that was cut off is gone on with. */
export function restoreBegin(record: ClusterRecord, attempt: Attempt, after: readonly string[]): Step {
  return step<Observed>({
    id: 'restore-begin',
    title: 'Make sure that no other member of etcd is left',
    after,
    probe: async host => ({
      company: await company(host, record),
      inPlace: await isInPlace(host, attempt.id),
      written: (await host.read(RESTORE))?.toString('utf8') === attemptText(attempt),
    }),
    plan: observed => {
      if (!observed.inPlace) refuseCompany(observed.company, record, observed.written);
      if (observed.written) return [];
      return [
        { kind: 'directory', path: WORK, mode: 0o700 },
        { kind: 'directory', path: placesOf(attempt.id).work, mode: 0o700 },
        { kind: 'write', path: RESTORE, content: attemptText(attempt), mode: 0o600 },
      ];
    },
  });
}
