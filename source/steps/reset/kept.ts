import type { HostReader } from '../../engine/host';
import type { Change } from '../../engine/change';
import { step, type Step } from '../../engine/step';
import { KEPT } from '../paths';
import { readText } from '../prepare/ask';

/** Where one departure keeps what it keeps. */
export interface Keeping {
  readonly path: string;
  /** An interrupted run began it, and this one goes on with it. */
  readonly begun: boolean;
  /** That run had got as far as taking this host out of etcd. */
  readonly left: boolean;
  /** Whether what is kept stays. */
  readonly keeps: boolean;
  /** Where etcd's data is that goes, as an interrupted run has noted it: what told that may be gone by now. */
  readonly data?: string;
}

/** What a reset that was begun is known by. */
export const RESET = 'reset';

const UNFINISHED = 'unfinished';
const LEFT = 'left-etcd';
const DATA = 'etcd-data';

/** The folder of a departure that was begun and not ended, or the name of a new one; `purpose` tells different ones apart. */
export async function findKeeping(
  host: HostReader,
  purpose: string,
  options: { readonly now: Date; readonly keeps: boolean },
): Promise<Keeping> {
  const names = (await host.list(KEPT)) ?? [];
  for (const name of [...names].reverse()) {
    const path = `${KEPT}/${name}`;
    if ((await readText(host, `${path}/${UNFINISHED}`)).trim() !== purpose) continue;
    const left = (await host.stat(`${path}/${LEFT}`)) !== undefined;
    const data = (await readText(host, `${path}/${DATA}`)).trim();
    return { path, begun: true, left, keeps: options.keeps, ...(data === '' ? {} : { data }) };
  }
  const stamp = options.now.toISOString().slice(0, 19).replace(/[-:]/g, '');
  return { path: `${KEPT}/${stamp}Z`, begun: false, left: false, keeps: options.keeps };
}

/** Marks that a departure has begun: whoever runs again goes on with it, whatever is gone by then. */
export function beginKeeping({ path, keeps }: Keeping, purpose: string, data?: string): Step {
  return step<boolean>({
    id: 'keep-begin',
    title: keeps ? `Make ${path} for what is kept` : 'Note that this has begun (nothing is kept)',
    after: [],
    probe: async host => (await host.stat(`${path}/${UNFINISHED}`)) !== undefined,
    plan: begun =>
      begun
        ? []
        : [
            { kind: 'directory', path: KEPT, mode: 0o700 },
            { kind: 'directory', path, mode: 0o700 },
            ...(data === undefined
              ? []
              : [{ kind: 'write', path: `${path}/${DATA}`, content: `${data}\n`, mode: 0o600 } as const]),
            { kind: 'write', path: `${path}/${UNFINISHED}`, content: `${purpose}\n`, mode: 0o600 },
          ],
  });
}

/** That etcd does not have this host any more; from then on nobody is asked again. */
export function noteLeft({ path }: Keeping): Change {
  return { kind: 'write', path: `${path}/${LEFT}`, content: 'yes\n', mode: 0o600 };
}

/** Ends the departure: from then on a new one begins anew. */
export function endKeeping({ path, keeps }: Keeping, after: readonly string[]): Step {
  return step<boolean>({
    id: 'keep-end',
    title: keeps ? `Done: ${path} has what was kept` : 'Done: nothing was kept',
    after,
    probe: async host => (await host.stat(keeps ? `${path}/${UNFINISHED}` : path)) !== undefined,
    plan: open => {
      if (!open) return [];
      const notes = [LEFT, DATA, UNFINISHED].map((name): Change => ({
        kind: 'remove',
        path: `${path}/${name}`,
      }));
      return keeps ? notes : [removeTree(path, `Remove ${path}`)];
    },
  });
}

/** Removes a directory with all that is in it, and nothing on other file systems. */
export function removeTree(path: string, title: string): Change {
  return {
    kind: 'run',
    title,
    command: { file: 'rm', args: ['--recursive', '--force', '--one-file-system', '--', path] },
    timeoutMs: 5 * 60_000,
  };
}
