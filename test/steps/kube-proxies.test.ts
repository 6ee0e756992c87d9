import { describe, expect, it } from 'vitest';
import type { HttpOutcome } from '../../source/engine/host';
import { isNamed, kubeProxies } from '../../source/steps/kube-proxies';
import { FakeHost } from '../support/fake-host';
import { MASTER } from './cluster-host';

const answer = (body: string, status = 200): HttpOutcome => ({ status, headers: {}, body, roundTripMs: 1 });
const lookup =
  'E1126 16:32:46 1 reflector.go:138] Failed to watch *v1.Service: Get "https://vip.lab:6443/api/v1/services": dial tcp: lookup vip.lab on 10.0.0.1:53: no such host\n';

/** A master whose apiserver has these pods of kube-proxy, by name, with what they said last. */
function host(logs: Readonly<Record<string, HttpOutcome>>): FakeHost {
  const list = { items: Object.keys(logs).map(name => ({ metadata: { name } })) };
  const one = new FakeHost().respond(
    /\/pods\?labelSelector=k8s-app%3Dkube-proxy$/,
    answer(JSON.stringify(list)),
  );
  for (const [name, log] of Object.entries(logs))
    one.respond(
      `https://${MASTER.address}:6443/api/v1/namespaces/kube-system/pods/${name}/log?tailLines=20&sinceSeconds=90`,
      log,
    );
  return one;
}

async function planned(one: FakeHost): Promise<readonly string[]> {
  const step = kubeProxies('vip.lab', MASTER, []);
  const changes = step.plan(await step.probe(one));
  return changes.map(change =>
    change.kind === 'run' ? change.command.args.slice(4, 6).join(' ') : change.kind,
  );
}

describe('kube-proxy that does not find the name of the cluster', () => {
  it('is started anew, and no other one is', async () => {
    const one = host({
      'kube-proxy-a': answer('I1126 16:32:46 1 proxier.go:871] Syncing iptables rules\n'),
      'kube-proxy-b': answer(lookup),
      'kube-proxy-c': answer(lookup.replace(/vip\.lab/g, 'other.lab')),
      'kube-proxy-d': answer('container is waiting to start', 400),
      'kube-proxy-e': { error: 'connect ETIMEDOUT' },
    });
    expect(await planned(one)).toEqual(['delete pod/kube-proxy-b']);
    expect(one.changes).toEqual([]);
  });

  it('is waited for where the API does not answer, as on a host that has no cluster yet', async () => {
    expect(await planned(new FakeHost().respond(/./, { error: 'connect ECONNREFUSED' }))).toEqual(['await']);
    expect(await planned(host({}))).toEqual([]);
  });

  it('is one where the cluster has a name', () => {
    expect(['vip.lab', '10.0.0.100', '1.example'].map(isNamed)).toEqual([true, false, true]);
  });
});
