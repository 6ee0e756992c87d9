import type { Arguments } from '../arguments';
import type { HostReader } from '../engine/host';
import type { Loaded } from '../variables/load';
import type { Problem } from '../variables/settings';
import type { Recipe } from './recipe';

/** Puts masters back whose etcd is gone, by what the cluster has recorded of itself: no variables file is asked. */
export const readdRecipe: Recipe = {
  command: 'readd-member',
  settings: recordedSettings,
  async checks(_, __, given) {
    const { verdictCheck } = await import('../recovery/check');
    return [verdictCheck(given)];
  },
  async work(_, host, given) {
    const { recoveryWork } = await import('../recovery/work');
    return recoveryWork(host, given);
  },
};

async function recordedSettings(host: HostReader, given: Arguments): Promise<Loaded> {
  const { readRecord } = await import('../recovery/record');
  const record = await readRecord(host);
  if (record === undefined) return { problems: [noMaster(host.name)] };
  const known = record.masters.map(({ hostname }) => hostname);
  const unknown = (given.words ?? []).filter(name => !known.includes(name.toLowerCase()));
  if (unknown.length === 0) return { settings: record.settings };
  return {
    problems: unknown.map(value => ({
      field: 'master',
      value: value.slice(0, 60),
      where: 'command line',
      wrong: 'is no master of this cluster',
      right: `one or more of ${known.join(', ')}, or none: then all are looked at`,
    })),
  };
}

function noMaster(value: string): Problem {
  return {
    field: 'this host',
    value,
    where: 'here',
    wrong: 'is no master of a cluster that this installer made, or has lost the record of it',
    right: 'the command on a master that is well',
  };
}
