import { beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '../../source/engine/step';
import { lastSwap, swapSteps } from '../../source/steps/swap-steps';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';
import { apply, growth, of } from './etcd-apply';
import { EtcdHost, MASTERS } from './etcd-host';

const [MASTER] = MASTERS;

let settings: Settings;

beforeAll(async () => {
  settings = await settingsOf({ vip: '10.0.0.100', masters: 'master1,master2,master3' });
});

describe('swapping the pods', () => {
  const swaps = (): readonly Step[] => swapSteps(settings, MASTER, [], []);

  it('is done on this host before the last one, and on each when its apiserver answers', () => {
    const steps = swapSteps(settings, MASTER, ['grown'], ['ready2', 'ready3']);
    expect(steps.map(({ id, after }) => `${id} <- ${after.join(', ')}`)).toEqual([
      'etcd-swap-master2 <- grown, ready2',
      'etcd-swap-master1 <- etcd-swap-master2, ready2',
      'etcd-swap-master3 <- etcd-swap-master1, ready3',
    ]);
    expect(lastSwap(settings, MASTER)).toBe(steps.at(-1)?.id);
  });

  it('of two masters begins with this host, when the apiserver of the other one answers', async () => {
    const two = await settingsOf({ vip: '10.0.0.100', masters: 'master1,master2' });
    const steps = swapSteps(two, MASTER, ['grown'], ['ready2']);
    expect(steps.map(({ id, after }) => `${id} <- ${after.join(', ')}`)).toEqual([
      'etcd-swap-master1 <- grown, ready2',
      'etcd-swap-master2 <- etcd-swap-master1, ready2',
    ]);
  });

  it('of two masters waits until the other one can take the VIP, which it may have handed over itself just before', async () => {
    const two = await settingsOf({ vip: '10.0.0.100', masters: 'master1,master2' });
    const host = new EtcdHost();
    let ready = 'True';
    host.respond(/component%3Dkeepalived&fieldSelector=/, ({ url }) => {
      const name = `keepalived-${/nodeName%3D(\w+)/.exec(url)?.[1] ?? ''}`;
      const pod = { metadata: { name }, status: { conditions: [{ type: 'Ready', status: ready }] } };
      return { status: 200, headers: {}, roundTripMs: 1, body: JSON.stringify({ items: [pod] }) };
    });
    await apply(growth(two), host);
    const [first, second] = swapSteps(two, MASTER, [], []);
    if (!first || !second) throw new Error('no steps');
    await apply([first], host);
    ready = 'False';
    await expect(apply([second], host)).rejects.toThrow(/keepalived runs on master1/);
    expect(host.pods.get('master2')).toBe('etcd-init');
    ready = 'True';
    await apply([second], host);
    expect(host.pods.get('master2')).toBe('etcd-cluster');
    const balanced = await settingsOf({ platform: 'aws', vip: '10.0.0.100', masters: 'master1,master2' });
    host.pods.set('master2', 'etcd-init');
    ready = 'False';
    await apply(swapSteps(balanced, MASTER, [], []), host);
  });

  it('is done on one master after another, each while another apiserver answers', async () => {
    const host = new EtcdHost();
    await apply(growth(settings), host);
    const order: string[] = [];
    await apply(swaps(), host, (change, { id }) => {
      if (change.kind === 'run' || change.kind === 'await')
        order.push(`${id}: ${change.kind === 'run' ? change.title : change.condition.title}`);
    });
    const ids = swaps().map(({ id }) => id);
    expect([...ids].sort()).toEqual(MASTERS.map(({ hostname }) => `etcd-swap-${hostname}`));
    for (const id of ids) {
      const own = order.filter(line => line.startsWith(`${id}: `)).map(line => line.slice(id.length + 2));
      const at = (title: RegExp): number => own.findIndex(line => title.test(line));
      const answering = own.find(line => /^the apiserver on master\d is healthy$/.test(line)) ?? '';
      expect(id).not.toContain(/master\d/.exec(answering)?.[0] ?? id);
      expect(at(/^the apiserver on/)).toBeLessThan(at(/stay as the cluster pod/));
      expect(at(/stay as the cluster pod/)).toBeLessThan(at(/kubectl apply/));
    }
  });

  it('waits where no other apiserver answers, and asks one that does', async () => {
    const host = new EtcdHost();
    await apply(growth(settings), host);
    const [swap] = swaps().filter(({ id }) => id === 'etcd-swap-master2');
    host.silentApis.add('master3');
    const titles = async (): Promise<readonly string[]> =>
      (swap?.plan(await swap.probe(host)) ?? []).map(change =>
        change.kind === 'await' ? change.condition.title : change.kind,
      );
    expect(await titles()).toContain('the apiserver on master1 is healthy');
    host.silentApis.add('master1').delete('master3');
    expect(await titles()).toContain('the apiserver on master3 is healthy');
    host.silentApis.add('master3');
    await expect(apply(swap === undefined ? [] : [swap], host)).rejects.toThrow(/the apiserver on master1/);
    expect(host.pods.get('master2')).toBe('etcd-init');
  });

  it('hands the VIP over where keepalived carries it and another master can take it', async () => {
    const jobOf = async (told: Settings): Promise<string> => {
      const host = new EtcdHost();
      const [swap] = swapSteps(told, MASTER, [], []);
      const changes = swap?.plan(await swap.probe(host)) ?? [];
      const write = changes.find(change => change.kind === 'write');
      return write?.kind === 'write' && typeof write.content === 'string' ? write.content : '';
    };
    expect(await jobOf(settings)).toMatch(/name: VIP\n\s+value: 10\.0\.0\.100\n/);
    const balanced = await settingsOf({
      platform: 'aws',
      vip: '10.0.0.100',
      masters: 'master1,master2,master3',
    });
    expect(await jobOf(balanced)).toContain('name: swap\n');
    expect(await jobOf(balanced)).not.toContain('name: VIP');
  });

  it('takes up a Job that is at work although its member has ended', async () => {
    const host = new EtcdHost();
    await apply(growth(settings), host);
    await apply(swaps().slice(0, 1), host);
    host.turns.set('master2', 'cluster');
    host.pods.delete('master2');
    host.jobs.set('master2', 'at work');
    const step = of(swaps(), 'etcd-swap-master2');
    const titles = step
      .plan(await step.probe(host))
      .map(change => (change.kind === 'await' ? change.condition.title : change.kind));
    expect(titles[0]).toBe('run');
    await apply([step], host);
    expect(host.pods.get('master2')).toBe('etcd-cluster');
  });

  it('lets a Job come to its end that has swapped and still has something to put back', async () => {
    const host = new EtcdHost();
    await apply(growth(settings), host);
    await apply(swaps().slice(0, 1), host);
    const step = of(swaps(), 'etcd-swap-master2');
    const kinds = async (): Promise<readonly string[]> =>
      step.plan(await step.probe(host)).map(({ kind }) => kind);
    expect(await kinds()).toEqual([]);
    host.jobs.set('master2', 'at work');
    expect(await kinds()).toEqual(['await', 'run']);
    host.jobs.set('master2', 'Complete');
    expect(await kinds()).toEqual(['run']);
  });

  it('does not wait for a kubelet that goes on listing an init pod which has ended', async () => {
    const host = new EtcdHost();
    await apply(growth(settings), host);
    host.listed.add('master2');
    await apply(swaps().slice(0, 1), host);
    expect(host.pods.get('master2')).toBe('etcd-cluster');
    expect(host.listed.size).toBe(0);
  });

  it('begins anew after a Job that has given up', async () => {
    const host = new EtcdHost();
    await apply(growth(settings), host);
    host.turns.set('master2', 'cluster');
    host.pods.delete('master2');
    host.jobs.set('master2', 'Failed');
    await apply(swaps().slice(0, 1), host);
    expect(host.pods.get('master2')).toBe('etcd-cluster');
    expect(host.jobs.size).toBe(0);
  });

  it('is not begun while another member is ill', async () => {
    const host = new EtcdHost();
    await apply(growth(settings), host);
    host.broken.add('master3');
    await expect(apply(swaps().slice(0, 1), host)).rejects.toThrow(/etcd on master3 is healthy/);
    expect(host.pods.get('master2')).toBe('etcd-init');
  });

  it('says that two masters stop writing meanwhile', async () => {
    const two = await settingsOf({ vip: '10.0.0.100', masters: 'master1,master2' });
    expect(swapSteps(two, MASTER, [], [])[0]?.title).toMatch(/quorum 2 of 2; writes stop until it is back/);
    expect(swaps()[0]?.title).toMatch(/\(quorum 2 of 3\)/);
  });
});
