import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { compile } from './compile';
import { isElf, missingOnEl7, neededVersions } from './elf';
import { bundleArchive, bundleFolder, bundleName, root } from './layout';
import { thirdPartyLicences } from './licences';
import { BUNDLED_NODE, nodeRuntime } from './runtimes';

const documents = [
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'variables',
  'variables.external',
  'docs',
  'templates',
];

/** Runs the program to its first screen in a terminal of util-linux's `script`, and stores what V8 compiled for it. */
async function storeCode(node: string, program: string, cache: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'kube-el7-install-bundle-'));
  try {
    const store = join(work, 'store.cjs');
    await writeFile(store, (await compile('scripts/runtime/store.ts')).source);
    const command = [node, store, program, cache].map(word => `'${word}'`).join(' ');
    await execa(
      'script',
      ['--quiet', '--return', '--command', `stty cols 80 rows 24; ${command}`, '/dev/null'],
      {
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

const { source, metafile } = await compile();
await rm(dirname(bundleFolder), { recursive: true, force: true });
await mkdir(join(bundleFolder, 'dist'), { recursive: true });
await mkdir(join(bundleFolder, 'runtime', 'bin'), { recursive: true });

const runtime = await nodeRuntime(BUNDLED_NODE);
const node = join(bundleFolder, 'runtime', 'bin', 'node');
await cp(join(runtime, 'bin', 'node'), node);
await cp(join(runtime, 'LICENSE'), join(bundleFolder, 'runtime', 'LICENSE'));
for (const name of documents) await cp(join(root, name), join(bundleFolder, name), { recursive: true });
await writeFile(join(bundleFolder, 'THIRD-PARTY-LICENSES'), thirdPartyLicences(metafile));

const launcher = join(bundleFolder, 'kube-el7-install');
await cp(join(root, 'scripts', 'runtime', 'kube-el7-install'), launcher);
const program = join(bundleFolder, 'dist', 'program.cjs');
await writeFile(program, source);
await writeFile(join(bundleFolder, 'dist', 'start.cjs'), (await compile('scripts/runtime/start.ts')).source);
await Promise.all([chmod(launcher, 0o755), chmod(node, 0o755)]);
await storeCode(node, program, join(bundleFolder, 'dist', 'program.cache'));
await checkForEl7(bundleFolder);

await execa('tar', [
  ...['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mode=u+rw,go-w,a+rX', '--format=gnu'],
  ...[`--mtime=@${await archiveTime()}`, '--use-compress-program=gzip -9n'],
  ...['--create', '--file', bundleArchive, '--directory', dirname(bundleFolder), bundleName],
]);
console.log(bundleArchive);
