import { expect, test } from 'vitest';
import { Lab, until } from '../../lab';
import type { LabHost } from '../../lab';
import { differences, hostState } from '../host-state';
import { freshNodes, installAndJoin, joinAll } from '../masters';
import { complaint, install, kubectl } from '../support';

/** Names of etcd's voters, as one of them lists them. */
async function voters(host: LabHost): Promise<readonly string[]> {
  const pki = '/etc/kubernetes/pki/etcd';
  const pair = `--cert=${pki}/healthcheck-client.crt --key=${pki}/healthcheck-client.key`;
  const list = await host.succeed(
    'ETCDCTL_API=3 /var/lib/kube-el7-install/bin/etcdctl --endpoints=https://127.0.0.1:2379 ' +
      `--cacert=${pki}/ca.crt ${pair} member list`,
  );
  const lines = list.split('\n').filter(line => line.includes(', started, ') && line.endsWith(', false'));
  return lines.map(line => line.split(', ')[2] ?? '').sort();
}

test('one of three masters is reset where the others can do without it, and joins again', async () => {
  const lab = await Lab.open(undefined, console.log);
  const names = ['master1', 'master2', 'master3'];
  const nodes = await freshNodes(lab, { masters: names, workers: [] }, { prepared: true });
  const [first, second, third] = nodes.masters as [LabHost, LabHost, LabHost];
  const prepared = await hostState(second);
  const flags = `--vip ${lab.vip.name} --masters ${names.join(',')}`;
  await installAndJoin(nodes, flags);

  await third.powerCut();
  const refused = await install(second, 'reset --yes --output json');
  expect(refused.code).toBe(2);
  expect(JSON.stringify(refused.events)).toContain('without this host 1 of 2, quorum 2');
  await third.boot();
  await until('etcd on master3 to be healthy again', 5 * 60_000, async () => {
    const plan = await install(second, 'reset --plan');
    if (!plan.stdout.includes('now 3 of 3 voters are healthy')) throw new Error(plan.stdout);
  });

  const run = await install(second, 'reset --yes --output json');
  expect(complaint(run)).toBe('');
  expect(differences(prepared, await hostState(second))).toEqual([]);
  expect(await voters(first)).toEqual(['master1', 'master3']);
  expect(await kubectl(first, 'get nodes -o name')).not.toContain('master2');
  expect(await second.succeed('ip -4 -o addr show')).not.toContain(lab.vip.address);

  await joinAll(first, [second]);
  const anew = await install(first, `--yes --output json ${flags}`);
  expect(complaint(anew)).toContain('readd-member master2');
  expect(complaint(await install(first, 'readd-member --yes --output json master2'))).toBe('');
  expect(await voters(first)).toEqual(names);
});
