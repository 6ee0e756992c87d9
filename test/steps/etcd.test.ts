import { beforeAll, describe, expect, it } from 'vitest';
import { changesOn } from '../../source/changes';
import type { Step } from '../../source/engine/step';
import { Failure } from '../../source/engine/failure';
import { etcdManifests, firstEtcdManifest } from '../../source/kubernetes/etcd-manifests';
import { etcd } from '../../source/steps/etcd';
import { etcdctl } from '../../source/steps/etcdctl';
import { isMet } from '../../source/steps/manifest';
import { verifyEtcd } from '../../source/steps/verify-etcd';
import type { Settings } from '../../source/variables/settings';
import { FakeHost } from '../support/fake-host';
import { settings as settingsOf } from '../variables/told';
import { apply, everything } from './etcd-apply';
import { EtcdHost, MASTERS } from './etcd-host';

const [MASTER] = MASTERS;
const INIT = '/etc/kubernetes/manifests/etcd-init.yaml';
const HIDDEN = '/etc/kubernetes/manifests/.etcd-init.yaml';
const CLUSTER = '/etc/kubernetes/manifests/etcd-cluster.yaml';
const silent = { output: () => undefined, note: () => undefined, secret: () => undefined };

let settings: Settings;

beforeAll(async () => {
  settings = await settingsOf({ vip: '10.0.0.100', masters: 'master1,master2,master3' });
});

/** master1 after its kubelet was configured, with all masters in etcd. */
async function grown(): Promise<EtcdHost> {
  const host = new EtcdHost();
  host.answer(/^docker info /, '{"CgroupDriver":"systemd"}').answer(/^systemctl /);
  host
    .put('/var/lib/kubelet/config.yaml', 'kind: KubeletConfiguration\n')
    .put('/var/lib/etcd/member/wal', '');
  await host.makeDirectory('/var/lib/etcd', 0o700);
  await host.makeDirectory('/var/lib/etcd/member', 0o700);
  await apply(everything(settings), host);
  return host;
}

/** What of that which a step would wait for is not so. */
async function unmet(step: Step, host: FakeHost): Promise<readonly string[]> {
  const titles: string[] = [];
  for (const change of step.plan(await step.probe(host))) {
    if (change.kind !== 'await' || change.condition.kind !== 'all') throw new Error(change.kind);
    for (const question of change.condition.of)
      if (!(await isMet(host, question))) titles.push(question.title);
  }
  return titles;
}

async function plan(step: Step, host: FakeHost): Promise<readonly string[]> {
  return step
    .plan(await step.probe(host))
    .map(change => ('path' in change ? `${change.kind} ${change.path}` : change.kind));
}

describe('etcd on the first master', () => {
  it('is not begun again once the cluster pod has its place', async () => {
    const host = await grown();
    const step = etcd(settings, MASTER, []);
    expect(host.text(INIT)).toBeUndefined();
    expect(await plan(step, host)).toEqual([]);
    host.broken.add('master1');
    expect(await plan(step, host)).toEqual(['await']);
    host.answer('systemctl is-active --quiet kubelet.service', { code: 3 });
    expect(await plan(step, host)).toEqual(['service', 'await']);
  });

  it('is not begun again while a Job swaps its pods', async () => {
    const host = await grown();
    host.put(HIDDEN, 'kind: Pod\n').put(CLUSTER, 'kind: PodERROR\n');
    host.pods.delete('master1');
    expect(await plan(etcd(settings, MASTER, []), host)).toEqual(['await']);
  });

  it('is put back where its manifest was lost before', async () => {
    const host = await grown();
    host.put(CLUSTER, 'kind: PodERROR\n');
    host.pods.delete('master1');
    expect(await plan(etcd(settings, MASTER, []), host)).toEqual([`write ${INIT}`, 'await']);
  });

  it('is not begun without its data while others count on it', async () => {
    const host = await grown();
    host.drop('/var/lib/etcd/member/wal').drop('/var/lib/etcd/member').drop(CLUSTER);
    host.pods.delete('master1');
    await expect(plan(etcd(settings, MASTER, []), host)).rejects.toThrow(/second, empty cluster/);
  });
});

describe('etcd whose times are given otherwise on a later run', () => {
  const SLOW = { etcd: { heartbeatMs: 500, electionMs: 2500 } };
  const slower = (): Settings => ({ ...settings, timings: { ...settings.timings, ...SLOW } });
  const fast = /Give ETCD_HEARTBEAT_INTERVAL=100 and ETCD_ELECTION_TIMEOUT=1000\./;

  async function refusal(host: FakeHost, of: Settings): Promise<string> {
    const error = await plan(etcd(of, MASTER, []), host).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Failure);
    const { code, hint = '' } = (error as Failure).report;
    expect(code).toBe('other-settings');
    return hint;
  }

  it('is refused where it has several members, and leaves its manifests alone', async () => {
    const host = await grown();
    const before = host.text(CLUSTER);
    expect(await refusal(host, slower())).toMatch(fast);
    expect(host.text(CLUSTER)).toBe(before);
  });

  it('is refused while the first member still is the init pod, and while a Job swaps it', async () => {
    const host = await grown();
    // The one that waits has the new times already, or not: it is not what runs.
    host.put(CLUSTER, etcdManifests(slower(), MASTERS, 0).cluster);
    host.put(INIT, firstEtcdManifest(settings, MASTER));
    expect(await refusal(host, slower())).toMatch(fast);
    host.put(HIDDEN, host.text(INIT) ?? '').drop(INIT);
    expect(await refusal(host, slower())).toMatch(fast);
  });

  it('is taken where the members have been given the same by hand', async () => {
    const host = await grown();
    host.put(CLUSTER, etcdManifests(slower(), MASTERS, 0).cluster.replace('PodERROR', 'Pod'));
    expect(await plan(etcd(slower(), MASTER, []), host)).toEqual([]);
    expect(await refusal(host, settings)).toMatch(/HEARTBEAT_INTERVAL=500 and ETCD_ELECTION_TIMEOUT=2500\./);
  });

  it('starts a single member anew with them', async () => {
    const host = await grown();
    host.members = host.members.filter(({ name }) => name === 'master1');
    host.drop(CLUSTER).put(INIT, firstEtcdManifest(settings, MASTER));
    expect(await plan(etcd(slower(), MASTER, []), host)).toEqual([`write ${INIT}`, 'service', 'await']);
  });
});

describe('verifying etcd', () => {
  it('finds nothing to do where every master is a voter that answers', async () => {
    expect(await plan(verifyEtcd(settings, MASTER, []), await grown())).toEqual([]);
  });

  it('waits for one that has no vote, and for one that takes no clients', async () => {
    const host = await grown();
    const step = verifyEtcd(settings, MASTER, []);
    host.pods.set('master2', 'etcd-init');
    expect(await plan(step, host)).toEqual(['await']);
    expect(await unmet(step, host)).toEqual(["etcd answers clients at master2's address, 10.0.0.2"]);
    host.pods.set('master2', 'etcd-cluster');
    host.members.forEach(member => (member.learner = member.name === 'master3'));
    expect(await unmet(step, host)).toContain('etcd on master3 has its vote, and a leader');
  });

  it('refuses what answers without a certificate, on any master and at any port', async () => {
    const host = await grown();
    const answered = { status: 404, headers: {}, body: '', roundTripMs: 1 };
    host.respond(
      ({ url, certFile }) => certFile === undefined && url.startsWith('https://10.0.0.3:2381/'),
      answered,
    );
    await expect(plan(verifyEtcd(settings, MASTER, []), host)).rejects.toThrow(
      /etcd at 10\.0\.0\.3:2381 answers/,
    );
  });

  it('refuses a member that is none of the masters', async () => {
    const host = await grown();
    host.members.push({ id: '255', url: 'https://10.0.0.9:2380', name: 'gone', learner: false });
    await expect(plan(verifyEtcd(settings, MASTER, []), host)).rejects.toThrow(
      /the member "gone" at https:\/\/10\.0\.0\.9:2380.*It counts for the quorum/,
    );
  });
});

describe('etcdctl', () => {
  const PROGRAM = '/var/lib/kube-el7-install/bin/etcdctl';
  /** A docker that has the image, and one container at most. */
  function docker(): { readonly host: FakeHost; image: string } {
    const state = { container: false, image: 'sha256:one' };
    const host = new FakeHost()
      .answer(/^docker image inspect /, () => `${state.image}\n`)
      .answer(/^docker ps /, () => (state.container ? 'abc\n' : ''))
      .answer(/^docker create /, () => {
        if (state.container) return { code: 1, stderr: 'Conflict. The container name is already in use' };
        state.container = true;
        return 'abc\n';
      })
      .answer(/^docker rm --force /, () => ((state.container = false), {}))
      .answer(/^sh -c docker cp /, (_, on) => (on.put(PROGRAM, `of ${state.image}`, 0o755), {}))
      .answer(/^chmod 0755 /)
      .answer(`${PROGRAM} version`, (_, on) =>
        on.text(PROGRAM) === undefined ? { code: 127 } : 'etcdctl version: 3.4.13\n',
      );
    return Object.assign(state, { host });
  }

  async function run(step: Step, host: FakeHost, cut = Infinity): Promise<void> {
    const changes = step.plan(await step.probe(host)).slice(0, cut);
    for (const change of changes) if (change.kind !== 'await') await changesOn(host).perform(change, silent);
  }

  it('is taken from the image once, wherever it was cut off', async () => {
    const step = etcdctl(settings, []);
    for (let cut = 0; cut < 8; cut += 1) {
      const { host } = docker();
      await run(step, host, cut);
      await run(step, host);
      expect(host.text(PROGRAM), `cut off after ${cut}`).toBe('of sha256:one');
      expect(await plan(step, host)).toEqual([]);
    }
  });

  it('is taken again where the image is another one', async () => {
    const step = etcdctl(settings, []);
    const site = docker();
    await run(step, site.host);
    site.image = 'sha256:two';
    await run(step, site.host);
    expect(site.host.text(PROGRAM)).toBe('of sha256:two');
    expect(await plan(step, site.host)).toEqual([]);
  });
});
