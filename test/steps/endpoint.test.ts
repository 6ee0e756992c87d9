import { describe, expect, it } from 'vitest';
import type { Change } from '../../source/engine/change';
import { kubeadmConfig } from '../../source/kubernetes/kubeadm-config';
import { OWN_ETCD } from '../../source/kubernetes/own-etcd';
import { memberCertificates } from '../../source/steps/etcd-certificates';
import { keepalived } from '../../source/steps/keepalived';
import { kubeadmInit } from '../../source/steps/kubeadm-init';
import { loadBalancer } from '../../source/steps/load-balancer';
import { JOIN_WORKER } from '../../source/steps/paths';
import { verifyCluster } from '../../source/steps/verify-cluster';
import type { Settings } from '../../source/variables/settings';
import { MASTER_ANNOTATION } from '../../source/kubernetes/master-secret';
import { FakeHost } from '../support/fake-host';
import { settings as settingsOf } from '../variables/told';
import { MASTER } from './cluster-host';

const FAILURE = { code: 'timed-out', message: 'It took too long.', seen: ['connect ETIMEDOUT'] };
const OK = { status: 200, headers: {}, body: 'ok', roundTripMs: 1 };
const masters = 'master1,master2,master3';
const three = await settingsOf({ vip: '10.0.0.100', masters });
const balanced = await settingsOf({ vip: 'elb.lab', masters, platform: 'aws' });

/** A node as the API shows it, with what the program that makes masters says of its taint. */
const node = (tainted: string): string =>
  JSON.stringify({ metadata: { annotations: { [MASTER_ANNOTATION]: `{"tainted":${tainted}}` } } });

/** A host whose own apiserver is healthy and whose VIP answers that; its docker and journal say what they are told to. */
function host(answers: {
  readonly vip?: 'ok' | 'silent';
  readonly log?: string;
  readonly kubelet?: string;
}): FakeHost {
  return new FakeHost()
    .respond(/^https:\/\/10\.0\.0\.[1-3]:6443\//, OK)
    .respond(/:6443\/api\/v1\/nodes\/master[1-3]$/, { ...OK, body: node('true') })
    .respond(
      /^https:\/\/(10\.0\.0\.100|elb\.lab):6443\//,
      answers.vip === 'ok' ? OK : { error: 'connect EHOSTUNREACH' },
    )
    .answer(/^journalctl /, answers.kubelet ?? '')
    .answer(/^docker ps /, '')
    .answer(/^docker ps .*keepalived/, 'aaa k8s_keepalived_keepalived-master1_kube-system_1_0 Up\n')
    .answer(/^docker logs /, answers.log ?? '')
    .answer(/^docker inspect /, '\n')
    .respond(/\/pods\?/, ({ url }) => ({ ...OK, body: pods(url) }))
    .respond(/\/nodes\?/, ({ url }) => ({ ...OK, body: ready(nodeIn(url), 'True') }));
}

/** One ready pod of each workload, and keepalived's of that node. */
function pods(url: string): string {
  const daemons = ['kube-flannel-ds', 'kube-proxy', 'kube-el7-install-masters', 'coredns-7d8f'];
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  const items = [
    ...daemons.map(name => ({ metadata: { name: `${name}-x`, generateName: `${name}-` }, status })),
    { metadata: { name: `keepalived-${nodeIn(url)}` }, status },
  ];
  return JSON.stringify({ items });
}

function nodeIn(url: string): string {
  return /(?:nodeName|metadata\.name)%3D(\w+)/.exec(url)?.[1] ?? '';
}

function ready(name: string, status: string): string {
  const conditions = [{ type: 'Ready', status, message: 'no network' }];
  return JSON.stringify({ items: [{ metadata: { name }, status: { conditions } }] });
}

describe('a VIP that leads nowhere', () => {
  it('is told apart from an apiserver that does not run, with what keepalived says', async () => {
    const step = kubeadmInit(three, MASTER, []);
    const log = 'start.sh: 10.0.0.100 is an address that eth0 of this host has from elsewhere';
    const kubelet = 'E1123 06:08:27.0 1 reflector.go:1] dial tcp 10.0.0.100:6443: i/o timeout';
    const report = await step.diagnose?.(host({ log, kubelet }), FAILURE);
    expect(report).toMatchObject({ code: 'endpoint-silent' });
    expect(report?.message).toMatch(
      /apiserver on master1 is healthy, but does not answer at the VIP 10\.0\.0\.100/,
    );
    expect(report?.hint).toMatch(/router id 100/);
    expect(report?.seen).toEqual(expect.arrayContaining([log, 'connect ETIMEDOUT']));
    expect(report?.seen?.at(-1)).toBe('https://10.0.0.100:6443/healthz: connect EHOSTUNREACH');
  });

  it('has the cause that is known, where keepalived does not even start', async () => {
    const kubelet =
      'E1123 06:08:27.0 1 pod_workers.go:1] ErrImagePull: manifest for r/keepalived:9 not found: manifest unknown';
    const report = await kubeadmInit(three, MASTER, []).diagnose?.(host({ kubelet }), FAILURE);
    expect(report).toMatchObject({ code: 'endpoint-silent', message: 'An image is not in the registry.' });
  });

  it('is none where the apiserver itself is silent, or the VIP answers', async () => {
    const down = host({}).respond(/^https:\/\/10\.0\.0\.1:6443\//, { error: 'connect ECONNREFUSED' });
    for (const one of [down, host({ vip: 'ok' })]) {
      expect(await kubeadmInit(three, MASTER, []).diagnose?.(one, FAILURE)).toMatchObject({
        code: 'timed-out',
      });
    }
  });

  it('is, with a load balancer, what that must be told', async () => {
    const report = await loadBalancer(balanced, MASTER, []).diagnose?.(host({}), FAILURE);
    expect(report).toMatchObject({ code: 'endpoint-silent' });
    expect(report?.hint).toMatch(
      /forward TCP 6443 .* master1 \(10\.0\.0\.1\), master2 \(10\.0\.0\.2\), master3/,
    );
  });
});

describe('the load balancer', () => {
  const plan = async (one: FakeHost): Promise<readonly Change[]> => {
    const step = loadBalancer(balanced, MASTER, []);
    return step.plan(await step.probe(one));
  };

  it('is waited for until it leads to the apiserver, verified with the CA of the cluster', async () => {
    expect(await plan(host({ vip: 'ok' }))).toEqual([]);
    expect(await plan(host({}))).toMatchObject([
      {
        kind: 'await',
        condition: { request: { url: 'https://elb.lab:6443/healthz', caFile: '/etc/kubernetes/pki/ca.crt' } },
      },
    ]);
  });
});

describe('kubeadm init', () => {
  const planned = async (settings: Settings): Promise<readonly Change[]> => {
    const step = kubeadmInit(settings, MASTER, []);
    const bare = new FakeHost()
      .respond(/^https:/, { error: 'connect ECONNREFUSED' })
      .answer(/^docker info/, { code: 1 });
    return step.plan(await step.probe(bare));
  };
  const runs = (changes: readonly Change[]): readonly string[] =>
    changes.flatMap(change => (change.kind === 'run' ? [change.command.args.join(' ')] : []));

  it.each([1, 3])('checks the host as a part of itself, with %d masters', async count => {
    const one = await settingsOf({ vip: '10.0.0.100' });
    expect(runs(await planned(count === 1 ? one : three))).toEqual([
      expect.stringMatching(/^init --config=\S+ --skip-token-print --ignore-preflight-errors=Port-10250$/),
    ]);
  });

  it('is told of the etcd beside the apiserver and of no other, so that its checks and its upgrade ask that one', () => {
    const text = kubeadmConfig(three, { ...MASTER, cgroupDriver: 'systemd' });
    expect(text).toMatch(/endpoints:\n\s+- https:\/\/127\.0\.0\.1:2379\n\s+caFile/);
    for (const { address } of [MASTER, ...three.others]) expect(text).not.toContain(`${address}:2379`);
  });

  it('finds there the certificate of etcd, which names it', () => {
    const specs = memberCertificates([MASTER, ...three.others], MASTER, '/etc/kubernetes/pki/etcd');
    const server = specs.find(({ usage }) => usage === 'server');
    expect(server?.dnsNames).toContain('localhost');
    expect(server?.addresses).toContain(new URL(OWN_ETCD).hostname);
  });
});

describe('keepalived of a finished cluster', () => {
  const planned = async (made: Settings, now: Settings, isFinished = true): Promise<readonly Change[]> => {
    const written = keepalived(made, MASTER, []).plan({
      ...((await keepalived(made, MASTER, []).probe(new FakeHost())) as object),
    });
    const finished = new FakeHost({ '/etc/kubernetes/pki/ca.crt': 'x' });
    if (isFinished) finished.put(JOIN_WORKER, 'kubeadm join');
    for (const change of written)
      if (change.kind === 'write' && typeof change.content === 'string')
        finished.put(change.path, change.content, change.mode);
    const step = keepalived(now, MASTER, []);
    return step.plan(await step.probe(finished));
  };
  const with7 = (more: object): Promise<Settings> =>
    settingsOf({ text: 'DOCKER_REGISTRY=10.0.0.5:5000\nVIP_ROUTER_ID=7\n', vip: '10.0.0.100', ...more });

  it('is not given another router id while others share the VIP', async () => {
    await expect(planned(three, await with7({ masters }))).rejects.toThrow(
      /two of them would have the VIP at once/,
    );
    expect(await planned(three, three)).not.toContainEqual(
      expect.objectContaining({ path: '/etc/kubernetes/keepalived/keepalived.conf.template' }),
    );
  });

  it('may be given one while the cluster is not finished: nobody else has the VIP yet', async () => {
    expect(await planned(three, await with7({ masters }), false)).toContainEqual(
      expect.objectContaining({ path: '/etc/kubernetes/keepalived/keepalived.conf.template' }),
    );
  });

  it('may be given one where there is a single master', async () => {
    const changes = await planned(await settingsOf({ vip: '10.0.0.100' }), await with7({}));
    expect(changes).toContainEqual(
      expect.objectContaining({ kind: 'write', path: '/etc/kubernetes/keepalived/keepalived.conf.template' }),
    );
  });
});

describe('the verification of the cluster', () => {
  const awaited = async (settings: Settings, one: FakeHost): Promise<readonly string[]> => {
    const step = verifyCluster(settings, MASTER, []);
    return step
      .plan(await step.probe(one))
      .map(change => (change.kind === 'await' ? change.condition.title : change.kind));
  };

  it('asks for every master, its apiserver, the VIP and keepalived', async () => {
    expect(await awaited(three, host({ vip: 'ok' }))).toEqual([]);
    const sick = host({})
      .respond('https://10.0.0.3:6443/healthz', { error: 'connect ECONNREFUSED' })
      .respond(/\/nodes\?.*master2$/, { ...OK, body: ready('master2', 'False') })
      .respond(/component%3Dkeepalived.*spec\.nodeName%3Dmaster3$/, { ...OK, body: '{"items":[]}' })
      .respond(/nodes\/master2$/, { status: 200, headers: {}, body: node('false'), roundTripMs: 1 });
    expect(await awaited(three, sick)).toEqual([
      'node master2 is Ready',
      'the apiserver of master3 is healthy',
      'the API answers at 10.0.0.100',
      'the taint that keeps other pods away stays on master1, master2 and master3',
      'keepalived runs on master3',
    ]);
  });

  it('does not look for keepalived where a load balancer is', async () => {
    expect(await awaited(balanced, host({}))).toEqual(['the API answers at elb.lab']);
  });
});
