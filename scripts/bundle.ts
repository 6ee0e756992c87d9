import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { compile } from './compile';
import { isElf, missingOnEl7, neededVersions } from './elf';
import { bundleArchive, bundleFolder, bundleName, root } from './layout';
import { thirdPartyLicences } from './licences';
import { BUNDLED_NODE, nodeRuntime } from './runtimes';

const launcherSource = join(root, 'scripts', 'runtime', 'kube-el7-install');

const documents = [
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'variables',
  'variables.external',
  'docs',
  'templates',
];

/**
 * Runs the program to its first screen in a terminal of util-linux's `script`, and stores what V8 compiled for it.
 * V8 uses stored code only under the flags that it was made with, so they are read from the launcher.
 */
async function storeCode(node: string, program: string, cache: string): Promise<void> {
  const flags = /bin\/node" (--.*) "\$here/.exec(await readFile(launcherSource, 'utf8'))?.[1];
  if (flags === undefined) throw new Error(`${launcherSource} names no flags for Node`);
  const work = await mkdtemp(join(tmpdir(), 'kube-el7-install-bundle-'));
  try {
    const store = join(work, 'store.cjs');
    await writeFile(store, (await compile('scripts/runtime/store.ts')).source);
    const command = [node, ...flags.split(' '), store, basename(program), cache]
      .map(word => `'${word}'`)
      .join(' ');
    await execa(
      'script',
      ['--quiet', '--return', '--command', `stty cols 80 rows 24; ${command}`, '/dev/null'],
      {
        // The file's name is stored too: without its folder it is the same at every build.
        cwd: dirname(program),
        env: { TERM: 'xterm-256color', LANG: 'C.UTF-8', NODE_OPTIONS: '' },
        stdin: 'pipe',
        timeout: 60_000,
        reject: false,
      },
    );
    if (!existsSync(cache))
      throw new Error('the program did not get to its first screen, so no code was stored');
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Throws where a program of the bundle needs a newer C or C++ library than EL7 has. */
async function checkForEl7(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await checkForEl7(path);
    if (!entry.isFile()) continue;
    const bytes = await readFile(path);
    const missing = isElf(bytes) ? missingOnEl7(neededVersions(bytes)) : [];
    if (missing.length > 0) {
      throw new Error(
        `${path} needs ${missing.map(({ version }) => version).join(', ')}, which EL7 does not have`,
      );
    }
  }
}

/** The time that every file of the archive gets, so that one commit always gives the same archive. */
async function archiveTime(): Promise<string> {
  const given = process.env['SOURCE_DATE_EPOCH'];
  if (given !== undefined) return given;
  const commit = await execa('git', ['log', '-1', '--format=%ct'], { cwd: root, reject: false });
  return /^\d+$/.test(commit.stdout) ? commit.stdout : '0';
}

/** Lays out the bundle's folder, as an operator has it after unpacking. */
async function layOut(folder: string): Promise<void> {
  const { source, metafile } = await compile();
  const launcher = join(folder, 'kube-el7-install');
  const dist = join(folder, 'dist');
  const runtime = join(folder, 'runtime');
  await mkdir(dist, { recursive: true });
  await mkdir(join(runtime, 'bin'), { recursive: true });
  const from = await nodeRuntime(BUNDLED_NODE);
  const node = join(runtime, 'bin', 'node');
  await cp(join(from, 'bin', 'node'), node);
  await cp(join(from, 'LICENSE'), join(runtime, 'LICENSE'));
  for (const name of documents) await cp(join(root, name), join(folder, name), { recursive: true });
  await writeFile(join(folder, 'THIRD-PARTY-LICENSES'), thirdPartyLicences(metafile));
  await cp(launcherSource, launcher);
  await Promise.all([chmod(launcher, 0o755), chmod(node, 0o755)]);
  await writeFile(join(dist, 'start.cjs'), (await compile('scripts/runtime/start.ts')).source);
  await writeFile(join(dist, 'program.cjs'), source);
  await storeCode(node, join(dist, 'program.cjs'), join(dist, 'program.cache'));
}

// Made beside the last one and put in its place when it is whole, so that whoever uses that one is not disturbed.
const place = dirname(bundleFolder);
await mkdir(place, { recursive: true });
const work = await mkdtemp(join(place, '.making-'));
try {
  const [folder, archive] = [join(work, bundleName), join(work, `${bundleName}.tar.gz`)];
  await layOut(folder);
  await checkForEl7(folder);
  await execa('tar', [
    ...['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mode=u+rw,go-w,a+rX', '--format=gnu'],
    ...[`--mtime=@${await archiveTime()}`, '--use-compress-program=gzip -9n'],
    ...['--create', '--file', archive, '--directory', work, bundleName],
  ]);
  await rm(bundleFolder, { recursive: true, force: true });
  await rename(folder, bundleFolder);
  await rename(archive, bundleArchive);
} finally {
  await rm(work, { recursive: true, force: true });
}
console.log(bundleArchive);
