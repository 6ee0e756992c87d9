import { beforeAll, describe, expect, test } from 'vitest';
import { Lab } from '../lab';
import type { LabHost } from '../lab';
import { expectWorkingMaster } from './cluster';
import { differences, hostState } from './host-state';
import { freshNodes, joinAll } from './masters';
import { complaint, eventsOfType, freshHost, install, kubectl } from './support';
import { InstallUnderWay } from './under-way';

const keptFolder = '/var/lib/kube-el7-install/kept';

/** What stays after an undo by intention, each told in its plan. */
const stays =
  /^\+ (package kernel-|directory \d+ (\/etc\/docker|\/opt\/containerd(\/\w+)?)$|interface docker0|route 172\.17\.)/;

async function keptIn(host: LabHost): Promise<string> {
  const names = (await host.succeed(`ls ${keptFolder}`)).trim().split('\n');
  return `${keptFolder}/${names.at(-1) ?? ''}`;
}

describe('undo', () => {
  test('takes back an installation that was killed half way, and a new one succeeds', async () => {
    const lab = await Lab.open(undefined, console.log);
    const master = await freshHost(lab, 'master1');
    const before = await hostState(master);
    const installer = InstallUnderWay.start(master);
    await installer.reaches(
      'the middle of kubeadm init',
      event => event.type === 'output' && event.line.includes('[kubeconfig] Writing'),
    );
    await installer.kill();
    const undone = await install(master, 'undo --yes --output json');
    expect(complaint(undone)).toBe('');
    expect(differences(before, await hostState(master)).filter(line => !stays.test(line))).toEqual([]);
    const again = await install(master, 'undo --yes --output json');
    expect(again.code).toBe(2);
    expect(JSON.stringify(again.events)).toContain('no run has changed anything');
    const run = await install(master);
    expect(complaint(run)).toBe('');
    await expectWorkingMaster(master, { tiller: false });
  });
});

describe('reset', () => {
  let lab: Lab;
  let master: LabHost;
  let worker: LabHost;
  let prepared: Readonly<Record<'master' | 'worker', readonly string[]>>;

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    const nodes = await freshNodes(lab, { masters: ['master1'], workers: ['worker1'] }, { prepared: true });
    [master, worker] = [nodes.masters[0], nodes.workers[0]] as [LabHost, LabHost];
    expect(complaint(await install(master, 'prepare --yes --output json'))).toBe('');
    prepared = { master: await hostState(master), worker: await hostState(worker) };
    expect(complaint(await install(master))).toBe('');
    await joinAll(master, [worker]);
    await kubectl(master, 'wait --for=condition=Ready --timeout=180s node/worker1');
  });

  test('a worker is again as prepare left it, and joins anew', async () => {
    const run = await install(worker, 'reset --yes --output json');
    expect(complaint(run)).toBe('');
    expect(JSON.stringify(eventsOfType(run.events, 'check-finished'))).toContain(
      'kubectl delete node worker1',
    );
    expect(differences(prepared.worker, await hostState(worker))).toEqual([]);
    await kubectl(master, 'delete node worker1');
    await joinAll(master, [worker]);
    await kubectl(master, 'wait --for=condition=Ready --timeout=180s node/worker1');
    await expectWorkingMaster(master, { tiller: false, workers: ['worker1'] });
  });

  test('undo of a cluster that others have joined is refused, and names them', async () => {
    const run = await install(master, 'undo --yes --output json');
    expect(run.code).toBe(2);
    expect(JSON.stringify(run.events)).toContain('worker1 has joined the cluster');
  });

  test('the only master is reset only where the loss is accepted; a snapshot is kept, and a new install succeeds', async () => {
    const refused = await install(master, 'reset --yes --output json');
    expect(refused.code).toBe(2);
    expect(JSON.stringify(refused.events)).toContain('--accept-data-loss');
    await master.succeed('cp /var/lib/kube-el7-install/bin/etcdctl /tmp/etcdctl');
    const keys = await master.succeed('sha256sum </etc/kubernetes/pki/ca.key');
    // What this test's own kubectl has left.
    await master.succeed('rm -rf /root/.kube/cache');
    const run = await install(master, 'reset --yes --accept-data-loss --output json');
    expect(complaint(run)).toBe('');
    expect(differences(prepared.master, await hostState(master))).toEqual([]);
    const kept = await keptIn(master);
    const status = await master.succeed(`ETCDCTL_API=3 /tmp/etcdctl snapshot status ${kept}/etcd.db -w json`);
    expect(JSON.parse(status)).toEqual(JSON.parse(await master.read(`${kept}/etcd.json`)));
    expect(await master.succeed(`sha256sum <${kept}/kubernetes/pki/ca.key`)).toBe(keys);
    expect(await master.succeed(`stat -c %a ${kept}`)).toBe('700\n');
    const undo = await install(master, 'undo --yes --output json');
    expect(undo.code).toBe(2);
    expect(complaint(await install(master))).toBe('');
    await expectWorkingMaster(master, { tiller: false });
  });
});
