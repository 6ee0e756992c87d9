import { posix } from 'node:path';
import type { Host } from '../engine/host';
import type { Unfinished } from '../engine/unfinished';
import { isTemporaryOf } from '../hosts/temporary';

/**
 * Removes what a run that was cut off in the midst of writing a file has left beside it: the file may be as it should be
 * by now, and then nobody would write it again, and clear that away. A host that cannot be reached is left to the steps.
 */
export async function removeUnfinished(
  unfinished: readonly Unfinished[],
  hosts: { readonly here: Host; readonly others: ReadonlyMap<string, Host> },
  note: (line: string) => void,
): Promise<void> {
  for (const { path, host: place } of unfinished) {
    const host = place === undefined ? hosts.here : hosts.others.get(place);
    if (host === undefined) continue;
    try {
      for (const found of await leftBeside(host, path)) {
        await host.remove(found);
        note(`removed ${found}, which an interrupted run was writing`);
      }
    } catch (error) {
      note(`what an interrupted run left beside ${path} stays: ${String(error)}`);
    }
  }
}

async function leftBeside(host: Host, path: string): Promise<readonly string[]> {
  const directory = posix.dirname(path);
  const names = (await host.list(directory)) ?? [];
  return names
    .filter(name => isTemporaryOf(posix.basename(path), name))
    .map(name => posix.join(directory, name));
}
