import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runEngine } from '../../source/apart/engine';
import { apart, type Apart } from '../../source/apart/installer';
import type { Arguments } from '../../source/arguments';
import type { Event } from '../../source/engine/event';
import { Failure } from '../../source/engine/failure';
import { openInstaller, type Ports } from '../../source/installation/installation';
import type { Recipe } from '../../source/installation/recipe';
import type { OwnProgram } from '../../source/hosts/own-process';
import { FakeHost } from '../support/fake-host';
import { fileStep, fine, given, portsOn, recipeOf, TOKEN } from '../installation/ports';
import { folder } from './places';

const FILES = { '/site/variables': 'DOCKER_REGISTRY=10.0.0.5:5000\n' };
const PRODUCT = 'kube-el7-install test';

interface Options {
  readonly host?: FakeHost;
  readonly given?: Partial<Arguments>;
  readonly recipe?: Recipe;
  /** In the place of starting an engine. */
  readonly start?: Apart['start'];
  readonly product?: string;
}

/** An installer whose engine is started as in real life, but in this process. */
async function installing(options: Options = {}) {
  const { host = new FakeHost(FILES), recipe = recipeOf() } = options;
  const said = { ...given, ...options.given };
  const ports: Ports = portsOn(host);
  const directory = folder();
  const started: { readonly program: OwnProgram; readonly request: string; readonly mode: number }[] = [];
  let code: Promise<number> | undefined;
  const start: Apart['start'] = program => {
    const file = program.words[program.words.length - 1] ?? '';
    started.push({ program, request: readFileSync(file, 'utf8'), mode: statSync(file).mode & 0o777 });
    code = runEngine({
      file,
      product: options.product ?? PRODUCT,
      signal: new AbortController().signal,
      open: request =>
        openInstaller(
          request.given,
          recipe,
          { ...ports, ...request },
          { run: request.run, seq: request.seq },
        ),
      complain: () => undefined,
      exit: () => undefined,
    });
    return Promise.resolve({ ended: () => Promise.resolve(undefined) });
  };
  const { installer } = await openInstaller(said, recipe, ports);
  const wrapped = apart(installer, said, {
    ...{ directory, logDirectory: ports.directories.logDirectory, product: PRODUCT },
    program: ['node', 'program.cjs'],
    ...{ workingDirectory: '/site', environment: {}, home: '/root' },
    start: options.start ?? start,
  });
  const loaded = await wrapped.settings({});
  if (!('settings' in loaded)) throw new Error('no settings');
  const { settings } = loaded;
  const seen: Event[] = [];
  const run = (ask = (): Promise<string> => Promise.resolve('quit')) =>
    wrapped.run(settings, {
      listener: event => seen.push(event),
      ask,
      signal: new AbortController().signal,
    });
  const preflight = () => wrapped.preflight(settings, event => seen.push(event));
  return { host, ports, directory, started, seen, run, preflight, code: () => code };
}

describe('a run of its own process', () => {
  it('goes on in the event stream of its preflight, and leaves nothing behind', async () => {
    const { host, seen, run, preflight, directory, code, ports } = await installing();
    await preflight();
    expect(await run()).toBe('succeeded');
    expect(host.text('/etc/made')).toBe('x\n');
    expect(seen.map(event => event.seq)).toEqual(seen.map((_, index) => index + 1));
    expect(new Set(seen.map(event => event.run)).size).toBe(1);
    expect(seen[0]?.type).toBe('check-started');
    expect(seen[seen.length - 1]).toMatchObject({ type: 'run-finished', outcome: 'succeeded' });
    expect(await code()).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
    const log = join(ports.directories.logDirectory, seen[0]?.run ?? '');
    expect(readdirSync(log)).not.toContain('engine.log');
  });

  it('is another one each time, with another preflight or none', async () => {
    const { seen, run, preflight } = await installing();
    await preflight();
    await run();
    await run();
    await preflight();
    await run();
    expect(new Set(seen.map(event => event.run)).size).toBe(3);
  });

  it('is told a token by a file for root alone, which it removes; never by its arguments or environment', async () => {
    const { host, run, started, seen } = await installing({
      given: { token: TOKEN },
      recipe: recipeOf([fine], [fileStep('/etc/made', `token ${TOKEN}\n`)]),
    });
    expect(await run()).toBe('succeeded');
    expect(host.text('/etc/made')).toContain(TOKEN);
    const [{ program, request, mode } = { program: undefined, request: '', mode: 0 }] = started;
    expect(mode).toBe(0o600);
    expect(request).toContain(TOKEN);
    expect(JSON.stringify(program)).not.toContain(TOKEN);
    expect(JSON.stringify(seen)).not.toContain(TOKEN);
    expect(existsSync(program?.words[3] ?? '')).toBe(false);
  });

  it('asks about a failed step where somebody can answer, and goes on in the same run', async () => {
    const host = new FakeHost(FILES);
    const write = host.write.bind(host);
    host.write = () => Promise.reject(new Failure({ code: 'disk-full', message: 'Full.' }));
    const { seen, run } = await installing({ host, given: { yes: false, output: 'screens' } });
    const outcome = await run(() => {
      host.write = write;
      return Promise.resolve('retry');
    });
    expect(outcome).toBe('succeeded');
    expect(seen.filter(({ type }) => type === 'run-started')).toHaveLength(1);
    expect(seen.find(({ type }) => type === 'answer')).toMatchObject({ choice: 'retry' });
  });

  it('asks nothing with --yes', async () => {
    const host = new FakeHost(FILES);
    host.write = () => Promise.reject(new Failure({ code: 'disk-full', message: 'Full.' }));
    const { run } = await installing({ host });
    expect(await run(() => Promise.reject(new Error('asked')))).toBe('failed');
  });

  it('is refused for what any run is, in the same words', async () => {
    const first = await installing();
    const { run, ports } = first;
    const { takeLock } = await import('../../source/engine/lock');
    const lock = await takeLock(join(ports.directories.stateDirectory, 'lock'));
    await expect(run()).rejects.toMatchObject({ report: { code: 'locked' } });
    await lock.release();
    expect(await run()).toBe('succeeded');
  });

  it('changes nothing where the values are no longer those that were agreed to, or another program is there', async () => {
    const { host, run } = await installing();
    await host.write('/site/variables', Buffer.from('DOCKER_REGISTRY=other.example\n'), 0o644);
    const changed = host.changes.length;
    await expect(run()).rejects.toMatchObject({ report: { code: 'values-changed' } });
    expect(host.changes).toHaveLength(changed);
    const other = await installing({ product: 'kube-el7-install 9' });
    await expect(other.run()).rejects.toMatchObject({ report: { code: 'values-changed' } });
    expect(other.host.changes).toEqual([]);
  });

  it('that breaks by a bug is that bug here, with its stack from there', async () => {
    const recipe = { ...recipeOf(), work: () => Promise.reject(new TypeError('a bug')) };
    const { run, code } = await installing({ recipe });
    const error: unknown = await run().catch((reason: unknown) => reason);
    expect(error).not.toBeInstanceOf(Failure);
    expect((error as Error).stack).toMatch(/TypeError: a bug\n\s+at /);
    expect(await code()).toBe(1);
  });

  it('whose process ends before it began is told with what it said, and no request stays', async () => {
    const { run, directory } = await installing({
      start: async program => {
        const { writeFile } = await import('node:fs/promises');
        await writeFile(program.log, 'node: bad option\n');
        return { ended: () => Promise.resolve('exit code 9') };
      },
    });
    await expect(run()).rejects.toMatchObject({
      report: { code: 'engine-not-started', seen: ['node: bad option'] },
    });
    expect(readdirSync(directory)).toEqual([]);
  });
});
