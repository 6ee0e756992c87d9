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
  if (record === undefined) return { problems: [await noMaster(host)] };
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

async function noMaster(host: HostReader): Promise<Problem> {
  const [{ readRole }, { otherText }] = await Promise.all([
    import('../cluster/role'),
    import('../cluster/words'),
  ]);
  const role = await readRole(host);
  const common = { field: 'this host', value: host.name, where: 'here' };
  if (role.maker === 'other')
    return {
      ...common,
      wrong: `is ${otherText(role)}`,
      right: 'the tool that made it; only ours are mended',
    };
  return {
    ...common,
    wrong: 'is no master of a cluster that this installer made, or has lost the record of it',
    right: 'the command on a master that is well',
  };
}
