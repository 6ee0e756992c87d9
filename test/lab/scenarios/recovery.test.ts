import { describe, expect, test } from 'vitest';
import { until } from '../lab';
import type { LabHost } from '../lab';
import { AddressWatch } from '../watch/address';
import { expectReportedLoss, loseOthers } from './lost-quorum';
import { standing } from './replaced';
import { complaint, eventsOfType, install } from './support';
import { Terminal, wrapped } from './terminal';
import { InstallUnderWay } from './under-way';

/** One cluster that suffers what there is to suffer; each cause alone, and more of each, is in `long`. */
describe('three masters', () => {
  const cluster = standing();

  test('get their first one back at another address, though the installer is killed with -9 on its way', async () => {
    const since = Date.now();
    const old = cluster().lab.host('master1');
    await cluster().lose({ master1: 'replaced' });
    await cluster().join('master1');
    const installer = InstallUnderWay.start(cluster().survivor('master1'), cluster().putBackCommand);
    await installer.reaches(
      'the member to be added, and not yet promoted',
      event => event.type === 'step-finished' && event.step === `etcd-add-${old.name}`,
    );
    await installer.kill();
    const run = await cluster().putBack('master1');
    expect(complaint(run)).toBe('');
    expect(eventsOfType(run.events, 'run-started')[0]?.resumed).toBe(true);
    await cluster().expectWhole('master1, another address, killed on the way', since);

    const vip = new AddressWatch(cluster().lab.vip.address, [old]);
    await old.boot();
    await etcdHasEnded(old);
    expect(vip.seen.flatMap(({ owners }) => owners)).toEqual([]);
    vip.stop();
    await old.powerCut();
    await cluster().expectWhole('the old master1, back from the dead and off again', since);
  });

  test('need nothing more then', async () => {
    const run = await cluster().putBack();
    expect(complaint(run)).toBe('');
    // What is only awaited changes nothing; and the first run on a host notes there which cluster etcd has.
    const changes = eventsOfType(run.events, 'change-started').map(({ change }) => change);
    const noted = '/var/lib/kube-el7-install/etcd-cluster-id';
    expect(changes.filter(({ kind, title }) => kind !== 'await' && title !== noted)).toEqual([]);
    expect(eventsOfType(run.events, 'step-finished').map(({ step }) => step)).toContain('verify-cluster');
  });

  test('of which two are lost are not restored by --yes alone', async () => {
    const survivor = cluster().lab.host('master2');
    lostAt = await loseOthers(cluster(), survivor);
    const run = await install(survivor, 'readd-member --yes --output json');
    expect(run.code).toBe(2);
    expect(run.stdout).toContain('--accept-data-loss');
  });

  test("are restored from the survivor's own data, with the loss that was reported", async () => {
    const survivor = cluster().lab.host('master2');
    const run = await install(survivor, 'readd-member --yes --accept-data-loss --output json');
    expect(complaint(run)).toBe('');
    await expectReportedLoss(cluster(), survivor, lostAt);
  });

  test('grow again by the screen, two at once, one of them at its old address', async () => {
    const survivor = cluster().lab.host('master2');
    const since = Date.now();
    await cluster().writeAnew();
    await cluster().lose({ master1: 'replaced', master3: 'wiped' });
    for (const name of ['master1', 'master3']) await cluster().join(name, survivor);
    const terminal = await Terminal.openInstaller(survivor, 'readd-member');
    try {
      const [one, other] = ['master1', 'master3'].map(role => cluster().lab.host(role).name);
      await terminal.shows(wrapped(`${one} and ${other} can be put back now`), 180_000);
      await terminal.press('y');
      await terminal.shows(wrapped(`${one}, ${other} are back: etcd has 3 voters`), 600_000);
    } finally {
      await terminal.close();
    }
    await cluster().expectWhole('grown again from master2, by screen', since, { withoutRedundancy: true });
  });

  let lostAt = 0;
});

/** Waits until etcd on a host that came back from the dead has been told that it is no member any more. */
async function etcdHasEnded(host: LabHost): Promise<void> {
  const asked = "docker ps --all --filter name=k8s_etcd --format '{{.Status}}'";
  await until(`etcd on the old ${host.name} to end`, 180_000, async () => {
    const said = await host.succeed(asked);
    if (!/^Exited/m.test(said)) throw new Error(said || 'it has not been started');
  });
}
