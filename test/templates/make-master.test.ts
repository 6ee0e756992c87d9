import { afterEach, describe, expect, it } from 'vitest';
import { MasterTrial, shells } from './master-trial';

const APISERVER = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const SCHEDULER = '/etc/kubernetes/manifests/kube-scheduler.yaml';
const ADMIN = '/etc/kubernetes/admin.conf';
const INIT = '/etc/kubernetes/manifests/etcd-init.yaml';
const CLUSTER = '/etc/kubernetes/manifests/etcd-cluster.yaml';
const MEMBER = '/var/lib/etcd/member';

let trial: MasterTrial;
afterEach(() => trial.remove());

function begun(shell: string, first = false): MasterTrial {
  trial = new MasterTrial(shell, first);
  trial.start();
  return trial;
}

const kind = (path: string): string | undefined => /^kind: (.*)$/m.exec(trial.text(path) ?? '')?.[1];

describe.each(shells)('the script that makes masters, in %s', shell => {

  it('writes all files with their modes, and says that the node is a master', async () => {
    begun(shell, true);
    await trial.until(() => trial.report.complete === true);
    expect(trial.has('one')).toBe(true);
    expect(trial.paths.map(path => trial.mode(path).toString(8))).toEqual(
      ['644', '600', '600', '600', '700', '600', '600', '600'],
    );
    // What it says comes by another way than its files, and may come later.
    await trial.until(() => trial.output.includes(`wrote 8 files, the last ${SCHEDULER}`));
    expect(trial.done[0]).toBe('taint role/master=:NoSchedule');
    expect(trial.patch?.labels).toEqual({ 'role/master': '', 'role/control-plane': '' });
    expect(trial.report).toMatchObject({ missing: [], changed: [], etcd: 'wait' });
    expect(trial.list('/etc/kubernetes/manifests').filter(name => name.startsWith('.'))).toEqual([]);
  });

  it('puts back files that are lost or were cut short', async () => {
    begun(shell, true);
    await trial.until(() => trial.report.complete === true);
    trial.drop('/etc/kubernetes/pki');
    trial.write(APISERVER, '');
    await trial.until(() => trial.has('one'));
  });

  it('does not put back a control plane that is older than the one that runs, also while no apiserver answers', async () => {
    trial = new MasterTrial(shell, true);
    trial.runs('v1.20.10');
    const stored = '    image: r:5000/kube-apiserver:v1.20.10';
    trial.store(stored);
    trial.start();
    await trial.until(() => trial.report.complete === true);
    trial.runs('v1.21.0');
    trial.drop(APISERVER);
    await trial.until(() => trial.report.refused !== undefined);
    expect(trial.report).toMatchObject({
      complete: false,
      missing: [APISERVER],
      refused: `${APISERVER} is stored as v1.20.10, and the control plane runs v1.21.0`,
    });
    trial.away = true;
    trial.drop(ADMIN);
    await trial.until(() => trial.text(ADMIN) === trial.content(ADMIN, stored));
    expect(trial.text(APISERVER)).toBeUndefined();
    trial.away = false;
    trial.store('    image: r:5000/kube-apiserver:v1.21.0');
    await trial.until(() => trial.report.complete === true);
    expect(trial.text(APISERVER)).toContain('v1.21.0');
  });

  it('takes away the token of a join that was cut off, once the kubelet has a certificate of its own', async () => {
    const left = '/etc/kubernetes/bootstrap-kubelet.conf';
    trial = new MasterTrial(shell, true);
    trial.write(left, 'token: abcdef.0123456789abcdef\n');
    trial.start();
    await trial.until(() => trial.report.complete === true);
    expect(trial.text(left)).toContain('token');
    trial.write('/etc/kubernetes/kubelet.conf', 'kind: Config\n');
    await trial.until(() => trial.text(left) === undefined);
  });

  it('writes what the Secret has anew, but over nothing that somebody else changed', async () => {
    begun(shell, true);
    await trial.until(() => trial.report.complete === true);
    trial.write(ADMIN, 'mine\n');
    await trial.until(() => trial.report.changed?.[0] === ADMIN);
    const digest = trial.store('two');
    await trial.until(() => trial.report.digest === digest);
    expect(trial.text(ADMIN)).toBe('mine\n');
    expect(trial.text(APISERVER)).toBe(trial.content(APISERVER, 'two'));
    expect(trial.report).toMatchObject({ complete: true, changed: [ADMIN] });
    trial.drop(ADMIN);
    await trial.until(() => trial.has('two'));
  });

  it('comes to the same end when it is killed in the midst of its work', async () => {
    begun(shell, true);
    await trial.until(() => trial.text(trial.paths[1] ?? '') !== undefined);
    await trial.kill();
    trial.store('two');
    trial.start();
    await trial.until(() => trial.report.complete === true && trial.has('two'));
    expect(trial.report.changed).toEqual([]);
  });

  it('refuses a node that has another address than the master has', async () => {
    trial = new MasterTrial(shell, true);
    trial.start({ HOST_IP: '10.0.0.9' });
    await trial.until(() => trial.report.refused !== undefined);
    expect(trial.report.refused).toContain('10.0.0.9');
    expect(trial.report.complete).toBe(false);
    expect(trial.patch?.labels).toEqual({});
    expect(trial.list('/etc/kubernetes')).toEqual(['manifests']);
    expect(trial.list('/etc/kubernetes/manifests')).toEqual([]);
  });

  it('goes on repairing while the apiserver is away, and sees what came meanwhile', async () => {
    begun(shell, true);
    await trial.until(() => trial.report.complete === true);
    trial.away = true;
    await trial.until(() => trial.output.includes('the Secret cannot be watched'));
    trial.drop(ADMIN);
    await trial.until(() => trial.has('one'));
    trial.store('two');
    trial.away = false;
    await trial.until(() => trial.has('two'));
    const complaints = trial.output.split('\n').filter(line => line.includes('cannot be watched'));
    expect(complaints).toHaveLength(1);
  });
});

describe.each(shells)("etcd's turn, in %s", shell => {

  it('comes when it is given: both manifests wait, one starts, waits again, and starts anew without the data of before', async () => {
    begun(shell);
    await trial.until(() => kind(INIT) === 'PodERROR' && kind(CLUSTER) === 'PodERROR');
    trial.turn('start a1');
    await trial.until(() => kind(INIT) === 'Pod' && trial.report.etcd === 'start a1');
    expect(kind(CLUSTER)).toBe('PodERROR');
    trial.write(`${MEMBER}/of-a1`, '');
    trial.turn('wait');
    await trial.until(() => kind(INIT) === 'PodERROR' && trial.report.etcd === 'wait');
    trial.turn('start a2');
    await trial.until(() => trial.report.etcd === 'start a2');
    expect(kind(INIT)).toBe('Pod');
    expect(trial.text(`${MEMBER}.before-a2/of-a1`)).toBe('');
    expect(trial.text(`${MEMBER}/of-a1`)).toBeUndefined();
  });

  it('does not come while etcd of an earlier attempt still listens', async () => {
    begun(shell);
    trial.turn('start a1');
    await trial.until(() => kind(INIT) === 'Pod');
    trial.write(`${MEMBER}/of-a1`, '');
    trial.write('/proc/net/tcp6', ' 0: 00000000000000000000000000000000:094C 00000000000000000000000000000000:0000 0A 0\n');
    trial.turn('start a2');
    await trial.until(() => trial.report.etcd?.includes('still ending') === true);
    expect(trial.text(INIT)).toBeUndefined();
    expect(trial.text(`${MEMBER}/of-a1`)).toBe('');
    trial.write('/proc/net/tcp6', '');
    await trial.until(() => trial.report.etcd === 'start a2');
    expect(trial.text(`${MEMBER}.before-a2/of-a1`)).toBe('');
  });

  it('does not start a member anew that has lost its data', async () => {
    begun(shell);
    trial.turn('start a1');
    await trial.until(() => kind(INIT) === 'Pod');
    trial.write(`${MEMBER}/data`, '');
    await trial.until(() => trial.text('/etc/kubernetes/kube-el7-install/etcd-had-data') !== undefined);
    trial.drop(MEMBER);
    trial.endWatch();
    await trial.until(() => trial.report.etcd?.startsWith("refused: etcd's data is gone") === true);
    trial.drop(INIT);
    trial.drop(ADMIN);
    await trial.until(() => trial.has('one'));
    expect(trial.text(INIT)).toBeUndefined();
  });

  it('lets what runs go on where the Secret has no word for it', async () => {
    begun(shell);
    trial.turn('start a1');
    await trial.until(() => trial.report.etcd === 'start a1');
    trial.turn('');
    await trial.until(() => trial.report.etcd === 'wait');
    expect(kind(INIT)).toBe('Pod');
  });

  it('is never a reason to touch what a swap is at work with', async () => {
    begun(shell);
    trial.turn('start a1');
    await trial.until(() => trial.report.etcd === 'start a1');
    trial.turn('cluster');
    await trial.until(() => trial.report.etcd === 'cluster');
    expect([kind(INIT), kind(CLUSTER)]).toEqual(['Pod', 'PodERROR']);
    trial.write('/etc/kubernetes/manifests/.etcd-init.yaml', trial.text(INIT) ?? '');
    trial.drop(INIT);
    trial.drop(CLUSTER);
    // A later repair shows that it has looked.
    trial.drop(ADMIN);
    await trial.until(() => trial.has('one'));
    expect([kind(INIT), kind(CLUSTER)]).toEqual([undefined, undefined]);
  });

  it('puts the cluster pod back where its manifest is lost and its data is not', async () => {
    begun(shell);
    await trial.until(() => kind(INIT) === 'PodERROR' && kind(CLUSTER) === 'PodERROR');
    trial.write(`${MEMBER}/data`, '');
    trial.turn('cluster');
    await trial.until(() => trial.report.etcd === 'cluster');
    trial.drop(INIT);
    trial.write(CLUSTER, '');
    await trial.until(() => kind(CLUSTER) === 'Pod');
    expect(trial.text(INIT)).toBeUndefined();
    trial.drop(CLUSTER);
    await trial.until(() => kind(CLUSTER) === 'Pod');
    trial.drop(MEMBER);
    trial.endWatch();
    trial.drop(CLUSTER);
    await trial.until(() => trial.report.etcd?.startsWith('refused') === true);
    expect(trial.text(CLUSTER)).toBeUndefined();
  });

  it.each([
    ['the pod that it began as', INIT],
    ['the cluster pod', CLUSTER],
  ])('ends %s once it is out, and says so only when nobody listens any more', async (_, path) => {
    begun(shell);
    await trial.until(() => kind(INIT) === 'PodERROR' && kind(CLUSTER) === 'PodERROR');
    trial.write(`${MEMBER}/data`, '');
    trial.write(path, 'kind: Pod\n');
    trial.write('/etc/kubernetes/manifests/.etcd-init.yaml', 'kind: Pod\n');
    trial.write('/proc/net/tcp', ' 0: 0200000A:094C 00000000:0000 0A 0\n');
    trial.turn('out');
    await trial.until(() => trial.report.etcd === 'wait, etcd is still ending');
    expect(trial.list('/etc/kubernetes/manifests').filter(name => name.includes('etcd'))).toEqual([]);
    trial.write('/proc/net/tcp', '');
    await trial.until(() => trial.report.etcd === 'out');
    // Nothing of it comes back while other files are repaired, and its data stays.
    trial.drop(ADMIN);
    await trial.until(() => trial.has('one'));
    expect([kind(INIT), kind(CLUSTER), trial.text(`${MEMBER}/data`)]).toEqual([undefined, undefined, '']);
    trial.turn('start a9');
    await trial.until(() => trial.report.etcd === 'start a9');
    expect(kind(INIT)).toBe('Pod');
    expect(trial.text(`${MEMBER}.before-a9/data`)).toBe('');
  });

  it('tells that the data of the cluster pod is gone, though its manifest is there', async () => {
    begun(shell);
    await trial.until(() => kind(CLUSTER) === 'PodERROR');
    trial.write(`${MEMBER}/data`, '');
    trial.write(CLUSTER, 'kind: Pod\n');
    trial.turn('cluster');
    await trial.until(() => trial.report.etcd === 'cluster');
    trial.drop(MEMBER);
    trial.endWatch();
    await trial.until(() => trial.report.etcd?.startsWith("refused: etcd's data is gone") === true);
    expect(kind(CLUSTER)).toBe('Pod');
    trial.turn('out');
    await trial.until(() => trial.report.etcd === 'out');
    expect(kind(CLUSTER)).toBeUndefined();
  });

  it("leaves the first master's own pod alone", async () => {
    trial = new MasterTrial(shell, true);
    trial.write(INIT, 'kind: Pod\n');
    trial.start();
    await trial.until(() => kind(CLUSTER) === 'PodERROR' && trial.report.complete === true);
    trial.turn('start a1');
    trial.drop(CLUSTER);
    await trial.until(() => kind(CLUSTER) === 'PodERROR');
    expect(trial.text(INIT)).toBe('kind: Pod\n');
    trial.drop(INIT);
    trial.drop(ADMIN);
    await trial.until(() => trial.has('one'));
    expect(trial.text(INIT)).toBeUndefined();
  });
});
