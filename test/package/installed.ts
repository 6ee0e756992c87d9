import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type ExecaChildProcess } from 'execa';
import { root } from '../../scripts/layout';

/** A folder that is removed when the callback ends. */
export async function inTemporaryFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-el7-install-package-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Packs the built program as `npm publish` would and installs it, without a registry, into `folder`. */
export async function installPackage(folder: string): Promise<void> {
  await mkdir(join(folder, 'tarball'));
  await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', join(folder, 'tarball')], {
    cwd: root,
  });
  const [tarball = ''] = await readdir(join(folder, 'tarball'));
  await writeFile(join(folder, 'package.json'), '{"private":true}\n');
  await execa('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, 'tarball', tarball)], {
    cwd: folder,
    env: { npm_config_cache: join(folder, 'empty-cache') },
  });
}

/** Waits until a program has written a text; rejects with all that it wrote if it ends without. */
export function written(program: ExecaChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    program.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      if (output.includes(text)) resolve();
    });
    program.stdout?.on('end', () => {
      reject(new Error(`it ended without "${text}": ${output}`));
    });
  });
}
