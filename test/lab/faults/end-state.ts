import type { LabHost } from '../lab';
import { filesOf } from './end-files';
import { objectsOf } from './end-objects';

/** What a run has brought about: everything that is compared, by name. */
export type EndState = Readonly<Record<string, string>>;

function under(prefix: string, state: EndState): EndState {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`${prefix} ${name}`, value]));
}

/** Packages, and units that start with the host. */
async function systemOf(host: LabHost): Promise<EndState> {
  return {
    packages: await host.succeed('rpm -qa | sort'),
    'enabled units': await host.succeed(
      'systemctl list-unit-files --state=enabled --no-legend --no-pager | sort',
    ),
  };
}

/** The end state of a cluster: all masters' files, packages and units, and the cluster's objects. */
export async function endStateOf(masters: readonly LabHost[]): Promise<EndState> {
  const [first] = masters;
  if (first === undefined) throw new Error('a cluster has a master');
  const hosts = await Promise.all(
    masters.map(async host => ({
      ...under(host.name, filesOf(host)),
      ...under(host.name, await systemOf(host)),
    })),
  );
  return Object.assign({}, ...hosts, await objectsOf(first)) as EndState;
}

/** The first line in which two texts differ, as a person would be shown it. */
function firstDifference(expected: string, found: string): string {
  const before = expected.split('\n');
  const after = found.split('\n');
  const index = before.findIndex((line, at) => line !== after[at]);
  const line = index === -1 ? before.length : index;
  return `"${before[line] ?? '(nothing)'}" is "${after[line] ?? '(nothing)'}"`.slice(0, 300);
}

/** In what two end states differ, a line each; empty where in nothing. */
export function differences(expected: EndState, found: EndState): readonly string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort();
  return names.flatMap(name => {
    const [before, after] = [expected[name], found[name]];
    if (before === after) return [];
    if (after === undefined) return [`${name}: is not there`];
    if (before === undefined) return [`${name}: is there, and is not in an undisturbed one`];
    return [`${name}: ${firstDifference(before, after)}`];
  });
}
