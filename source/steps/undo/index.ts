import type { HostReader } from '../../engine/host';
import type { Stage } from '../../engine/step';
import { LARGE } from '../../changes/undo/inverse';
import type { Undoing } from '../../changes/undo/read';
import type { Settings } from '../../variables/settings';
import { KEPT } from '../paths';
import { endKeeping, type Keeping } from '../reset/kept';
import type { Place } from '../../cluster/place';
import { inSeries, type Outline } from '../reset/series';
import { takeDown } from '../reset/take-down';
import { directories } from './directories';
import { markUndone } from './mark';
import { takeBack, type Loaded } from './take-back';

/** What the departure of a host whose cluster is taken back is known by. */
export function undoPurpose({ runs }: Undoing): string {
  return `undo ${runs[0]?.run ?? ''}`;
}

/** Of a cluster that a run began on this host. */
export interface Begun {
  readonly place: Place;
  readonly keeping: Keeping;
}

/** What runs have changed, in reverse: the cluster that they began, then each step's changes, the last one first. `reached` are the other hosts that can be changed from here. */
export async function undoStages(
  host: HostReader,
  settings: Settings,
  undoing: Undoing,
  reached: readonly string[],
  begun: Begun | undefined,
): Promise<readonly Stage[]> {
  const targets = undoing.targets.filter(one => one.host === undefined || reached.includes(one.host));
  const loaded = await Promise.all(
    targets.map(async (target): Promise<Loaded> => {
      const bytes = target.kept === undefined ? undefined : await bytesOf(host, target.kept);
      return { target, ...(bytes === undefined ? {} : { bytes }) };
    }),
  );
  const runs = undoing.runs.map(({ run }) => run);
  const aside = `${KEPT}/${runs[0] ?? ''}-changed-since`;
  const hosts = [...new Set(targets.map(target => target.host))];
  const down: readonly Outline[] =
    begun === undefined ? [] : takeDown(settings, begun.place, begun.keeping, undoPurpose(undoing));
  return inSeries([
    ...down,
    {
      id: 'take-back',
      title: 'Take back',
      steps: grouped(loaded).map(group => after => takeBack(group, aside, after)),
    },
    {
      id: 'end',
      title: 'End',
      steps: [
        ...hosts.map(one => (after: readonly string[]) => directories(targets, one, after)),
        ...(begun === undefined ? [] : [(after: readonly string[]) => endKeeping(begun.keeping, after)]),
        after => markUndone(runs, after),
      ],
    },
  ]);
}

/** By step, in their order; steps of which nothing can be taken back are left out. */
/** Undefined also where it is too large for memory: it is compared and put back by programs then. */
async function bytesOf(host: HostReader, path: string): Promise<Buffer | undefined> {
  const size = (await host.stat(path))?.size ?? 0;
  return size > LARGE ? undefined : host.read(path);
}

function grouped(all: readonly Loaded[]): readonly (readonly Loaded[])[] {
  const groups = new Map<string, Loaded[]>();
  for (const one of all) {
    const { host, step, inverse } = one.target;
    if (inverse.kind === 'cluster' || inverse.kind === 'stays') continue;
    const key = `${host ?? ''} ${step}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

/** What an operator should know beside the steps: which runs these are, and what stays. */
export function undoNotes(
  undoing: Undoing,
  reached: readonly string[],
  begun: Begun | undefined,
): readonly string[] {
  const { runs, targets } = undoing;
  const what = runs.map(({ run, command, time }) => `${run} (${command}, begun ${time.slice(0, 16)}Z)`);
  const several = runs.length > 1 ? ', in which the cluster was raised in several goes' : '';
  const stays = targets.flatMap(({ host, inverse }) =>
    inverse.kind === 'stays' && host === undefined && (begun === undefined || inverse.implied !== true)
      ? [inverse.what]
      : [],
  );
  return [
    `Takes back ${what.join(', ')}${several}.`,
    ...(begun === undefined
      ? []
      : [
          `The cluster that was begun here goes. Its keys and etcd's data are kept in ${begun.keeping.path}.`,
        ]),
    ...leftNotes(targets, reached),
    ...(stays.length === 0 ? [] : [`Stays: ${[...new Set(stays)].join('; ')}.`]),
    ...(targets.some(({ inverse }) => inverse.kind === 'packages')
      ? [
          "Stays: what docker and yum keep for themselves (/var/lib/docker, /etc/docker/key.json, yum's cache), and packages that others need.",
        ]
      : []),
    ...(runs.length === 1 && runs[0]?.command === 'install'
      ? ['Journals and logs stay. `undo` again takes back the run before, if there is one.']
      : ['Journals and logs stay.']),
  ];
}

/** What cannot be taken back from here, by host. */
function leftNotes(targets: Undoing['targets'], reached: readonly string[]): readonly string[] {
  const hosts = [...new Set(targets.flatMap(({ host }) => host ?? []))];
  return hosts.flatMap(host => {
    const own = targets.filter(target => target.host === host);
    const joined = own.some(({ inverse }) => inverse.kind === 'cluster');
    return [
      ...(reached.includes(host)
        ? []
        : [`Left as it is: what was changed on ${host} over ssh. With --ssh it is taken back too.`]),
      ...(joined
        ? [`${host} was joined to the cluster over ssh: run \`kube-el7-install reset\` there.`]
        : []),
    ];
  });
}
