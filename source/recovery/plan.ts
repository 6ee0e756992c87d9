import type { Readd } from '../steps/readd/context';
import type { Master } from '../variables/master';
import type { Diagnosis, ExaminedMember } from './diagnosis';
import type { ClusterRecord } from './record';

/** What the steps are made for, from what was found. Pure. */
export function readdOf(record: ClusterRecord, diagnosis: Diagnosis): Readd {
  const names = diagnosis.readd;
  const found = (name: string): ExaminedMember | undefined =>
    diagnosis.members.find(member => member.name === name);
  const now = (master: Master): Master => {
    const address = found(master.hostname)?.newAddress;
    return address === undefined || !names.includes(master.hostname) ? master : { ...master, address };
  };
  const masters = record.masters.map(now);
  const isHere = ({ hostname }: Master): boolean => hostname === record.here.hostname;
  const well = masters.filter(
    one =>
      !names.includes(one.hostname) &&
      (isHere(one) ||
        ['well', 'full', 'clock-off', 'node-address'].includes(found(one.hostname)?.condition ?? '')),
  );
  const steady = [...well.filter(isHere), ...well.filter(one => !isHere(one))];
  const away = masters.filter(one => !names.includes(one.hostname) && !steady.includes(one));
  return {
    alarms: diagnosis.alarms ?? [],
    settings: { ...record.settings, others: masters.filter(one => !isHere(one)) },
    here: record.here,
    steady,
    away,
    untouched: away.flatMap(({ hostname }) => found(hostname)?.id ?? []),
    due: record.masters
      .filter(({ hostname }) => names.includes(hostname))
      .map(recorded => {
        const outgoing = found(recorded.hostname)?.outgoing;
        return { recorded, master: now(recorded), ...(outgoing === undefined ? {} : { outgoing }) };
      }),
    moves: new Map(
      record.masters.flatMap((before, index) => {
        const after = masters[index]?.address ?? before.address;
        return after === before.address ? [] : [[before.address, after] as const];
      }),
    ),
  };
}
