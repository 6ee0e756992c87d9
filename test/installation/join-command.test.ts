import { expect, it } from 'vitest';
import { openInstaller } from '../../source/installation/installation';
import { JOIN_FILE, printJoinCommand } from '../../source/installation/join-command';
import { FakeHost } from '../support/fake-host';
import { fileStep, given, portsOn, recipeOf, TOKEN } from './ports';

const JOIN = `kubeadm join 10.0.0.1:6443 --token ${TOKEN}`;

async function join(host: FakeHost, registry = 'registry.invalid') {
  const said = { ...given, command: 'join-command' as const, answers: { DOCKER_REGISTRY: registry } };
  const recipe = recipeOf([], [fileStep(JOIN_FILE, `${JOIN}\n`)]);
  const { installer } = await openInstaller(said, recipe, portsOn(host));
  let printed = '';
  let complaint = '';
  const code = await printJoinCommand({
    installer,
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
