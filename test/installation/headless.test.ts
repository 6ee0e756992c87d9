import { describe, expect, it } from 'vitest';
import type { Arguments } from '../../source/arguments';
import { runHeadless } from '../../source/installation/headless';
import { jsonListener } from '../../source/renderers/json';
import { plainListener } from '../../source/renderers/plain';
import { replaced } from '../screens/support/diagnoses';
import { FakeInstaller } from '../screens/support/fake-installer';
import { given } from './ports';

/** What stands on standard output. */
async function printed(said: Partial<Arguments>, installer: FakeInstaller): Promise<string> {
  let text = '';
  const print = (more: string): void => {
    text += more;
  };
  installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: '10.0.0.5:5000' };
  const never = new AbortController().signal;
  const code = await runHeadless({
    ...{ installer, problems: [], print, arguments: { ...given, ...said } },
    ...{ signal: never, now: never, hangUp: never },
    listener: said.output === 'json' ? jsonListener(print) : plainListener(print),
    complain: complaint => expect.unreachable(complaint),
  });
  expect(code).toBe(0);
  return text;
}

const putsBack = { command: 'readd-member', planOnly: true } as const;

function examining(): FakeInstaller {
  const installer = new FakeInstaller();
  installer.diagnoses = [replaced];
  return installer;
}

describe('the plan of putting members back', () => {
  it('as lines begins with how each member is', async () => {
    const text = await printed(putsBack, examining());
    const places = [
      'etcd of the cluster 10.160.24.100, seen from master1: It can be mended now\n',
      'master2  voter   10.160.24.12  91bc3c398fb3c142  has another address',
      'quorum     now 2 of 3 voters',
      '\n\nValues\n',
      'Nothing was changed.\n',
    ].map(part => text.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(places[0]).toBe(0);
  });

  it('as events has nothing but them', async () => {
    const text = await printed({ ...putsBack, output: 'json' }, examining());
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(text)).toMatchObject({ type: 'plan' });
  });

  it('is what it was where nothing could be examined', async () => {
    expect(await printed(putsBack, new FakeInstaller())).toMatch(/^Values\n/);
  });
});

it('the plan of another command examines no member of etcd', async () => {
  const installer = examining();
  expect(await printed({ command: 'undo', planOnly: true }, installer)).toMatch(/^Values\n/);
  expect(installer.calls).toEqual(['plan']);
});
