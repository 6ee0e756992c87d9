import { afterEach, describe, expect, it } from 'vitest';
import { MasterTrial, shells } from './master-trial';

const ADMIN = '/etc/kubernetes/admin.conf';
const APISERVER = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const SCHEDULER = '/etc/kubernetes/manifests/kube-scheduler.yaml';
const INIT = '/etc/kubernetes/manifests/etcd-init.yaml';
const MEMBER = '/var/lib/etcd/member';

let trial: MasterTrial;
afterEach(() => trial.remove());

const controlPlane = (): readonly string[] =>
  trial.list('/etc/kubernetes/manifests').filter(name => name.startsWith('kube-'));

/** A member that runs and has data, and has no vote yet. */
async function started(shell: string): Promise<void> {
  trial = new MasterTrial(shell);
  trial.start();
  trial.turn('start a1');
  await trial.until(() => trial.report.etcd === 'start a1');
  trial.write(`${MEMBER}/data`, '');
}

const gone = "refused: etcd's data is gone; run kube-el7-install readd-member";

describe.each(shells)('the control plane of a master that etcd grows to, in %s', shell => {
  it('is written once the member has its vote, the apiserver first, and is complete only then', async () => {
    await started(shell);
    await trial.until(() => trial.has('one'));
    expect(trial.report).toMatchObject({ complete: true, missing: [], changed: [] });
    expect(controlPlane()).toEqual([]);
    trial.turn('vote a1');
    await trial.until(() => trial.report.etcd === 'vote a1');
    expect(trial.report).toMatchObject({ complete: true, missing: [], did: `wrote 2 files, the last ${SCHEDULER}` });
    expect(controlPlane()).toEqual(['kube-apiserver.yaml', 'kube-scheduler.yaml']);
    expect(trial.text(INIT)).toContain('kind: Pod\n');
    expect(trial.text(`${MEMBER}/data`)).toBe('');
    trial.drop(APISERVER);
    await trial.until(() => trial.text(APISERVER) === trial.content(APISERVER, 'one'));
  });

  it('is as it is while its turn has not come: neither written anew nor missed, and still ours', async () => {
    await started(shell);
    trial.turn('vote a1');
    await trial.until(() => controlPlane().length === 2);
    trial.turn('wait');
    await trial.until(() => trial.report.etcd === 'wait');
    const digest = trial.store('two');
    trial.drop(SCHEDULER);
    await trial.until(() => trial.report.digest === digest && trial.has('two'));
    expect(trial.report).toMatchObject({ complete: true, missing: [], changed: [] });
    expect(trial.text(APISERVER)).toBe(trial.content(APISERVER, 'one'));
    expect(controlPlane()).toEqual(['kube-apiserver.yaml']);
    trial.turn('cluster');
    await trial.until(() => trial.text(APISERVER) === trial.content(APISERVER, 'two'));
    await trial.until(() => controlPlane().length === 2 && trial.report.complete === true);
  });

  it('is not complete with its turn where it cannot be written', async () => {
    await started(shell);
    trial.runs('v1.21.0');
    trial.store('    image: r:5000/kube-apiserver:v1.20.10');
    await trial.until(() => trial.text(ADMIN)?.includes('v1.20.10') === true);
    trial.turn('vote a1');
    await trial.until(() => trial.report.etcd === 'vote a1' && trial.report.complete === false);
    expect(trial.report.missing).toEqual([APISERVER, SCHEDULER]);
    expect(controlPlane()).toEqual([]);
  });

  it('never comes with an etcd that begins anew: what has a vote has data', async () => {
    await started(shell);
    await trial.until(() => trial.text('/etc/kubernetes/kube-el7-install/etcd-had-data') === 'a1\n');
    trial.turn('wait');
    await trial.until(() => trial.report.etcd === 'wait');
    trial.drop('/var/lib/etcd');
    for (const turn of ['vote a1', 'start a1', 'vote a2']) {
      trial.turn(turn);
      await trial.until(() => trial.report.etcd === gone);
      expect(trial.text(INIT)).toContain('PodERROR');
      trial.turn('wait');
      await trial.until(() => trial.report.etcd === 'wait');
    }
    trial.turn('start a2');
    await trial.until(() => trial.report.etcd === 'start a2');
  });
});
