import { describe, expect, it } from 'vitest';
import { Failure } from '../../source/engine/failure';
import { openInstaller } from '../../source/installation/installation';
import { JOIN_FILE, printJoinCommand } from '../../source/installation/join-command';
import type { Installer } from '../../source/installer';
import { FakeHost } from '../support/fake-host';
import { fileStep, given, portsOn, recipeOf, TOKEN } from './ports';

const JOIN = `kubeadm join 10.0.0.1:6443 --token ${TOKEN}`;

async function join(host: FakeHost, registry = 'registry.invalid', run?: Installer['run']) {
  const said = { ...given, command: 'join-command' as const, answers: { DOCKER_REGISTRY: registry } };
  const recipe = recipeOf([], [fileStep(JOIN_FILE, `${JOIN}\n`)]);
  const { installer } = await openInstaller(said, recipe, portsOn(host));
  let printed = '';
  let complaint = '';
  const code = await printJoinCommand({
    installer: run === undefined ? installer : { ...installer, run },
    host,
    signal: new AbortController().signal,
    print: text => {
      printed += text;
    },
    complain: text => {
      complaint += text;
    },
  });
  return { code, printed, complaint };
}

it('prints the command whole, and nothing else', async () => {
  const host = new FakeHost({ '/etc/kubernetes/admin.conf': 'x' });
  expect(await join(host)).toEqual({ code: 0, printed: `${JOIN}\n`, complaint: '' });
});

it('says so where there is no cluster, and changes nothing', async () => {
  const host = new FakeHost();
  await expect(join(host)).rejects.toMatchObject({ report: { code: 'no-cluster' } });
  expect(host.changes).toEqual([]);
});

it('is 3 where a variable is wrong', async () => {
  const { code, complaint } = await join(new FakeHost(), 'http://x');
  expect(code).toBe(3);
  expect(complaint).toContain('DOCKER_REGISTRY');
});

describe('while an installation is at work', () => {
  const locked = () => Promise.reject(new Failure({ code: 'locked', message: 'Another run is at work.' }));

  it('prints the command that is there already, for it is then that nodes are to join', async () => {
    const host = new FakeHost({ '/etc/kubernetes/admin.conf': 'x', [JOIN_FILE]: `${JOIN}\n` });
    const { code, printed, complaint } = await join(host, 'registry.invalid', locked);
    expect({ code, printed }).toEqual({ code: 0, printed: `${JOIN}\n` });
    expect(complaint).toContain(JOIN_FILE);
  });

  it('says that it is at work where there is no command yet', async () => {
    const host = new FakeHost({ '/etc/kubernetes/admin.conf': 'x' });
    await expect(join(host, 'registry.invalid', locked)).rejects.toMatchObject({
      report: { code: 'locked' },
    });
  });

  it('does not take another failure for that', async () => {
    const host = new FakeHost({ '/etc/kubernetes/admin.conf': 'x', [JOIN_FILE]: `${JOIN}\n` });
    const notRoot = () => Promise.reject(new Failure({ code: 'not-root', message: 'Only root.' }));
    await expect(join(host, 'registry.invalid', notRoot)).rejects.toMatchObject({
      report: { code: 'not-root' },
    });
  });
});
