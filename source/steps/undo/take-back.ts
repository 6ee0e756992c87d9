import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import type { Inverse } from '../../changes/undo/inverse';
import type { Target } from '../../changes/undo/read';
import { ask } from '../prepare/ask';
import { readUnit, type Unit } from '../prepare/units';
import { differs, putBack, type Difference, type FormerPath } from './put-back';
import { removable, removal, type Removable } from './packages';

/** What was kept of a target, read where the installer runs. */
export interface Loaded {
  readonly target: Target;
  readonly bytes?: Buffer;
}

type Observed =
  | { readonly kind: 'path'; readonly wanted: FormerPath; readonly difference: Difference | undefined }
  | {
      readonly kind: 'unit';
      readonly wanted: Extract<Inverse, { kind: 'unit' }>;
      readonly unit: Unit;
    }
  | { readonly kind: 'packages'; readonly removable: Removable }
  | {
      readonly kind: 'run';
      readonly wanted: Extract<Inverse, { kind: 'run' }>;
      readonly needed: boolean;
    }
  | {
      readonly kind: 'again';
      readonly wanted: Extract<Inverse, { kind: 'again' }>;
      /** systemd has read the units otherwise than they are now. */
      readonly stale: boolean;
    };

/** Takes back what one step of a run has done, the last thing first; what is as it was already is left alone. */
export function takeBack(all: readonly Loaded[], aside: string, after: readonly string[]): Step {
  const [first] = all;
  if (first === undefined) throw new Error('there is nothing to take back');
  const { host, step: id, title } = first.target;
  return step<readonly Observed[]>({
    id: `undo-${id}`,
    title: `Take back: ${title}`,
    after,
    ...(host === undefined ? {} : { host }),
    probe: async reader => (await Promise.all(all.map(one => look(reader, one, all)))).flat(),
    plan: observed => plan(observed, aside),
  });
}

async function look(
  host: HostReader,
  { target, bytes }: Loaded,
  all: readonly Loaded[],
): Promise<readonly Observed[]> {
  const { inverse, wrote, kept } = target;
  switch (inverse.kind) {
    case 'path': {
      const here = target.host === undefined && kept !== undefined ? { kept } : {};
      const own = { path: inverse.path, former: inverse.former, wrote };
      const wanted: FormerPath = { ...own, ...here, ...(bytes === undefined ? {} : { bytes }) };
      return [{ kind: 'path', wanted, difference: await differs(host, wanted) }];
    }
    case 'unit':
      return [{ kind: 'unit', wanted: inverse, unit: await readUnit(host, inverse.unit) }];
    case 'packages': {
      const before = bytes?.toString('utf8').split('\n') ?? [];
      return [{ kind: 'packages', removable: await removable(host, inverse.packages, before) }];
    }
    case 'run': {
      const { file, args } = inverse.needed.command;
      const { stdout } = await ask(host, file, args);
      return [{ kind: 'run', wanted: inverse, needed: new RegExp(inverse.needed.matches).test(stdout) }];
    }
    case 'again':
      return [{ kind: 'again', wanted: inverse, stale: await isStale(host, inverse, all) }];
    case 'cluster':
    case 'stays':
      return [];
  }
}

/** An interrupted run may have put files back and not told systemd. */
async function isStale(
  host: HostReader,
  { command }: Extract<Inverse, { kind: 'again' }>,
  all: readonly Loaded[],
): Promise<boolean> {
  if (command.args[0] !== 'daemon-reload') return false;
  const paths = all.flatMap(({ target: { inverse } }) => (inverse.kind === 'path' ? [inverse.path] : []));
  const units = paths.flatMap(path => /^\/etc\/systemd\/system\/([^/]+)\.d\//.exec(path)?.[1] ?? []);
  if (units.length === 0) return false;
  const { stdout } = await ask(host, 'systemctl', ['show', '--property=NeedDaemonReload', ...new Set(units)]);
  return /^NeedDaemonReload=yes$/m.test(stdout);
}

function plan(observed: readonly Observed[], aside: string): readonly Change[] {
  const changes = observed.flatMap(one => changesFor(one, aside));
  const files = observed.some(one => one.kind === 'path' && one.difference !== undefined);
  const again = observed.flatMap((one): readonly Change[] => {
    if (one.kind !== 'again' || !(files || one.stale)) return [];
    const { title, command, timeoutMs } = one.wanted;
    return [{ kind: 'run', title, command, timeoutMs }];
  });
  return [...changes, ...again];
}

function changesFor(one: Observed, aside: string): readonly Change[] {
  switch (one.kind) {
    case 'path':
      return one.difference === undefined ? [] : putBack(one.wanted, one.difference, aside);
    case 'unit':
      return unitChanges(one.wanted, one.unit);
    case 'packages':
      return removal(one.removable);
    case 'run': {
      const { title, command, timeoutMs } = one.wanted;
      return one.needed ? [{ kind: 'run', title, command, timeoutMs }] : [];
    }
    case 'again':
      return [];
  }
}

function unitChanges(
  wanted: Extract<Inverse, { kind: 'unit' }>,
  { loaded, active, file }: Unit,
): readonly Change[] {
  const { unit } = wanted;
  if (loaded !== 'loaded') return [];
  const runs = ['active', 'activating', 'reloading'].includes(active);
  const state = wanted.file === 'enabled' ? 'enable' : 'disable';
  return [
    ...(runs === wanted.active
      ? []
      : [{ kind: 'service', unit, action: wanted.active ? 'start' : 'stop' } as const]),
    ...(['enabled', 'disabled'].includes(wanted.file) && file !== wanted.file
      ? [{ kind: 'service', unit, action: state } as const]
      : []),
  ];
}
