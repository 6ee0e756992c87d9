import { cpSync, mkdirSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { MasterTrial, shells } from './master-trial';

const ADMIN = '/etc/kubernetes/admin.conf';
const APISERVER = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const PKI = '/etc/kubernetes/pki';
const MEMBER = '/var/lib/etcd/member';

let trial: MasterTrial;
afterEach(() => trial.remove());

async function settled(shell: string): Promise<void> {
  trial = new MasterTrial(shell, true);
  trial.start();
  await trial.until(() => trial.report.tainted === true);
}

/** Until no more programs are started: nothing is pending any more. */
async function quiet(): Promise<number> {
  for (let before = -1; before !== trial.started; ) {
    before = trial.started;
    await setTimeout(1_000);
  }
  return trial.started;
}

/** Those whose tail is the machine's, which has inotify, and not their own. */
const waking = shells.filter(shell => !shell.includes('busybox'));

describe.each(waking)('the script that makes masters, in %s', shell => {
  it('starts nothing while nothing happens', async () => {
    await settled(shell);
    expect(trial.output).toContain('files: tail says when one changes (inotify)');
    const before = await quiet();
    expect(before).toBeGreaterThan(20);
    // Forty times as long as it waits between looks while something is pending.
    await setTimeout(2_000);
    expect(trial.started).toBe(before);
  });

  it('is woken by each way in which a file is lost, and is quiet again afterwards', async () => {
    await settled(shell);
    const lose: readonly (() => void)[] = [
      () => { trial.drop(ADMIN); },
      () => { trial.write(ADMIN, ''); },
      () => { trial.drop(APISERVER); },
      // The directory may be another one with the same number afterwards.
      () => { trial.removeFolder(PKI); },
      () => { trial.drop(`${PKI}/etcd/peer.key`); },
    ];
    for (const one of lose) {
      const before = await quiet();
      one();
      await trial.until(() => trial.has('one'));
      expect(trial.started).toBeGreaterThan(before);
    }
    expect(trial.output).not.toContain('tail cannot use inotify');
  });

  it('puts back at once what is lost again as soon as it was put back', async () => {
    await settled(shell);
    for (let times = 0; times < 3; times += 1) {
      trial.drop(ADMIN);
      await trial.until(() => trial.has('one'));
    }
  });

  it('says that somebody else changed a file, once it is replaced', async () => {
    await settled(shell);
    await quiet();
    trial.write(ADMIN, 'mine\n');
    await trial.until(() => trial.report.changed?.[0] === ADMIN);
    await quiet();
    trial.write(ADMIN, trial.content(ADMIN, 'one'));
    await trial.until(() => trial.report.changed?.length === 0);
  });

  it('looks at all in any case when it begins to watch anew, and watches what is there then', async () => {
    await settled(shell);
    await quiet();
    // Nobody tells of a directory that is moved away.
    renameSync(join(trial.root, PKI), join(trial.root, 'moved'));
    trial.endWatch();
    await trial.until(() => trial.has('one'));
    await quiet();
    // Nor of another one in its place that looks the same.
    renameSync(join(trial.root, PKI), join(trial.root, 'moved too'));
    cpSync(join(trial.root, 'moved too'), join(trial.root, PKI), { recursive: true });
    trial.endWatch();
    await quiet();
    trial.drop(`${PKI}/ca.key`);
    await trial.until(() => trial.has('one'));
  });

  it('remembers soon that etcd has data', async () => {
    trial = new MasterTrial(shell);
    trial.start();
    trial.turn('start a1');
    await trial.until(() => trial.report.tainted === true && trial.report.etcd === 'start a1');
    await quiet();
    mkdirSync(join(trial.root, MEMBER));
    await trial.until(() => trial.text('/etc/kubernetes/kube-el7-install/etcd-had-data') === 'a1\n');
  });

  it('looks again while etcd of before is still ending, until it has ended', async () => {
    trial = new MasterTrial(shell);
    trial.write('/proc/net/tcp', ' 0: 0200000A:094C 00000000:0000 0A 0\n');
    trial.turn('out');
    trial.start();
    await trial.until(() => trial.report.etcd === 'wait, etcd is still ending' && trial.report.tainted === true);
    const before = trial.started;
    await trial.until(() => trial.started > before + 5);
    trial.write('/proc/net/tcp', '');
    await trial.until(() => trial.report.etcd === 'out');
    const after = await quiet();
    await setTimeout(1_000);
    expect(trial.started).toBe(after);
  });
});

describe.each(shells)("keepalived's manifest, in %s", shell => {
  const KEEPALIVED = '/etc/kubernetes/manifests/keepalived.yaml';
  const ASIDE = '/etc/kubernetes/manifests/.keepalived.yaml';
  const minutesAgo = (minutes: number): void => {
    const at = Date.now() / 1000 - minutes * 60;
    utimesSync(join(trial.root, ASIDE), at, at);
  };

  it('is left where a swap has it aside, but not for good', async () => {
    trial = new MasterTrial(shell, true);
    trial.start();
    await trial.until(() => trial.report.complete === true);
    trial.write(ASIDE, 'aside\n');
    trial.drop(KEEPALIVED);
    // Something else that is put back shows that there was a look.
    trial.drop(ADMIN);
    await trial.until(() => trial.text(ADMIN) === trial.content(ADMIN, 'one'));
    trial.drop(APISERVER);
    await trial.until(() => trial.text(APISERVER) === trial.content(APISERVER, 'one'));
    expect(trial.text(KEEPALIVED)).toBeUndefined();
    minutesAgo(6);
    await trial.until(() => trial.has('one'));
    // As on a host whose clock was set back by a power cut.
    minutesAgo(-90);
    trial.drop(KEEPALIVED);
    await trial.until(() => trial.has('one'));
  });
});

describe.each(shells)('the watch of the Secret, in %s', shell => {
  const MANIFESTS = '/etc/kubernetes/manifests';

  it('begins anew once the VIP was handed over from here, since its connection went to the VIP', async () => {
    await settled(shell);
    trial.deafen();
    await trial.until(() => trial.text('cluster/deaf') === undefined);
    trial.store('two');
    trial.drop(`${MANIFESTS}/keepalived.yaml`);
    trial.write(`${MANIFESTS}/.keepalived.yaml`, 'aside\n');
    await setTimeout(1_500);
    expect(trial.has('one')).toBe(false);
    expect(trial.text(ADMIN)).toBe(trial.content(ADMIN, 'one'));
    renameSync(join(trial.root, MANIFESTS, '.keepalived.yaml'), join(trial.root, MANIFESTS, 'keepalived.yaml'));
    await trial.until(() => trial.text(ADMIN) === trial.content(ADMIN, 'two'));
    expect(trial.output).not.toContain('cannot be watched');
  });
});

describe.each(shells.filter(shell => shell.includes('busybox')))('without inotify, in %s', shell => {
  it('looks every few seconds, and says so', async () => {
    await settled(shell);
    expect(trial.output).toContain("this image's tail has no inotify");
    trial.drop(ADMIN);
    await trial.until(() => trial.has('one'));
  });
});
