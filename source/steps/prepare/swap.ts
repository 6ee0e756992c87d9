import { fstabView, withView } from '../../disclosure/files';
import type { Change, Undo } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import { ask, lines, readText } from './ask';
import { blocks } from './units';

const FSTAB = '/etc/fstab';

/** One area that the kernel swaps to. */
interface SwapArea {
  readonly path: string;
  readonly sizeKiB: number;
  readonly usedKiB: number;
}

interface Observed {
  readonly areas: readonly SwapArea[];
  readonly fstab: string;
  readonly fstabMode: number;
  /** systemd's swap units that did not come from fstab, with what to do so that they stay off. */
  readonly units: readonly { readonly unit: string; readonly action: 'disable' | 'mask' }[];
}

/** Swap off now and after a boot: the kubelet refuses to start with it. */
export function swap(): Step {
  return step<Observed>({
    id: 'swap',
    title: 'Switch swap off',
    after: [],
    probe: async host => ({
      areas: await readSwapAreas(host),
      fstab: await readText(host, FSTAB),
      fstabMode: (await host.stat(FSTAB))?.mode ?? 0o644,
      units: await readSwapUnits(host),
    }),
    plan,
  });
}

function plan(observed: Observed): readonly Change[] {
  const changes: Change[] = [];
  const content = withoutSwap(observed.fstab);
  if (content !== observed.fstab) {
    changes.push({
      kind: 'write',
      path: FSTAB,
      content: withView(content, fstabView),
      mode: observed.fstabMode,
    });
    // Or systemd keeps the units that it made of the old lines, and starts them with the next swap.target.
    changes.push({ kind: 'service', unit: 'swap.target', action: 'reload-units' });
  }
  for (const { unit, action } of observed.units) {
    changes.push({
      kind: 'run',
      title: `Keep ${unit} from starting at boot`,
      command: { file: 'systemctl', args: [action, unit] },
      timeoutMs: 60_000,
      undo: [startsAgain(unit, action)],
    });
  }
  if (observed.areas.length > 0) {
    changes.push({
      kind: 'run',
      title: `Switch swap off: ${observed.areas.map(area => area.path).join(', ')}`,
      command: { file: 'swapoff', args: ['-a'] },
      // All of it has to be read back into memory.
      timeoutMs: 10 * 60_000,
      undo: observed.areas.map(({ path }) => switchOn(path)),
    });
  }
  return changes;
}

function startsAgain(unit: string, action: 'disable' | 'mask'): Undo {
  const [back, state] = action === 'mask' ? ['unmask', 'masked'] : ['enable', 'disabled'];
  return {
    kind: 'run',
    title: `Let ${unit} start at boot`,
    command: { file: 'systemctl', args: [back, unit] },
    timeoutMs: 60_000,
    needed: { command: { file: 'systemctl', args: ['is-enabled', unit] }, matches: `^${state}` },
  };
}

function switchOn(path: string): Undo {
  const literal = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return {
    kind: 'run',
    title: `Switch swap on: ${path}`,
    command: { file: 'swapon', args: [path] },
    timeoutMs: 60_000,
    needed: {
      command: { file: 'cat', args: ['/proc/swaps'] },
      matches: `^Filename(?![^]*\\n${literal}\\s)`,
    },
  };
}

/** /proc/swaps, whose first line is a heading. */
export async function readSwapAreas(host: HostReader): Promise<readonly SwapArea[]> {
  return lines(await readText(host, '/proc/swaps'))
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .map(([path = '', , size = '0', used = '0']) => ({
      path: path.replace(/\\040\(deleted\)$/, ''),
      sizeKiB: Number(size),
      usedKiB: Number(used),
    }));
}

async function readSwapUnits(host: HostReader): Promise<Observed['units']> {
  const { stdout } = await ask(host, 'systemctl', [
    'show',
    '--property=Id,LoadState,FragmentPath,SourcePath,UnitFileState',
    '*.swap',
  ]);
  return blocks(stdout).flatMap((found): Observed['units'] => {
    const unit = found['Id'] ?? '';
    const fragment = found['FragmentPath'] ?? '';
    if (found['LoadState'] !== 'loaded' || found['SourcePath'] === FSTAB || fragment === '') return [];
    // Made by systemd out of the partition table: there is no file to disable.
    if (fragment.startsWith('/run/systemd/generator')) return [{ unit, action: 'mask' }];
    return found['UnitFileState'] === 'enabled' ? [{ unit, action: 'disable' }] : [];
  });
}

function withoutSwap(fstab: string): string {
  return fstab
    .split('\n')
    .map(line => (isSwapLine(line) ? `# switched off by kube-el7-install: ${line}` : line))
    .join('\n');
}

function isSwapLine(line: string): boolean {
  const [source = '', , type] = line.trim().split(/\s+/);
  return !source.startsWith('#') && type === 'swap';
}
