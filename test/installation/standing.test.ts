import { describe, expect, it } from 'vitest';
import { readStanding } from '../../source/installation/standing';
import { KUBEADM_FILES } from '../cluster/kubeadm-host';
import { FakeHost } from '../support/fake-host';

const APISERVER = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const KUBELET = '/etc/kubernetes/kubelet.conf';
const CONFIG = '/var/lib/kube-el7-install/kubeadm-init.yaml';
const FINISHED = '/var/lib/kube-el7-install/join-worker';

describe('what a host is already', () => {
  it.each<[string, readonly string[], string]>([
    ['a new one', [], 'nothing'],
    [
      'one that was prepared, as a machine image is',
      ['/var/lib/kube-el7-install/journal.jsonl', '/etc/docker/daemon.json', '/etc/sysconfig/kubelet'],
      'prepared',
    ],
    ['one whose installation was cut off before etcd', ['/etc/kubernetes/pki/ca.crt'], 'begun'],
    ['one whose etcd is there', [CONFIG, '/etc/kubernetes/manifests/etcd-init.yaml'], 'begun'],
    ['one on which etcd is being swapped', [CONFIG, '/etc/kubernetes/manifests/.etcd-init.yaml'], 'begun'],
    ['a worker', [KUBELET, '/etc/kubernetes/pki/ca.crt'], 'worker'],
    ['a master', [KUBELET, APISERVER, FINISHED, '/etc/kubernetes/manifests/etcd-cluster.yaml'], 'master'],
  ])('%s', async (_, paths, kind) => {
    const host = new FakeHost(Object.fromEntries(paths.map(path => [path, 'x'])));
    expect(await readStanding(host, false)).toEqual({
      host: 'master1',
      kind,
      underWay: false,
      undoable: false,
    });
  });

  it('is a master that another tool made, with what shows it', async () => {
    expect(await readStanding(new FakeHost(KUBEADM_FILES), false)).toMatchObject({
      kind: 'master',
      other:
        'a master of a cluster that kubeadm made, not this installer (/etc/kubernetes/manifests/etcd.yaml)',
    });
  });

  it('has something to undo where a run has left a record, and starts no program to find out', async () => {
    const host = new FakeHost({ '/var/lib/kube-el7-install/undo/20260302.jsonl': 'x' });
    expect(await readStanding(host, true)).toMatchObject({ underWay: true, undoable: true });
    expect(host.calls.every(({ kind }) => ['stat', 'list', 'read'].includes(kind))).toBe(true);
    expect(host.calls.length).toBeLessThan(100);
  });
});
