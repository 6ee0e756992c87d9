import { mkdir, readFile, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { neededVersions, missingOnEl7 } from '../../scripts/elf';
import { bundleArchive, bundleName, version } from '../../scripts/layout';
import { EngineConnection } from '../../source/apart/connection';
import { follow } from '../../source/apart/follow';
import { writeRequest } from '../../source/apart/request';
import { startDetached } from '../../source/hosts/detached';
import { inTemporaryFolder } from './installed';

function unpacked<Result>(use: (folder: string, top: string) => Promise<Result>): Promise<Result> {
  return inTemporaryFolder(async folder => {
    await execa('tar', ['-xzf', bundleArchive, '-C', folder]);
    return use(folder, join(folder, bundleName));
  });
}

/** No Node anywhere but in the bundle. */
const bare = {
  extendEnv: false,
  env: { PATH: '/nowhere:/usr/bin:/bin' },
  reject: false,
  stdin: 'ignore',
} as const;

describe('the bundle', () => {
  it('runs from another folder, through symbolic links, on its own Node', async () => {
    await unpacked(async (folder, top) => {
      const elsewhere = join(folder, 'with a space');
      await mkdir(elsewhere);
      await symlink(join(top, 'kube-el7-install'), join(elsewhere, 'first'));
      await symlink('first', join(elsewhere, 'second'));
      const told = await execa(['.', 'second'].join('/'), ['--version'], { ...bare, cwd: elsewhere });
      expect(told).toMatchObject({ stdout: `kube-el7-install ${version}`, exitCode: 0 });
      const node = await execa(join(top, 'runtime', 'bin', 'node'), ['--version'], bare);
      expect(node.stdout).toBe('v16.20.2');
    });
  });

  it('is not disturbed by what the environment tells Node, nor by a code cache that is damaged or gone', async () => {
    await unpacked(async (_folder, top) => {
      const start = join(top, 'kube-el7-install');
      const cache = join(top, 'dist', 'program.cache');
      const odd = { PATH: '/usr/bin:/bin', NODE_OPTIONS: '--require /nowhere.cjs' };
      expect(await execa(start, ['--version'], { ...bare, env: odd })).toMatchObject({
        stdout: `kube-el7-install ${version}`,
        exitCode: 0,
      });
      for (const damage of [`printf broken > '${cache}'`, `rm '${cache}'`]) {
        await execa('sh', ['-c', damage]);
        expect(await execa(start, ['--version'], bare)).toMatchObject({
          stdout: `kube-el7-install ${version}`,
          exitCode: 0,
        });
      }
    });
  });

  it('starts its engine as it starts itself, and hears from it why a run is refused', async () => {
    await unpacked(async (folder, top) => {
      const launcher = await readFile(join(top, 'kube-el7-install'), 'utf8');
      const flags = /bin\/node" (.*) "\$here\/dist/.exec(launcher)?.[1]?.split(' ') ?? [];
      const request = join(folder, 'a-run.request');
      // Nothing can come of it on any host: the values are not those that were agreed to.
      await writeRequest(request, {
        ...{ v: 1, product: `kube-el7-install ${version}`, run: 'a-run', seq: 0, values: [], asks: false },
        given: { command: 'install', yes: true, output: 'json', external: false, answers: {} },
        ...{ answers: {}, workingDirectory: folder, environment: {} },
      });
      const words = [join(top, 'runtime', 'bin', 'node'), ...flags, join(top, 'dist', 'start.cjs')];
      const started = await startDetached({
        ...{ name: 'a-run', title: 'a run', log: join(folder, 'log'), environment: { HOME: '/root' } },
        words: [...words, 'engine', request],
      });
      let connection: EngineConnection | undefined;
      while (connection === undefined) {
        expect(await started.ended()).toBeUndefined();
        connection = await EngineConnection.to(join(folder, 'a-run.sock'));
      }
      const nobody = new AbortController().signal;
      const end = follow(connection, {
        listener: () => undefined,
        ask: () => new Promise(() => undefined),
        signal: nobody,
      });
      await expect(end).rejects.toMatchObject({ report: { code: 'values-changed' } });
      expect(existsSync(request)).toBe(false);
      expect(await readFile(join(folder, 'log'), 'utf8')).toBe('');
    });
  });

  it('needs no newer C library than EL7 has', async () => {
    await unpacked(async (_folder, top) => {
      const needed = neededVersions(await readFile(join(top, 'runtime', 'bin', 'node')));
      expect(needed.length).toBeGreaterThan(10);
      expect(missingOnEl7(needed)).toEqual([]);
    });
  });

  it('is one folder, of root, sorted, all of one time, with everything in it', async () => {
    const { stdout } = await execa('tar', ['-tvzf', bundleArchive, '--numeric-owner', '--full-time'], {
      env: { TZ: 'UTC', LC_ALL: 'C' },
    });
    const entries = stdout.split('\n').map(line => {
      const [mode = '', owner = '', , date = '', time = '', ...name] = line.split(/\s+/);
      return { mode, owner, moment: `${date} ${time}`, name: name.join(' ') };
    });
    expect(new Set(entries.map(({ owner }) => owner))).toEqual(new Set(['0/0']));
    expect(new Set(entries.map(({ moment }) => moment)).size).toBe(1);
    expect(entries.filter(({ mode }) => /w..$|^.{5}w/.test(mode))).toEqual([]);
    const names = entries.map(({ name }) => name);
    expect(names.every(name => name.startsWith(`${bundleName}/`))).toBe(true);
    const expected = [
      'kube-el7-install',
      'variables',
      'variables.external',
      'docs/operators-guide.md',
      'LICENSE',
    ];
    expected.push(
      'THIRD-PARTY-LICENSES',
      'runtime/LICENSE',
      'dist/program.cache',
      'README.md',
      'CHANGELOG.md',
    );
    expect(names).toEqual(expect.arrayContaining(expected.map(name => `${bundleName}/${name}`)));
  });

  it('uses the code that it stored, instead of compiling again', async () => {
    await unpacked(async (_folder, top) => {
      const look = `
        const { Script } = require('vm');
        const { readFileSync } = require('fs');
        const source = readFileSync('dist/program.cjs', 'latin1');
        const script = new Script('(function(exports,require,module,__filename,__dirname){' + source + '\\n})', {
          filename: 'other.cjs', cachedData: readFileSync('dist/program.cache') });
        console.log(script.cachedDataRejected);`;
      const launcher = await readFile(join(top, 'kube-el7-install'), 'utf8');
      const flags = /bin\/node" (.*) "\$here\/dist/.exec(launcher)?.[1]?.split(' ') ?? [];
      const looked = await execa(join(top, 'runtime', 'bin', 'node'), [...flags, '-e', look], {
        ...bare,
        cwd: top,
      });
      expect(looked.stdout).toBe('false');
    });
  });
});
