import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../scripts/layout';
import { TESTED_NODES, nodeRuntime, npmOfNode16 } from '../../scripts/runtimes';
import { installPackage, written } from './installed';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-el7-install-package-'));
  await installPackage(folder);
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the npm package', () => {
  it('installs from an empty cache without a registry, and brings nothing with it', async () => {
    const installed = (await readdir(join(folder, 'node_modules'))).filter(name => !name.startsWith('.'));
    expect(installed).toEqual(['kube-el7-install']);
    const manifest = JSON.parse(
      await readFile(join(folder, 'node_modules', 'kube-el7-install', 'package.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect(manifest['dependencies'] ?? {}).toEqual({});
    expect(manifest['optionalDependencies'] ?? {}).toEqual({});
    expect(manifest['peerDependencies'] ?? {}).toEqual({});
  });

  it('carries what the program reads and the terms of what is inside it', async () => {
    const top = join(folder, 'node_modules', 'kube-el7-install');
    expect(await readdir(top)).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'CHANGELOG.md',
        'docs',
        'variables',
        'variables.external',
      ]),
    );
    const terms = await readFile(join(top, 'dist', 'THIRD-PARTY-LICENSES'), 'utf8');
    for (const name of ['ink 4.4.1 (MIT)', 'react 18.3.1 (MIT)', 'node-forge 1.4.3 (BSD-3-Clause)']) {
      expect(terms).toContain(name);
    }
  });
});

describe.each(TESTED_NODES)('npx kube-el7-install on Node %s', nodeVersion => {
  async function npx(...words: string[]) {
    const node = join(await nodeRuntime(nodeVersion), 'bin', 'node');
    const ranOn = join(folder, `ran-on-${nodeVersion}`);
    const witness = join(folder, 'witness.cjs');
    await writeFile(
      witness,
      `require('fs').appendFileSync(${JSON.stringify(ranOn)}, process.version + ' ' + process.argv[1] + '\\n');`,
    );
    const npm = nodeVersion.startsWith('16.')
      ? join(await npmOfNode16(), 'bin', 'npx-cli.js')
      : await systemNpx();
    const result = await execa(node, [npm, '--offline', '--no-install', 'kube-el7-install', ...words], {
      cwd: folder,
      reject: false,
      stdin: 'ignore',
      env: { PATH: `${dirname(node)}:/usr/bin:/bin`, NODE_OPTIONS: `--require ${witness}`, LANG: 'C.UTF-8' },
    });
    return { ...result, ranOn: await readFile(ranOn, 'utf8') };
  }

  async function systemNpx(): Promise<string> {
    const found = await execa('npm', ['root', '--global']);
    return join(found.stdout.trim(), 'npm', 'bin', 'npx-cli.js');
  }

  it('tells its version, on that Node', async () => {
    const { stdout, exitCode, ranOn } = await npx('--version');
    expect({ stdout, exitCode }).toEqual({ stdout: `kube-el7-install ${version}`, exitCode: 0 });
    expect(ranOn).toMatch(new RegExp(`^v${nodeVersion} .*/kube-el7-install$`, 'm'));
  });

  it('tells its commands', async () => {
    const { stdout, exitCode } = await npx('--help');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/kube-el7-install plan/);
    expect(stdout).toMatch(/--yes/);
  });

  it('refuses to start screens where there is no terminal', async () => {
    const { stdout, stderr, exitCode } = await npx();
    expect(exitCode).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/--yes/);
  });

  it('opens its first screen in a terminal, and leaves at Ctrl-C', async () => {
    const node = join(await nodeRuntime(nodeVersion), 'bin', 'node');
    const start = join(folder, 'node_modules', '.bin', 'kube-el7-install');
    const command = `stty cols 80 rows 24; exec ${node} ${start} --docker-registry 127.0.0.1:9`;
    const running = execa('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
      cwd: folder,
      reject: false,
      env: { TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    });
    await written(running, 'quit, nothing is changed');
    running.stdin?.write('\x03');
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(130);
    expect(stdout).toContain('\x1b[?25h');
  });

  it('names everything that is wrong in what it is given, before it does anything', async () => {
    const { stderr, exitCode } = await npx('plan', '--vip', 'not/an/address');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('not/an/address');
    expect(stderr).toContain('DOCKER_REGISTRY');
  });
});
