import { etcdSaid, type EtcdSaid } from '../../source/steps/etcd-words';
import { describe, expect, it } from 'vitest';
import type { EtcdMember } from '../../source/kubernetes/etcd-cluster';
import type { MasterReport } from '../../source/kubernetes/master-state';
import { examined, type Common, type Seen } from '../../source/recovery/conditions';
import { MASTERS } from '../steps/etcd-host';

const [HERE, , MASTER] = MASTERS;
const MOVED = '10.0.0.13';

function listed(id: string, address: string, more: Partial<EtcdMember> = {}): EtcdMember {
  return {
    id,
    name: `master${address.slice(-1)}`,
    peerUrls: [`https://${address}:2380`],
    learner: false,
    ...more,
  };
}

const others = [listed('a1', '10.0.0.1'), listed('a2', '10.0.0.2')];
const own = listed('a3', '10.0.0.3');
const report = (more: Partial<MasterReport>): MasterReport => ({
  ...{
    digest: '',
    complete: true,
    missing: [],
    changed: [],
    etcd: 'cluster',
    tainted: true,
    did: '',
    at: '',
  },
  ...more,
});
const node = (
  address: string = MASTER.address,
  more: Partial<MasterReport> = {},
  ready = true,
): NonNullable<Seen['node']> => ({
  ...{ address, ready, report: report(more) },
});
const GONE = report({ etcd: "refused: etcd's data is gone; run kube-el7-install readd-member" });
const WELL = { healthy: true, leader: false, hasLeader: true, roundTripMs: 1.26 };
const SILENT = { healthy: false, reason: 'connect EHOSTUNREACH' };

const common = (more: Partial<Common> = {}): Common => ({
  ...{ here: HERE, members: [...others, own], clusterId: 'c1', full: [] },
  ...more,
});
const seen = (more: Partial<Seen> = {}): Seen => ({
  ...{ master: MASTER, answer: WELL, clusterId: 'c1', clockMs: 0 },
  ...more,
});

type Case = readonly [string, Partial<Seen>, Partial<Common>, ReturnType<typeof examined> | object];

describe('one master', () => {
  it.each<Case>([
    [
      'is alive',
      {},
      {},
      { condition: 'well', detail: 'ok', healthy: true, role: 'voter', id: 'a3', roundTripMs: 1.3 },
    ],
    ['leads', { answer: { ...WELL, leader: true } }, {}, { condition: 'well', role: 'leader' }],
    [
      'gives no answer',
      { answer: SILENT },
      {},
      { condition: 'unreachable', detail: 'connect EHOSTUNREACH', healthy: false },
    ],
    [
      'gives no answer, and no reason',
      { answer: { healthy: false } },
      {},
      { condition: 'unreachable', detail: 'it gives no answer' },
    ],
    [
      'has lost its data',
      { answer: SILENT, node: { address: MASTER.address, ready: true, report: GONE } },
      {},
      { condition: 'wiped', outgoing: 'a3', detail: "its node is there, and etcd's data is not" },
    ],
    [
      'runs an etcd of another cluster, which may be well and lead there',
      { clusterId: 'ff', answer: { ...WELL, leader: true } },
      {},
      {
        condition: 'other-cluster',
        outgoing: 'a3',
        healthy: false,
        role: 'voter',
        detail: 'its etcd is one of another cluster (ff, not c1)',
      },
    ],
    [
      'is of a cluster that nothing is known of',
      { clusterId: 'ff' },
      { clusterId: undefined as never },
      { condition: 'well' },
    ],
    [
      'has another address',
      { answer: SILENT, node: node(MOVED) },
      {},
      {
        condition: 'address-changed',
        newAddress: MOVED,
        address: MASTER.address,
        outgoing: 'a3',
        detail: `its node now has the address ${MOVED}`,
      },
    ],
    [
      'has another address, and its old member is out already',
      { answer: SILENT, node: node(MOVED, { refused: 'this node has the address' }) },
      { members: others },
      {
        condition: 'address-changed',
        role: 'none',
        newAddress: MOVED,
        detail: `its node now has the address ${MOVED}, and nothing of a master was given to it`,
      },
    ],
    [
      'has another address, and was added there by a run that was cut off',
      { node: node(MOVED) },
      { members: [...others, listed('b3', MOVED)] },
      { condition: 'address-changed', newAddress: MOVED, id: 'b3', role: 'voter', healthy: true },
    ],
    [
      'never started',
      { answer: SILENT },
      { members: [...others, { ...own, name: '' }] },
      { condition: 'never-started', detail: 'it was added to etcd, and has never run' },
    ],
    [
      'is a learner that was left behind',
      {},
      { members: [...others, { ...own, learner: true }] },
      { condition: 'learner', role: 'learner', id: 'a3' },
    ],
    [
      'has its vote, and was not brought to its end',
      { turn: { kind: 'start', attempt: 'a3' } },
      {},
      { condition: 'learner', role: 'voter', healthy: true },
    ],
    [
      'has its vote, and its pods were being swapped',
      { turn: { kind: 'cluster' }, swapping: true },
      {},
      { condition: 'learner', role: 'voter', healthy: true },
    ],
    [
      'was ended to be taken out by a run that was cut off',
      { answer: SILENT, turn: { kind: 'out' } },
      {},
      { condition: 'ended', role: 'voter', healthy: false, outgoing: 'a3' },
    ],
    [
      'has damaged data',
      { answer: SILENT, said: etcdSaid('panic: wal: crc mismatch') as EtcdSaid },
      {},
      {
        condition: 'corrupt',
        detail: 'its etcd does not run: its log is damaged (panic: wal: crc mismatch)',
        outgoing: 'a3',
      },
    ],
    [
      'has said that its disk is full',
      { answer: SILENT, said: etcdSaid('panic: write /x: no space left on device') as EtcdSaid },
      {},
      {
        condition: 'unreachable',
        detail: expect.stringContaining('the disk of its data is full') as string,
        advice: expect.stringContaining('df -h /var/lib/etcd') as string,
      },
    ],
    [
      'says why it does not run, though nobody can be asked who the members are',
      { answer: SILENT, said: etcdSaid('panic: write /x: no space left on device') as EtcdSaid },
      { members: [] },
      {
        condition: 'unreachable',
        role: 'none',
        detail: expect.stringContaining('the disk of its data is full') as string,
      },
    ],
    [
      'once had damaged data, and is healthy',
      { said: etcdSaid('panic: wal: crc mismatch') as EtcdSaid },
      {},
      { condition: 'well' },
    ],
    [
      'has other data than the majority',
      { diverged: true },
      {},
      { condition: 'corrupt', healthy: true, outgoing: 'a3' },
    ],
    [
      'has a clock that is ahead',
      { clockMs: 3_600_400 },
      {},
      { condition: 'clock-off', detail: 'its clock is 3600 s ahead of the one of master1', healthy: true },
    ],
    [
      'has a clock that is behind',
      { clockMs: -61_000 },
      {},
      { condition: 'clock-off', detail: 'its clock is 61 s behind the one of master1' },
    ],
    ['has a clock that is a minute off', { clockMs: 60_000 }, {}, { condition: 'well' }],
    [
      'is no member, and has not joined',
      { answer: SILENT },
      { members: others },
      {
        condition: 'absent',
        role: 'none',
        detail: 'etcd does not have it as a member, and it has not joined the cluster',
      },
    ],
    [
      'is no member, with a node that is Ready',
      { answer: SILENT, node: node() },
      { members: others },
      { condition: 'absent', detail: 'its node is Ready, and etcd does not have it as a member' },
    ],
    [
      'is no member, with a node that is not Ready',
      { answer: SILENT, node: node(MASTER.address, {}, false) },
      { members: others },
      { condition: 'absent', detail: 'etcd does not have it as a member, and its node is not Ready' },
    ],
  ])('%s', (_, what, how, found) => {
    const result = examined(seen(what), common(how));
    expect(result).toMatchObject({ name: 'master3', address: MASTER.address, ...found });
    for (const field of ['outgoing', 'newAddress'] as const)
      if (!(field in found)) expect(result[field]).toBeUndefined();
  });

  it('is this host itself, which cannot be put back from here: its turn tells nothing', () => {
    const itself = seen({ master: HERE, turn: { kind: 'start', attempt: 'x' } });
    expect(examined(itself, common()).condition).toBe('well');
  });
});
