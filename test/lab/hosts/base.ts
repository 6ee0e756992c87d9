import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Part, PartRun } from '../artifacts/part';

const here = dirname(fileURLToPath(import.meta.url));
const laidOver = join(here, 'root');

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .sort((one, other) => one.name.localeCompare(other.name))
    .flatMap(entry => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

/** Runs a script whose mounts (of /proc in the new root) die with it, however it ends. */
function script(run: PartRun, name: string, ...parameters: readonly string[]): Promise<void> {
  return run.execute('unshare', ['--mount', '--propagation', 'private', join(here, name), ...parameters]);
}

const debian: Part = {
  name: 'debian',
  says: 'installing Debian packages for the hosts',
  seconds: 120,
  files: [join(here, 'debian.sh'), join(here, 'packages')],
  needs: [],
  build: (out, run) => script(run, 'debian.sh', join(out, 'root'), join(here, 'packages')),
};

/** The root file system that all hosts start from. */
export function basePart(): Part {
  const files = filesBelow(laidOver);
  return {
    name: 'base',
    says: "giving the hosts' root file system the face of EL7",
    seconds: 10,
    files: [join(here, 'base.sh'), ...files],
    words: files.map(path => `${path.slice(laidOver.length)} ${statSync(path).mode.toString(8)}`),
    needs: [debian],
    build: (out, run) => script(run, 'base.sh', join(out, 'root'), join(run.of(debian), 'root'), laidOver),
  };
}
