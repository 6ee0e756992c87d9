import { beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '../../source/engine/step';
import { swapSteps } from '../../source/steps/swap-steps';
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
  const swaps = (): readonly Step[] => swapSteps(settings, MASTER, []);

  it('is done on this host last, when every apiserver has another member and it does not lead', async () => {
    const host = new EtcdHost();
    await apply(growth(settings), host);
    const order: string[] = [];
    await apply(swaps(), host, (change, { id }) => {
      if (change.kind === 'run' || change.kind === 'await')
        order.push(`${id}: ${change.kind === 'run' ? change.title : change.condition.title}`);
    });
    expect(swaps().map(({ id }) => id)).toEqual([
      'etcd-swap-master2',
      'etcd-swap-master3',
      'etcd-swap-master1',
    ]);
    const first = order.filter(line => line.startsWith('etcd-swap-master1: ')).map(line => line.slice(19));
    const at = (title: RegExp): number => first.findIndex(line => title.test(line));
    const connected = first.filter(line => line.includes('has found another member of etcd'));
    expect(connected.length).toBe(3);
    expect(at(/has found another member/)).toBeLessThan(at(/Give etcd's lead to master2/));
    expect(at(/Give etcd's lead/)).toBeLessThan(at(/stay as the cluster pod/));
    expect(at(/stay as the cluster pod/)).toBeLessThan(at(/kubectl apply/));
    expect(host.leader).toBe('master2');
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
    expect(swapSteps(two, MASTER, [])[0]?.title).toMatch(/quorum 2 of 2; writes stop until it is back/);
    expect(swaps()[0]?.title).toMatch(/\(quorum 2 of 3\)/);
  });
});
