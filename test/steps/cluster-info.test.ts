import { describe, expect, it } from 'vitest';
import { clusterInfoSignature } from '../../source/kubernetes/cluster-info';
import { clusterInfo } from '../../source/steps/cluster-info';
import { BOOTSTRAP_TOKEN } from '../../source/steps/paths';
import { FakeHost } from '../support/fake-host';
import { MASTER } from './cluster-host';

const ID = 'abcdef';
const SECRET = '0123456789abcdef';
const KEY = `jws-kubeconfig-${ID}`;
const KUBECONFIG = 'apiVersion: v1\nkind: Config\n';
const SIGNATURE = clusterInfoSignature(KUBECONFIG, { id: ID, secret: SECRET });

/** A host whose cluster has such a cluster-info, and takes the token or does not. */
function host(data: Readonly<Record<string, string>>, takes = true): FakeHost {
  const answer = (status: number, body: object) => ({
    status,
    headers: {},
    body: JSON.stringify(body),
    roundTripMs: 1,
  });
  return new FakeHost({ [BOOTSTRAP_TOKEN]: { content: `${ID}.${SECRET}`, mode: 0o600 } })
    .respond(/\/secrets\/bootstrap-token-abcdef$/, answer(takes ? 200 : 404, {}))
    .respond(/\/kube-public\/configmaps\/cluster-info$/, answer(200, { data }));
}

/** What the step would merge into cluster-info; nothing where it has nothing to do. */
async function merged(on: FakeHost): Promise<readonly unknown[]> {
  const step = clusterInfo(MASTER, ['kubeadm-init']);
  return step
    .plan(await step.probe(on))
    .map(change => change.kind === 'run' && (JSON.parse(change.command.args.at(-1) ?? '') as unknown));
}

describe('cluster-info', () => {
  it('is signed for the token as soon as kubeadm has made it', async () => {
    expect(await merged(host({ kubeconfig: KUBECONFIG }))).toEqual([{ data: { [KEY]: SIGNATURE } }]);
  });

  it('is left alone once it is signed', async () => {
    expect(await merged(host({ kubeconfig: KUBECONFIG, [KEY]: SIGNATURE }))).toEqual([]);
  });

  it('is signed again where what it says has changed', async () => {
    expect(await merged(host({ kubeconfig: `${KUBECONFIG}users: []\n`, [KEY]: SIGNATURE }))).toHaveLength(1);
  });

  it('is not signed with a token that has expired, since kube-controller-manager would take that back', async () => {
    expect(await merged(host({ kubeconfig: KUBECONFIG }, false))).toEqual([]);
  });

  it('stands in the plan of a host that has no cluster yet, with no part of the secret', async () => {
    const fresh = new FakeHost().respond(/:6443\//, { error: 'connect ECONNREFUSED' });
    const step = clusterInfo(MASTER, []);
    const planned = step.plan(await step.probe(fresh));
    expect(planned).toHaveLength(1);
    const signing = host({ kubeconfig: KUBECONFIG });
    expect(JSON.stringify(step.plan(await step.probe(signing)))).not.toContain(SECRET);
  });
});
