import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lab } from '../lab';
import type { LabHost } from '../lab';
import { AddressWatch } from '../watch/address';
import { administratorAccess } from '../watch/api';
import { PodProber } from '../watch/pod-prober';
import { Writer } from '../watch/writer';
import { expectServiceReachable } from './cluster';
import { expectDnsApart } from './dns-hosts';
import { expectEndpoint } from './endpoint';
import { nextToLose, surviveIsolation, survivePowerCut } from './loss';
import type { Cluster } from './loss';
import { first, freshNodes, joinAll, joining, namesOf, siteFaces, three } from './masters';
import { becomesWhole } from './masters-state';
import { expectRepaired, expectWorkerStays } from './repair';
import { expectNoSecrets } from './secrets';
import { expectSecretsRefused } from './secrets-refused';
import { complaint, eventsOfType, fileTimes, install, kubectl } from './support';
import type { InstallRun } from './support';
import { InstallUnderWay, stepEnded } from './under-way';

/** Where the installer is killed on its way, each time when a step of the second master has just ended. */
const kills = [
  { when: 'a member to be added to etcd and not yet promoted', step: 'etcd-add' },
  { when: "one of the jobs that swap etcd's pods to be done", step: 'etcd-swap' },
];

/** Their names have 47 characters, and the default route leads over another card than the cluster's. */
describe('three masters and a worker, behind a VIP that is a host name', () => {
  let lab: Lab;
  let cluster: Cluster;
  let flags: string;

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    const nodes = await freshNodes(
      lab,
      { masters: three, workers: ['worker1'] },
      { prepared: true, faces: siteFaces },
    );
    flags = `--yes --output json --vip ${lab.vip.name} --masters ${namesOf(nodes.masters)}`;
    cluster = { ...nodes, vip: new AddressWatch(lab.vip.address, nodes.masters), lost: [] };
  });

  afterAll(async () => {
    cluster.vip.stop();
    await cluster.writer?.stop();
    await cluster.prober?.stop();
    // What is left is three masters, as others begin with.
    for (const worker of cluster.workers) {
      await kubectl(master(), `delete node ${worker.name}`);
      await worker.powerCut();
    }
  });

  const master = (): LabHost => first(cluster);
  const runs: InstallRun[] = [];

  test('come up, though the installer is killed with -9 between an add and the promotion, and between two jobs', async () => {
    const joined = joinAll(master(), joining(cluster));
    let installer = InstallUnderWay.start(master(), flags);
    await installer.reaches('the control plane', stepEnded('kubeadm-init'));
    const access = await administratorAccess(master(), lab.vip);
    cluster.writer = await Writer.start(access);
    const second = cluster.masters[1]?.name ?? '';
    for (const { when, step } of kills) {
      await installer.reaches(when, stepEnded(`${step}-${second}`));
      await installer.kill();
      installer = InstallUnderWay.start(master(), flags);
    }
    const run = await installer.ended();
    await joined;
    runs.push(run);
    expect(complaint(run)).toBe('');
    expect(eventsOfType(run.events, 'run-started')[0]?.resumed).toBe(true);
    await expectDnsApart(master());
    await becomesWhole(master(), cluster.masters, cluster.workers);
  });

  test('have lost no write that was acknowledged while etcd grew from one member to three', async () => {
    const { writer } = cluster;
    if (writer === undefined) throw new Error('nothing was written');
    await writer.writesAfter(Date.now());
    console.log(
      `growth: longest pause ${String(writer.longestPause().ms)} ms, ${JSON.stringify(writer.counts)}`,
    );
    expect(writer.counts.acknowledged).toBeGreaterThan(100);
    for (const { address } of cluster.masters) expect(await writer.lost({ address })).toEqual([]);
  });

  test('are named by the host name wherever a client or a node is told of them, with certificates for name and address', async () => {
    await expectEndpoint(cluster, lab.vip);
  });

  test('show no key and no token in the events of the run, and keep none in journal and logs', async () => {
    await expectNoSecrets(master(), { 'the events': runs.map(run => run.stdout).join('\n') });
  });

  test('are found unchanged by a second run, which moves no file on any of them', async () => {
    const times = (): Promise<string[]> => Promise.all(cluster.masters.map(fileTimes));
    const before = await times();
    const second = await install(master(), flags);
    expect(complaint(second)).toBe('');
    const steps = eventsOfType(second.events, 'step-finished');
    expect(steps.length).toBeGreaterThan(20);
    expect(steps.filter(event => event.outcome !== 'unchanged').map(event => event.step)).toEqual([]);
    expect(eventsOfType(second.events, 'change-started')).toEqual([]);
    expect(await times()).toEqual(before);
  });

  test('are left alone by an installer that is started on the second, which says where to run it', async () => {
    const second = cluster.masters[1];
    if (second === undefined) throw new Error('there is one master');
    const before = await fileTimes(second);
    const run = await install(second, flags);
    expect(run.code).toBe(2);
    const findings = eventsOfType(run.events, 'check-finished').flatMap(event => event.findings);
    expect(findings.filter(({ level }) => level === 'fatal').map(({ message }) => message)).toContainEqual(
      expect.stringContaining(master().name),
    );
    expect(await fileTimes(second)).toBe(before);
  });

  test('keep what makes a master from a bootstrap token, default service accounts and nodes', async () => {
    await expectSecretsRefused(cluster);
  });

  test("reach each other's pods over the card that the cluster is on, which each has announced", async () => {
    for (const host of [...cluster.masters, ...cluster.workers]) {
      const said = await kubectl(
        master(),
        `get node ${host.name} -o jsonpath='{.metadata.annotations.flannel\\.alpha\\.coreos\\.com/public-ip} {.status.addresses[?(@.type=="InternalIP")].address}'`,
      );
      expect(said).toBe(`${host.address} ${host.address}`);
      expect(await host.succeed('ip -4 route show default')).toContain('dev ens160');
    }
  });

  test('serve a worker that joined through the VIP: its pod reaches a service by name', async () => {
    for (const worker of cluster.workers) {
      await expectServiceReachable(master(), worker, lab.registry.plain);
      cluster.prober = await PodProber.start({
        access: await administratorAccess(master(), lab.vip),
        image: `${lab.registry.plain}/lab-probe:1`,
        master: master().name,
        worker,
        withinMs: 120_000,
      });
    }
  });

  test('are repaired where the files of one were destroyed', async () => {
    await expectRepaired(cluster);
  });

  test('are not joined by a worker that says it is a master', async () => {
    await expectWorkerStays(cluster);
  });

  for (const turn of ['first', 'second', 'third']) {
    test(`survive the power cut of the ${turn} of them, and are whole again without a hand`, async () => {
      await survivePowerCut(cluster, await nextToLose(cluster));
    });
  }

  test("survive that the VIP's owner is cut off the network, and it writes nothing meanwhile", async () => {
    await surviveIsolation(cluster);
  });

  test('have lost no acknowledged write in all that', async () => {
    const { writer } = cluster;
    await writer?.stop();
    for (const { address } of cluster.masters) expect(await writer?.lost({ address })).toEqual([]);
  });
});
