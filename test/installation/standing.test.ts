import { describe, expect, it } from 'vitest';
import { readStanding } from '../../source/installation/standing';
import { FakeHost } from '../support/fake-host';

const APISERVER = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const KUBELET = '/etc/kubernetes/kubelet.conf';

describe('what a host is already', () => {
  it.each<[string, readonly string[], string]>([
    ['a new one', [], 'nothing'],
    [
      'one that was prepared, as a machine image is',
      ['/var/lib/kube-el7-install/journal.jsonl', '/etc/docker/daemon.json', '/etc/sysconfig/kubelet'],
      'nothing',
    ],
    ['one whose installation was cut off before etcd', ['/etc/kubernetes/pki/ca.crt'], 'begun'],
    ['one whose etcd is there', ['/etc/kubernetes/manifests/etcd-init.yaml'], 'begun'],
    ['one on which etcd is being swapped', ['/etc/kubernetes/manifests/.etcd-init.yaml'], 'begun'],
    ['a worker', [KUBELET, '/etc/kubernetes/pki/ca.crt'], 'worker'],
    ['a master', [KUBELET, APISERVER, '/etc/kubernetes/manifests/etcd-cluster.yaml'], 'master'],
  ])('%s', async (_, paths, kind) => {
    const host = new FakeHost(Object.fromEntries(paths.map(path => [path, 'x'])));
    expect(await readStanding(host, false)).toEqual({
      host: 'master1',
      kind,
      underWay: false,
      undoable: false,
    });
  });

  it('has something to undo where a run has left a record, and starts no program to find out', async () => {
    const host = new FakeHost({ '/var/lib/kube-el7-install/undo/20260302.jsonl': 'x' });
    expect(await readStanding(host, true)).toMatchObject({ underWay: true, undoable: true });
    expect(host.calls.every(({ kind }) => kind === 'stat' || kind === 'list')).toBe(true);
  });
});
