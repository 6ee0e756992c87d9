import { describe, expect, it } from 'vitest';
import { measuresLeftOut, withoutNature } from './end-files';
import { objectsIn } from './end-objects';
import { differences } from './end-state';

describe('what differs by nature', () => {
  it('is not compared: keys, tokens, hashes, identities, times', () => {
    const one = withoutNature(
      'token: abcdef.0123456789abcdef\nhash: sha256:' +
        'a1'.repeat(32) +
        '\n20261125T174131Z-before.db\n' +
        '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\nport: 6443\n',
    );
    const other = withoutNature(
      'token: ghijkl.0123456789ghijkl\nhash: sha256:' +
        'b2'.repeat(32) +
        '\n20261126T000000Z-before.db\n' +
        '-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\nport: 6443\n',
    );
    expect(one).toBe(other);
    expect(one).toContain('port: 6443');
  });

  it('is the number of a member of etcd, and how much etcd had when it was saved', () => {
    expect(withoutNature('1e22ad2796caddb6\n')).toBe(withoutNature('56808fb81c20a89a\n'));
    expect(withoutNature('port: 10250')).toBe('port: 10250');
    const note = (revision: number): string => `{"hash":4253774145,"revision":${String(revision)}}`;
    expect(measuresLeftOut(note(733))).toBe(measuresLeftOut(note(1823)));
    expect(measuresLeftOut(note(733))).toContain('"revision"');
  });

  it('is the end of a name that is drawn by lot, and what the cluster gave an object', () => {
    const list = (lot: string, address: string, image: string): string =>
      JSON.stringify({
        items: [
          {
            kind: 'Pod',
            metadata: {
              name: `coredns-74ff55c5b-${lot}`,
              ownerReferences: [{ kind: 'ReplicaSet', name: 'x' }],
            },
            status: { phase: 'Running' },
          },
          {
            kind: 'Service',
            metadata: { name: 'tiller', namespace: 'kube-system', uid: lot },
            spec: { clusterIP: address, ports: [{ port: 1 }] },
          },
          {
            kind: 'ConfigMap',
            metadata: { name: 'cluster-info', namespace: 'kube-public' },
            data: { [`jws-kubeconfig-${lot}f`]: `eyJh..${lot}`, kubeconfig: 'kind: Config' },
          },
          { kind: 'DaemonSet', metadata: { name: 'flannel' }, spec: { image } },
        ],
      });
    const before = objectsIn(list('abcde', '10.96.1.1', 'flannel:1'));
    expect(differences(before, objectsIn(list('fghij', '10.96.2.2', 'flannel:1')))).toEqual([]);
    expect(differences(before, objectsIn(list('fghij', '10.96.2.2', 'flannel:2')))).toEqual([
      expect.stringContaining('flannel:2'),
    ]);
  });

  it('is what a master has done last, and not what it is', () => {
    const node = (etcd: string, did: string): string =>
      JSON.stringify({
        items: [
          {
            kind: 'Node',
            metadata: {
              name: 'master2',
              annotations: { 'kube-el7-install/master': `{"etcd":"${etcd}","did":"${did}","at":"x"}` },
            },
          },
        ],
      });
    const before = objectsIn(node('cluster', 'started'));
    expect(differences(before, objectsIn(node('cluster', 'wrote 3 files')))).toEqual([]);
    expect(differences(before, objectsIn(node('wait', 'started')))).toHaveLength(1);
  });
});

describe('two end states', () => {
  it('differ in what is there, and in the first line that does', () => {
    const before = { a: '644 0:0\none\ntwo', b: '600', c: '600' };
    const after = { a: '644 0:0\none\nthree', b: '600', d: '600' };
    expect(differences(before, after)).toEqual([
      'a: "two" is "three"',
      'c: is not there',
      'd: is there, and is not in an undisturbed one',
    ]);
  });
});
