import type * as crypto from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { stages } from '../../source/steps';
import { Random } from '../support/random';
import { settings as settingsOf } from '../variables/told';
import { early, play, without, type Choose } from './any-order';
import { ClusterHost, MASTER } from './cluster-host';
import { INSTALLATIONS } from './graph';
import { ThreeMastersHost } from './three-masters-host';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const told = async (name: string) => stages(await settingsOf(INSTALLATIONS[name] ?? {}), MASTER);
const bare = await told('one master');
const one = await told('one master, a VIP by keepalived, tiller');
const three = await told('three masters, a VIP by keepalived');

function lottery(seed: number): Choose {
  const random = new Random(seed);
  return ready => random.pick(ready);
}

const first: Choose = ready => ready[0] ?? fail();
const last: Choose = ready => ready.at(-1) ?? fail();

function fail(): never {
  throw new Error('nothing is ready');
}

/** What is there at the end. */
function end(host: ClusterHost): object {
  const etcd =
    host instanceof ThreeMastersHost ? [host.etcd.who, [...host.etcd.pods], [...host.etcd.turns].sort()] : [];
  return {
    objects: [...host.state.objects.keys()].sort(),
    files: host.modes().filter(([path]) => !path.includes('/snapshots/')),
    etcd,
  };
}

const installations = [
  ['one master', one, () => new ClusterHost()],
  ['three masters', three, () => new ThreeMastersHost()],
] as const;

describe.each(installations)('an installation of %s', (_, graph, begin) => {
  it('ends the same in any order that its graph allows', async () => {
    const wanted = begin();
    await play(graph, wanted, first);
    for (const choose of [last, lottery(1), lottery(2)]) {
      const host = begin();
      await play(graph, host, choose);
      expect(end(host)).toEqual(end(wanted));
    }
  }, 240_000);

  it('can do a step with nothing done before it but what it comes after', async () => {
    for (const id of EARLY.filter(one => graph.some(({ steps }) => steps.some(step => step.id === one))))
      await expect(play(graph, begin(), early(graph, id), id), id).resolves.toBeUndefined();
  }, 240_000);
});

/** Steps that much is built upon. */
const EARLY = ['kubeadm-init', 'master-files', 'etcd-snapshot-master2', 'tiller'];

const needed = [
  ['kubeadm-init', 'etcd', bare, () => new ClusterHost()],
  ['cluster-certificates', 'kubeadm-config', bare, () => new ClusterHost()],
  ['kubeadm-config', 'bootstrap-token', bare, () => new ClusterHost()],
  ['master-files', 'kubeadm-init', three, () => new ThreeMastersHost()],
  ['etcd-snapshot-master2', 'join-master2', three, () => new ThreeMastersHost()],
  ['master-master2', 'etcd-promote-master2', three, () => new ThreeMastersHost()],
] as const;

describe('an order that is needed', () => {
  it.each(needed)(
    'is noticed where it is gone: %s after %s',
    async (id, before, graph, begin) => {
      const broken = without(graph, id, before);
      expect(broken).not.toEqual(graph);
      await expect(play(broken, begin(), early(broken, id))).rejects.toThrow();
    },
    120_000,
  );
});
