import { beforeAll, describe, expect, it } from 'vitest';
import { changesOn } from '../../source/changes';
import type { Change } from '../../source/engine/change';
import { Secret } from '../../source/engine/secret';
import { joinOther } from '../../source/steps/join-other';
import { idOn, prepareOther } from '../../source/steps/prepare-other';
import { prepareSteps } from '../../source/steps/prepare';
import type { Settings } from '../../source/variables/settings';
import { FakeHost } from '../support/fake-host';
import { RunFixture, stage } from '../engine/run-fixture';
import { settings as settingsOf } from '../variables/told';

const TOKEN = 'abcdef.0123456789abcdef';
const HASH = `sha256:${'0123456789abcdef'.repeat(4)}`;
const COMMAND = `kubeadm join vip.lab:6443 --token ${TOKEN} --discovery-token-ca-cert-hash ${HASH}\n`;
const JOIN_WORKER = '/run/kube-el7-install/first-master/join-worker';
const CONFIG = '/var/lib/kube-el7-install/kubeadm-join.yaml';
const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';
const BOOTSTRAP_CONF = '/etc/kubernetes/bootstrap-kubelet.conf';
const CA = '/etc/kubernetes/pki/ca.crt';
const JOIN = `kubeadm join --config=${CONFIG} --ignore-preflight-errors=DirAvailable--etc-kubernetes-manifests,Port-10250`;
const other = { hostname: 'master2', address: '10.0.0.2' };

let settings: Settings;

beforeAll(async () => {
  settings = await settingsOf({ vip: 'vip.lab', masters: 'master1,master2' });
});

const kubeletConf = (server: string) => `clusters:\n- cluster:\n    server: ${server}\n`;

/** master2 as ssh shows it, with the first master's command to join, and a cluster that it can join. */
function master2(files: Record<string, string> = {}) {
  const host = new FakeHost({ [JOIN_WORKER]: COMMAND, ...files }, 'master2');
  const cluster = { node: undefined as string | undefined, silent: false, given: '' };
  host
    .answer(/kubectl --kubeconfig \/etc\/kubernetes\/kubelet.conf .* get node master2/, ({ args }) => {
      if (cluster.silent) return { code: 1, stderr: 'Unable to connect to the server: EOF' };
      if (cluster.node === undefined)
        return { code: 1, stderr: 'Error from server (NotFound): nodes "master2" not found' };
      return args.at(-1) === '--output=name' ? 'node/master2\n' : cluster.node;
    })
    .answer(/kubectl .* annotate node master2 /, ({ args }) => {
      cluster.node = args.at(-1)?.split('=')[1] ?? '';
      return {};
    })
    .answer('systemctl restart kubelet.service', () => {
      cluster.node ??= '';
      return {};
    })
    .answer(JOIN, () => {
      if ([KUBELET_CONF, BOOTSTRAP_CONF, CA].some(path => host.text(path) !== undefined)) return { code: 1 };
      cluster.given = host.text(CONFIG) ?? '';
      cluster.node = '/var/run/dockershim.sock';
      host.put(CA, 'the CA').put(KUBELET_CONF, kubeletConf('https://vip.lab:6443'));
      return {};
    });
  return { host, cluster };
}

/** Runs the step as the engine does, twice: the second time must change nothing. */
async function joined(host: FakeHost): Promise<RunFixture> {
  const fixture = new RunFixture();
  const hosts = new Map([['master2', { host, changes: changesOn(host) }]]);
  const stages = [stage(joinOther(settings, other, []))];
  const outcome = await fixture.run(stages, { hosts });
  expect(fixture.of('run-finished')[0]?.failure).toBeUndefined();
  expect(outcome).toBe('succeeded');
  const before = host.changes.length;
  expect(await fixture.run(stages, { hosts })).toBe('succeeded');
  expect(host.changes).toHaveLength(before);
  return fixture;
}

describe('joining another master', () => {
  it('gives kubeadm a configuration that knows the cluster by its CA, and takes it away again', async () => {
    const { host, cluster } = master2();
    const fixture = await joined(host);
    expect(cluster.given).toBe(
      [
        'apiVersion: kubeadm.k8s.io/v1beta2',
        'kind: JoinConfiguration',
        'discovery:',
        '  bootstrapToken:',
        `    token: ${TOKEN}`,
        '    apiServerEndpoint: vip.lab:6443',
        '    caCertHashes:',
        `      - ${HASH}`,
        'nodeRegistration:',
        '  name: master2',
        '  criSocket: /var/run/dockershim.sock',
        '  kubeletExtraArgs:',
        '    node-ip: 10.0.0.2',
        '',
      ].join('\n'),
    );
    expect(host.text(CONFIG)).toBeUndefined();
    expect(host.executed).toEqual([JOIN]);
    expect(JSON.stringify([fixture.events, fixture.notes])).not.toContain(TOKEN);
  });

  it('runs again a join that was cut short, without the files that it left', async () => {
    const { host } = master2({
      [CONFIG]: 'half',
      [BOOTSTRAP_CONF]: kubeletConf('https://vip.lab:6443'),
      [CA]: '',
      [KUBELET_CONF]: '',
    });
    await joined(host);
    expect(host.executed).toEqual([JOIN]);
  });

  it('lets the kubelet register where only that is missing', async () => {
    const { host, cluster } = master2({ [KUBELET_CONF]: kubeletConf('https://vip.lab:6443'), [CONFIG]: 'x' });
    await joined(host);
    expect(host.executed.map(line => line.split(' ')[0])).toEqual(['systemctl', 'kubectl']);
    expect(cluster.node).toBe('/var/run/dockershim.sock');
    expect(host.text(CONFIG)).toBeUndefined();
  });

  it('does what kubeadm does last where only that is missing', async () => {
    const { host, cluster } = master2({ [KUBELET_CONF]: kubeletConf('https://vip.lab:6443') });
    cluster.node = '';
    await joined(host);
    expect(host.executed).toHaveLength(1);
    expect(host.executed[0]).toContain(
      'annotate node master2 --overwrite kubeadm.alpha.kubernetes.io/cri-socket=',
    );
  });

  it('leaves a node alone whose cluster is silent', async () => {
    const { host, cluster } = master2({ [KUBELET_CONF]: kubeletConf('https://vip.lab:6443') });
    cluster.silent = true;
    await joined(host);
    expect(host.changes).toEqual([]);
  });

  it('refuses a node of another cluster', async () => {
    const { host } = master2({ [KUBELET_CONF]: kubeletConf('https://10.9.9.9:6443') });
    const step = joinOther(settings, other, []);
    const observed = await step.probe(host);
    expect(() => step.plan(observed)).toThrow('names https://10.9.9.9:6443');
  });

  it('is planned before there is a command to join', async () => {
    const { host } = master2();
    host.drop(JOIN_WORKER);
    const changes = joinOther(settings, other, []).plan(await joinOther(settings, other, []).probe(host));
    const written = changes.find((one): one is Extract<Change, { kind: 'write' }> => one.kind === 'write');
    expect(written).toMatchObject({ path: CONFIG, mode: 0o600 });
    expect(written?.content).toBeInstanceOf(Secret);
  });
});

describe('preparing another master', () => {
  it('does there what is done here, in the same order', () => {
    const here = prepareSteps(settings);
    const there = prepareOther(settings, other);
    expect(there.map(one => one.id)).toEqual(here.map(one => `${one.id}@master2`));
    expect(there.every(one => one.host === 'master2')).toBe(true);
    expect(there.find(one => one.id === 'kubelet@master2')?.after).toEqual(['docker@master2']);
    expect(there[0]?.title).toBe(`${here[0]?.title ?? ''} on master2`);
    expect(idOn('join', other)).toBe('join@master2');
  });

  it('stands beside the same for this host in one list', async () => {
    const steps = [...prepareSteps(settings), ...prepareOther(settings, other)];
    const fixture = new RunFixture();
    // Only the list itself is looked at: the run is over before its first step.
    const hosts = new Map([['master2', { host: fixture.host, changes: changesOn(fixture.host) }]]);
    expect(await fixture.run([stage(...steps)], { hosts, signal: AbortSignal.abort() })).toBe('interrupted');
    await expect(fixture.run([stage(...steps)])).rejects.toThrow('master2');
  });
});
