import { describe, expect, it } from 'vitest';
import { changesOn } from '../../../source/changes';
import type { Change } from '../../../source/engine/change';
import type { Step } from '../../../source/engine/step';
import { isMet } from '../../../source/steps/manifest';
import { endKeeping, findKeeping, RESET } from '../../../source/steps/reset/kept';
import { readPlace } from '../../../source/cluster/place';
import { inSeries } from '../../../source/steps/reset/series';
import { takeDown } from '../../../source/steps/reset/take-down';
import { settingsWith } from '../prepare/el7';
import { ResetHost } from './reset-host';

const NOW = new Date('2026-11-25T18:00:00Z');
const KEPT = '/var/lib/kube-el7-install/kept/20261125T180000Z';
const silent = { output: () => undefined, note: () => undefined, secret: () => undefined };

/** The steps of a reset but those that prepare. */
async function stepsOn(host: ResetHost, keeps = true): Promise<readonly Step[]> {
  const [place, keeping] = [await readPlace(host), await findKeeping(host, RESET, { now: NOW, keeps })];
  const outlines = takeDown(await settingsWith(), place, keeping, RESET);
  const end = { id: 'end', title: '', steps: [(after: readonly string[]) => endKeeping(keeping, after)] };
  return inSeries([...outlines, end]).flatMap(({ steps }) => steps);
}

async function apply(
  host: ResetHost,
  steps: readonly Step[],
  before: (change: Change) => void = () => undefined,
): Promise<number> {
  let made = 0;
  for (const step of steps) {
    for (const change of step.plan(await step.probe(host))) {
      before(change);
      made += 1;
      if (change.kind === 'await')
        expect(await isMet(host, change.condition), change.condition.title).toBe(true);
      else await changesOn(host).perform(change, silent);
    }
    expect(step.plan(await step.probe(host)), step.id).toEqual([]);
  }
  return made;
}

/** What a reset leaves, apart from what it keeps. */
function end(host: ResetHost): object {
  const { containers, vip, rules, links, routes, nodes, members } = host;
  const paths = host
    .modes()
    .map(([path]) => path)
    .filter(path => !path.startsWith(KEPT));
  return { paths, containers, vip, rules, links, routes, nodes, members: members.map(({ name }) => name) };
}

const LEFT = {
  paths: ['/usr/bin/kubeadm', '/var/lib/kube-el7-install/journal.jsonl', '/var/lib/kube-el7-install/kept'],
  containers: false,
  vip: false,
  links: ['eth0', 'docker0'],
  routes: ['10.0.0.0/24 dev eth0 scope link'],
};

describe('one of three masters', () => {
  it('leaves etcd after the lead, its node and its VIP are given away, and nothing of it stays but what is kept', async () => {
    const host = new ResetHost();
    await apply(host, await stepsOn(host));
    expect(end(host)).toMatchObject({
      ...LEFT,
      members: ['master2', 'master3'],
      nodes: ['master2', 'master3', 'worker1'],
    });
    expect(host.leader).toBe('master2');
    expect(host.turns.get('master1')).toBe('wait');
    expect(host.rules).toContain('-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE');
    expect(host.rules).not.toMatch(/KUBE|10\.244/);
    expect(host.text(`${KEPT}/etcd.db`)).toBe('etcd');
    expect(JSON.parse(host.text(`${KEPT}/etcd.json`) ?? '')).toMatchObject({ revision: 42 });
    expect(host.text(`${KEPT}/kubernetes/pki/ca.key`)).toBe('canary-key');
    expect(host.text(`${KEPT}/kubeadm-init.yaml`)).toContain('ClusterConfiguration');
    expect(host.text(`${KEPT}/etcd/member.before-1/db`)).toBe('older data');
    expect(host.modes().find(([path]) => path === KEPT)?.[1]).toBe(0o700);
    expect(host.text(`${KEPT}/unfinished`)).toBeUndefined();
  });

  it('hands the VIP over before its etcd leaves, with which its apiserver ends', async () => {
    const done = async (host: ResetHost): Promise<readonly string[]> => {
      const titles: string[] = [];
      await apply(host, await stepsOn(host), change => {
        if ('title' in change) titles.push(change.title);
      });
      return titles;
    };
    const titles = await done(new ResetHost());
    const at = (what: RegExp): number => titles.findIndex(title => what.test(title));
    expect(at(/away from the kubelet/)).toBeGreaterThan(-1);
    expect(at(/away from the kubelet/)).toBeLessThan(at(/^Stop keepalived$/));
    expect(at(/^Stop keepalived$/)).toBeLessThan(at(/^Give etcd's lead/));
    expect(titles.filter(title => title === 'Stop keepalived')).toHaveLength(1);
    const elsewhere = new ResetHost();
    elsewhere.vip = false;
    expect((await done(elsewhere)).join()).not.toContain('away from the kubelet');
  });

  it('comes to the same end from wherever it was cut off', async () => {
    const reference = new ResetHost();
    const count = await apply(reference, await stepsOn(reference));
    expect(count).toBeGreaterThan(30);
    for (let cut = 1; cut < count; cut += 1) {
      const host = new ResetHost();
      let made = 0;
      const kill = () => {
        if (made >= cut) throw new Error('killed');
        made += 1;
      };
      await expect(apply(host, await stepsOn(host), kill)).rejects.toThrow('killed');
      await apply(host, await stepsOn(host));
      expect(end(host), `cut off after ${cut} changes`).toEqual(end(reference));
      expect(host.text(`${KEPT}/etcd.db`)).toBe('etcd');
      expect(host.text(`${KEPT}/kubernetes/pki/ca.key`)).toBe('canary-key');
    }
  });

  it('takes its part out of etcd although its own etcd and the API are down; its data is kept by a survivor', async () => {
    const host = new ResetHost();
    host.broken.add('master1');
    host.leader = 'master3';
    host.apiAnswers = false;
    host.units.set('docker.service', { active: 'inactive', file: 'enabled' });
    await apply(host, await stepsOn(host));
    expect(end(host)).toMatchObject({ ...LEFT, members: ['master2', 'master3'] });
    expect(host.nodes).toContain('master1');
    expect(host.executed.find(command => command.includes('snapshot save'))).toContain(
      'https://10.0.0.2:2379',
    );
    expect(host.executed.some(command => command.includes('move-leader'))).toBe(false);
  });

  it('is not taken out once the quorum would be lost by that, although it was allowed a moment ago', async () => {
    const host = new ResetHost();
    const steps = await stepsOn(host);
    host.broken.add('master3');
    await expect(apply(host, steps)).rejects.toMatchObject({ report: { code: 'quorum-needed' } });
    expect(host.members).toHaveLength(3);
    expect(host.text('/etc/kubernetes/manifests/kube-apiserver.yaml')).toBeDefined();
  });

  it('keeps nothing where that is said', async () => {
    const host = new ResetHost();
    await apply(host, await stepsOn(host, false));
    expect(end(host)).toMatchObject({ ...LEFT, members: ['master2', 'master3'] });
    expect(host.modes().filter(([path]) => path.startsWith(KEPT))).toEqual([]);
    expect(host.executed.some(command => command.includes('snapshot'))).toBe(false);
  });
});

describe('the only master', () => {
  it('goes without asking anybody, and its data is moved aside where its etcd cannot be asked', async () => {
    const host = new ResetHost(1);
    host.put('/etc/kubernetes/manifests/kube-apiserver.yaml', '- --etcd-servers=https://10.0.0.1:2379\n');
    host.broken.add('master1');
    await apply(host, await stepsOn(host));
    expect(end(host)).toMatchObject(LEFT);
    expect(host.text(`${KEPT}/etcd/member/snap/db`)).toBe('data');
    expect(host.executed.some(command => /member remove|delete node/.test(command))).toBe(false);
  });
});

describe('a worker', () => {
  it('is taken down, and leaves its node to a master', async () => {
    const host = new ResetHost();
    for (const [path] of host.modes()) {
      const master = /etcd|manifests|admin\.conf|keepalived|kube-el7-install\/(?!journal)|\.kube/;
      if (master.test(path)) host.drop(path);
    }
    host.vip = false;
    await apply(host, await stepsOn(host));
    expect(end(host)).toMatchObject(LEFT);
    expect(host.nodes).toContain('master1');
    expect(host.executed.some(command => command.startsWith('kubectl'))).toBe(false);
  });
});

describe('a host on which nothing was begun', () => {
  it('stays as it is', async () => {
    const host = new ResetHost();
    for (const [path] of host.modes()) if (path !== '/usr/bin/kubeadm') host.drop(path);
    Object.assign(host, { containers: false, vip: false, rules: '', links: [], routes: [] });
    host.units.set('kubelet.service', { active: 'inactive', file: 'enabled' });
    await apply(host, await stepsOn(host));
    expect(
      host
        .modes()
        .map(([path]) => path)
        .filter(path => !path.includes('/kept')),
    ).toEqual(['/usr/bin/kubeadm']);
  });
});
