import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Arguments } from '../../source/arguments';
import type { Event } from '../../source/engine/event';
import { Failure } from '../../source/engine/failure';
import { runHeadless } from '../../source/installation/headless';
import { openInstaller, type Ports } from '../../source/installation/installation';
import type { Recipe } from '../../source/installation/recipe';
import { FakeHost } from '../support/fake-host';
import { fileStep, fine, given, portsOn, recipeOf, TOKEN } from './ports';

const VARIABLES = 'DOCKER_REGISTRY=10.0.0.5:5000\n';

async function headless(
  host: FakeHost,
  options: { given?: Partial<Arguments>; recipe?: Recipe; ports?: Partial<Ports>; signal?: AbortSignal } = {},
) {
  const said = { ...given, ...options.given };
  const ports = portsOn(host, options.ports);
  const { installer, problems } = await openInstaller(said, options.recipe ?? recipeOf(), ports);
  const seen: Event[] = [];
  let complaint = '';
  const code = await runHeadless({
    installer,
    problems,
    arguments: said,
    listener: event => seen.push(event),
    signal: options.signal ?? new AbortController().signal,
    now: new AbortController().signal,
    hangUp: new AbortController().signal,
    print: () => undefined,
    complain: text => {
      complaint += text;
    },
  });
  return { code, seen, complaint, ports, types: seen.map(event => event.type) };
}

describe('a run without questions', () => {
  it('checks, runs, and is 0; the second time nothing changes', async () => {
    const host = new FakeHost({ '/site/variables': VARIABLES });
    const first = await headless(host);
    expect(first.code).toBe(0);
    expect(host.text('/etc/made')).toBe('x\n');
    expect(first.types.slice(0, 4)).toEqual([
      'check-started',
      'check-finished',
      'preflight-finished',
      'run-started',
    ]);
    expect(first.seen.map(event => event.seq)).toEqual(first.seen.map((_, index) => index + 1));
    expect(new Set(first.seen.map(event => event.run)).size).toBe(1);
    const changed = host.changes.length;
    const second = await headless(host);
    expect(second.code).toBe(0);
    expect(host.changes).toHaveLength(changed);
    expect(second.seen.at(-1)).toMatchObject({ type: 'run-finished', changed: 0, unchanged: 1 });
  });

  it('removes what a run that was killed was writing, though the file is as it should be by now', async () => {
    const left = '/etc/.made.0123456789ab.new';
    const host = new FakeHost({ '/site/variables': VARIABLES });
    const first = await headless(host);
    const { stateDirectory } = first.ports.directories;
    const journal = join(stateDirectory, 'journal.jsonl');
    const lines = readFileSync(journal, 'utf8').split('\n');
    const cut = lines.findIndex(line => line.includes('"change-started"'));
    writeFileSync(journal, lines.slice(0, cut + 1).join('\n'));
    host.put(left, 'x');
    const second = await headless(host, { ports: first.ports });
    expect(second.code).toBe(0);
    expect(second.seen.at(-1)).toMatchObject({ type: 'run-finished', changed: 0, unchanged: 1 });
    expect(host.text(left)).toBeUndefined();
  });

  it('stops with 2 at a fatal finding, with nothing changed', async () => {
    const host = new FakeHost({ '/site/variables': VARIABLES });
    const bad = {
      ...fine,
      run: () => Promise.resolve([{ level: 'fatal' as const, message: 'no', fix: 'mend' }]),
    };
    const { code, types, complaint } = await headless(host, { recipe: recipeOf([fine, bad]) });
    expect(code).toBe(2);
    expect(types).not.toContain('run-started');
    expect(host.changes).toEqual([]);
    expect(complaint).toContain('1 fatal finding');
  });

  it('takes a check that breaks for fatal, and makes the others all the same', async () => {
    const host = new FakeHost({ '/site/variables': VARIABLES });
    const breaks = { ...fine, id: 'breaks', run: () => Promise.reject(new TypeError('x is undefined')) };
    const failing = {
      ...fine,
      id: 'fails',
      run: () => Promise.reject(new Failure({ code: 'c', message: 'Not now.', hint: 'Later.' })),
    };
    const { code, seen } = await headless(host, { recipe: recipeOf([breaks, failing, fine]) });
    expect(code).toBe(2);
    const findings = seen.flatMap(event => (event.type === 'check-finished' ? event.findings : []));
    expect(findings).toHaveLength(3);
    expect(findings[0]?.message).toContain('x is undefined');
    expect(findings[1]).toEqual({ level: 'fatal', message: 'Not now.', fix: 'Later.' });
  });

  it('is 1 where a step fails', async () => {
    const host = new FakeHost({ '/site/variables': VARIABLES });
    host.write = () => Promise.reject(new Failure({ code: 'disk-full', message: 'Full.' }));
    const { code, seen } = await headless(host);
    expect(code).toBe(1);
    expect(seen.at(-1)).toMatchObject({ outcome: 'failed', failure: { code: 'disk-full' } });
  });

  it('is 130 where it was interrupted before anything ran', async () => {
    const host = new FakeHost({ '/site/variables': VARIABLES });
    const { code } = await headless(host, { signal: AbortSignal.abort() });
    expect(code).toBe(130);
    expect(host.changes).toEqual([]);
  });

  it('is 3 with all problems where something is wrong, and runs no check', async () => {
    const host = new FakeHost({ '/site/variables': 'TILLER=maybe\nFOO=1\n' });
    const { code, seen, complaint } = await headless(host);
    expect(code).toBe(3);
    expect(seen).toEqual([]);
    expect(complaint).toContain('3 things are wrong');
    expect(complaint.match(/variables:2: FOO/g)).toHaveLength(1);
  });

  it('refuses to change anything unless it is root', async () => {
    const host = new FakeHost({ '/site/variables': VARIABLES });
    await expect(headless(host, { ports: { root: false } })).rejects.toMatchObject({
      report: { code: 'not-root' },
    });
    expect(host.changes).toEqual([]);
  });

  it('does not end well where its work has come to be refused since the checks', async () => {
    const host = new FakeHost({ '/site/variables': VARIABLES });
    const refused = { code: 'recovery-refused', message: 'Not as it was.' };
    const recipe = { ...recipeOf(), work: () => Promise.resolve({ stages: [], refused }) };
    const ports = portsOn(host);
    await expect(headless(host, { recipe, ports })).rejects.toMatchObject({ report: refused });
    // And leaves its lock to the next one.
    await expect(headless(host, { recipe, ports })).rejects.toMatchObject({ report: refused });
    expect((await headless(host, { ports })).code).toBe(0);
  });
});

describe('a plan', () => {
  const plan = { command: 'plan' } as const;

  it('is one event with values and sources, steps and changes, and changes nothing', async () => {
    const host = new FakeHost({ '/site/variables': VARIABLES });
    const { code, seen } = await headless(host, { given: plan });
    expect(code).toBe(0);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      type: 'plan',
      steps: [{ id: 'one-file', changes: [{ kind: 'write', title: '/etc/made' }] }],
      notes: ['Noted.'],
    });
    expect(JSON.stringify(seen)).toContain(
      '"DOCKER_REGISTRY","value":"10.0.0.5:5000","source":"variables:1"',
    );
    expect(host.changes).toEqual([]);
  });

  it('made by somebody else than root says what it could not read', async () => {
    const host = new FakeHost({ '/site/variables': VARIABLES, '/etc/made': 'x\n' });
    const read = host.read.bind(host);
    host.read = path =>
      path === '/etc/made'
        ? Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }))
        : read(path);
    const { code, seen } = await headless(host, { given: plan, ports: { root: false } });
    expect(code).toBe(0);
    expect(JSON.stringify(seen)).toMatch(/not made by root.*\/etc\/made/);
  });
});

describe('the variables file', () => {
  const registry = async (host: FakeHost, said: Partial<Arguments> = {}) => {
    const { installer, problems } = await openInstaller({ ...given, ...said }, recipeOf(), portsOn(host));
    return problems.length > 0 ? problems[0] : installer.defaults.DOCKER_REGISTRY;
  };

  it('is the one named, else ./variables, else the one of the package', async () => {
    const files = {
      '/package/variables': 'DOCKER_REGISTRY=package.example\n',
      '/package/variables.external': 'DOCKER_REGISTRY=external.example\n',
    };
    expect(await registry(new FakeHost(files))).toBe('package.example');
    expect(await registry(new FakeHost(files), { external: true })).toBe('external.example');
    const more = { ...files, '/site/variables': VARIABLES, '/site/mine': 'DOCKER_REGISTRY=mine.example\n' };
    expect(await registry(new FakeHost(more))).toBe('10.0.0.5:5000');
    expect(await registry(new FakeHost(more), { variablesFile: 'mine' })).toBe('mine.example');
    expect(await registry(new FakeHost(more), { variablesFile: '/site/mine' })).toBe('mine.example');
    expect(await registry(new FakeHost({}))).toBe('');
  });

  it('that is named and not there, or is no text, is a problem', async () => {
    expect(await registry(new FakeHost(), { variablesFile: 'mine' })).toMatchObject({
      value: '/site/mine',
      wrong: 'is not there',
    });
    const host = new FakeHost({ '/site/variables': Buffer.from([0x41, 0x3d, 0xff]) });
    expect(await registry(host)).toMatchObject({ wrong: 'is not text in UTF-8' });
  });
});

describe('a token', () => {
  const steps = [fileStep('/etc/made', `token ${TOKEN}\n`)];

  it('given by a file is in no event, journal or log, though a step writes it', async () => {
    const host = new FakeHost({
      '/site/variables': VARIABLES,
      '/site/token': { content: `${TOKEN}\n`, mode: 0o600 },
    });
    const { code, seen, ports } = await headless(host, {
      given: { tokenFile: 'token' },
      recipe: recipeOf([fine], steps),
    });
    expect(code).toBe(0);
    expect(host.text('/etc/made')).toContain(TOKEN);
    expect(JSON.stringify(seen)).not.toContain(TOKEN);
    expect(JSON.stringify(seen)).toContain('token [secret]');
    const journal = readFileSync(join(ports.directories.stateDirectory, 'journal.jsonl'), 'utf8');
    expect(journal).toContain('/etc/made');
    expect(journal).not.toContain(TOKEN);
  });

  it('in a file that everybody can read is refused', async () => {
    const host = new FakeHost({ '/site/variables': VARIABLES, '/site/token': `${TOKEN}\n` });
    const { code, complaint } = await headless(host, { given: { tokenFile: 'token' } });
    expect(code).toBe(3);
    expect(complaint).toContain('can be read by everybody');
    expect(complaint).not.toContain(TOKEN);
  });
});

it('puts answers over flags, and tells the defaults', async () => {
  const host = new FakeHost({ '/site/variables': VARIABLES });
  const said = { ...given, answers: { KUBE_VERSION: '1.19.16' } };
  const { installer } = await openInstaller(said, recipeOf(), portsOn(host));
  expect(installer.defaults).toEqual({
    KUBE_VERSION: '1.19.16',
    DOCKER_REGISTRY: '10.0.0.5:5000',
    vip: '',
    masters: '',
  });
  const loaded = await installer.settings({ KUBE_VERSION: '1.18.20' });
  expect(loaded).toMatchObject({ settings: { kubeVersion: '1.18.20' } });
});

it('can run again after a failure with the same settings', async () => {
  const host = new FakeHost({ '/site/variables': VARIABLES });
  const { installer } = await openInstaller(given, recipeOf(), portsOn(host));
  const loaded = await installer.settings({});
  if (!('settings' in loaded)) throw new Error('no settings');
  const write = host.write.bind(host);
  host.write = () => Promise.reject(new Failure({ code: 'c', message: 'm' }));
  const options = {
    listener: () => undefined,
    ask: () => Promise.resolve('quit'),
    signal: new AbortController().signal,
  };
  expect(await installer.run(loaded.settings, options)).toBe('failed');
  host.write = write;
  expect(await installer.run(loaded.settings, options)).toBe('succeeded');
});
