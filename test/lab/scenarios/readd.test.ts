import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lab, until } from '../lab';
import type { LabHost } from '../lab';
import { AddressWatch } from '../watch/address';
import { Standing } from './replaced';
import { complaint, eventsOfType, home, install } from './support';
import { Terminal } from './terminal';
import { InstallUnderWay } from './under-way';

/** Waits until etcd on a host that came back from the dead has been told that it is no member any more. */
async function etcdHasEnded(host: LabHost): Promise<void> {
  const asked = "docker ps --all --filter name=k8s_etcd --format '{{.Status}}'";
  await until(`etcd on the old ${host.name} to end`, 180_000, async () => {
    const said = await host.succeed(asked);
    if (!/^Exited/m.test(said)) throw new Error(said || 'it has not been started');
  });
}

describe('a master whose host was destroyed', () => {
  let lab: Lab;
  let cluster: Standing;

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    cluster = await Standing.raise(lab);
  });

  afterAll(async () => {
    await cluster.stop();
  });

  test('is put back by command though it was the first, at another address', async () => {
    const since = Date.now();
    await cluster.lose('master1', 'replaced');
    await cluster.join('master1');
    const run = await cluster.putBack('master1');
    expect(complaint(run)).toBe('');
    await cluster.expectWhole('master1, another address, by command', since);
  });

  test('is put back by the screen, with y', async () => {
    const since = Date.now();
    await cluster.lose('master2', 'replaced');
    await cluster.join('master2');
    const terminal = await Terminal.open(
      cluster.survivor('master2'),
      `cd ${home} && ./kube-el7-install readd-member`,
    );
    try {
      await terminal.shows(/master2 can be put back now/, 120_000);
      await terminal.press('y');
      await terminal.shows(/master2 is back|3 voters/, 420_000);
      await terminal.press('q');
    } finally {
      await terminal.close();
    }
    await cluster.expectWhole('master2, another address, by screen', since);
  });

  test('is put back while the dead one is left off, which does no harm when it returns', async () => {
    const since = Date.now();
    const old = lab.host('master3');
    await cluster.lose('master3', 'replaced');
    await cluster.join('master3');
    expect(complaint(await cluster.putBack('master3'))).toBe('');
    await cluster.expectWhole('master3, another address, by command', since);
    const vip = new AddressWatch(lab.vip.address, [old]);
    const returned = Date.now();
    await old.boot();
    await etcdHasEnded(old);
    expect(vip.seen.flatMap(({ owners }) => owners)).toEqual([]);
    vip.stop();
    await old.powerCut();
    await cluster.expectWhole('the old master3, back from the dead and off again', returned);
  });

  test('is put back at the same address, with an empty disk', async () => {
    const since = Date.now();
    await cluster.lose('master1', 'wiped');
    await cluster.join('master1');
    expect(complaint(await cluster.putBack('master1'))).toBe('');
    await cluster.expectWhole('master1, same address, empty disk', since);
  });

  test('is put back though the installer is killed with -9 on its way', async () => {
    const since = Date.now();
    await cluster.lose('master2', 'wiped');
    await cluster.join('master2');
    const host = cluster.survivor('master2');
    const installer = InstallUnderWay.start(host, 'readd-member --yes --output json master1 master2 master3');
    await installer.reaches(
      'the member to be added, and not yet promoted',
      event => event.type === 'step-finished' && event.step === 'etcd-add-master2',
    );
    await installer.kill();
    const run = await cluster.putBack('master2');
    expect(complaint(run)).toBe('');
    expect(eventsOfType(run.events, 'run-started')[0]?.resumed).toBe(true);
    await cluster.expectWhole('master2, killed on the way', since);
  });

  test('needs nothing more afterwards', async () => {
    const run = await install(cluster.survivor(), 'readd-member --yes --output json master1 master2 master3');
    expect(complaint(run)).toBe('');
    expect(eventsOfType(run.events, 'change-started')).toEqual([]);
  });
});
