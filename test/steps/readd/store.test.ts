import { describe, expect, it } from 'vitest';
import { etcdManifests } from '../../../source/kubernetes/etcd-manifests';
import { fromYaml } from '../../../source/kubernetes/yaml';
import type { Readd } from '../../../source/steps/readd/context';
import { readdStore } from '../../../source/steps/readd/store';
import { settings as settingsOf } from '../../variables/told';
import { EtcdHost, MASTERS } from '../etcd-host';

const [here, other, lost] = MASTERS;

/** A cluster of three whose third master has joined anew, with another address where one is given. */
async function begun(version: string, address: string = lost.address): Promise<readonly [EtcdHost, Readd]> {
  const host = new EtcdHost();
  host.members = MASTERS.map(({ hostname, address: at }, index) => ({
    ...{ id: String(index + 161), url: `https://${at}:2380`, name: hostname, learner: false },
  }));
  host.turns.set(lost.hostname, 'out');
  const master = { ...lost, address };
  const settings = await settingsOf({
    ...{ vip: '10.0.0.100', masters: 'master1,master2,master3' },
    flags: { DOCKER_REGISTRY: '10.0.0.5:5000', KUBE_VERSION: version },
  });
  const readd: Readd = {
    ...{
      settings: { ...settings, others: [other, master] },
      here,
      steady: [here, other],
      away: [],
      untouched: [],
      alarms: [],
    },
    due: [{ master, recorded: lost, outgoing: 'a3' }],
    moves: new Map(address === lost.address ? [] : [[lost.address, address]]),
  };
  return [host, readd];
}

interface Pod {
  readonly kind: string;
  readonly spec: { readonly containers: readonly { readonly command: readonly string[] }[] };
}

/** A manifest of the master as it would be stored. */
async function manifest(
  host: EtcdHost,
  readd: Readd,
  key = 'etcd-init.yaml',
): Promise<{ kind: string; words: readonly string[] }> {
  const [due] = readd.due;
  if (due === undefined) throw new Error('nobody is put back');
  const step = readdStore(readd, due, []);
  const [change] = step.plan(await step.probe(host));
  if (change?.kind !== 'write' || typeof change.content !== 'object' || !('template' in change.content))
    throw new Error('nothing is stored');
  const [secret] = fromYaml(change.content.template) as readonly { readonly data: Record<string, string> }[];
  const text = Buffer.from(secret?.data[key] ?? '', 'base64').toString('utf8');
  const [pod] = fromYaml(text) as readonly Pod[];
  return { kind: pod?.kind ?? '', words: pod?.spec.containers[0]?.command ?? [] };
}

describe('what a master that is put back begins with', () => {
  it('is a member of exactly the survivors and itself, at its new address, whose manifest waits', async () => {
    const { kind, words } = await manifest(...(await begun('1.20.2', '10.0.0.6')));
    expect(kind).toBe('PodERROR');
    expect(words).toContain(
      '--initial-cluster=master1=https://10.0.0.1:2380,master2=https://10.0.0.2:2380,master3=https://10.0.0.6:2380',
    );
    expect(words).toContain('--initial-cluster-state=existing');
    expect(words[0]).toBe('etcd');
  });

  it('names it once at the same address, though its old member is not out yet', async () => {
    const { words } = await manifest(...(await begun('1.20.2')));
    expect(words.find(word => word.startsWith('--initial-cluster='))?.match(/master3=/g)).toHaveLength(1);
  });

  it('has the times of the members that are there, then and later, whatever they were as it was stored', async () => {
    const [host, readd] = await begun('1.20.2');
    const { cluster } = etcdManifests(readd.settings, MASTERS, 2);
    const data = { 'etcd-turn': 'out', 'etcd-cluster.yaml': cluster, address: lost.address };
    const body = JSON.stringify({
      data: Object.fromEntries(
        Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
      ),
    });
    host.respond(/\/secrets\/kube-el7-install-master-master3$/, {
      ...{ status: 200, headers: {}, body, roundTripMs: 1 },
    });
    const etcd = { heartbeatMs: 500, electionMs: 2500 };
    const timings = { ...readd.settings.timings, etcd };
    const slow = { ...readd, settings: { ...readd.settings, timings } };
    for (const key of ['etcd-init.yaml', 'etcd-cluster.yaml'])
      expect((await manifest(host, slow, key)).words).toEqual(
        expect.arrayContaining(['--heartbeat-interval=500', '--election-timeout=2500']),
      );
  });

  it('waits until it is a member, in an etcd that knows no learners', async () => {
    const { words } = await manifest(...(await begun('1.16.15')));
    expect(words[0]).toBe('sh');
    expect(words[2]).toContain('--endpoints=https://10.0.0.1:2379 ');
    expect(words[2]).toContain('*https://10.0.0.3:2380*');
  });
});
