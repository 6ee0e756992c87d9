import { RUN_DIRECTORY } from '../apart/places';
import { statusOf } from '../apart/status';
import type { Arguments } from '../arguments';
import { Failure } from '../engine/failure';
import { EXIT } from '../installation/headless';
import { LocalHost } from '../hosts/local';
import type { Surface } from '../installation/start';
import { statusLines } from '../renderers/status-text';
import { etcdNow } from './etcd-now';

/** What only root may look at. */
export function refuseOthers(surface: Surface): void {
  if (surface.root) return;
  throw new Failure({
    code: 'not-root',
    message: 'Only root can look at a run: its journal and its socket are for nobody else.',
    hint: 'Run the same command as root, or with sudo.',
  });
}

/** Prints once how things stand. */
export async function status(given: Arguments, surface: Surface, stateDirectory: string): Promise<number> {
  refuseOthers(surface);
  const [run, etcd] = await Promise.all([statusOf(RUN_DIRECTORY, stateDirectory), etcdNow(new LocalHost())]);
  const found = { ...run, ...(etcd === undefined ? {} : { etcd }) };
  surface.print(
    given.output === 'json' ? `${JSON.stringify(found)}\n` : `${statusLines(found).join('\n')}\n`,
  );
  return EXIT.done;
}
