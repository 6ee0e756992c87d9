import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Part } from '../artifacts/part.js';

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

/** The root file system that all hosts start from; its mounts die with the shell that makes it. */
export function basePart(): Part {
  const files = filesBelow(laidOver);
  return {
    name: 'base',
    says: 'making the root file system of the hosts from Debian packages',
    seconds: 120,
    files: [join(here, 'base.sh'), join(here, 'packages'), ...files],
    words: files.map(path => `${path.slice(laidOver.length)} ${statSync(path).mode.toString(8)}`),
    needs: [],
    build: (out, run) =>
      run.execute('unshare', [
        '--mount',
        '--propagation',
        'private',
        join(here, 'base.sh'),
        join(out, 'root'),
        laidOver,
      ]),
  };
}
