import type * as crypto from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Step } from '../../../source/engine/step';
import { examine } from '../../../source/recovery/examine';
import { readdOf } from '../../../source/recovery/plan';
import { readRecord } from '../../../source/recovery/record';
import { readdStages } from '../../../source/steps/readd';
import { templateText } from '../../../source/templates';
import { configurationOf } from '../../recovery/recorded';
import { settings as settingsOf } from '../../variables/told';
import { apply } from '../etcd-apply';
import { MASTERS } from '../etcd-host';
import { installed, type Installed } from './installed';
import { ReaddHost } from './readd-host';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const TOLD = { vip: '10.0.0.100', masters: 'master1,master2,master3' };
const SCRIPT = '/api/v1/namespaces/kube-system/configmaps/kube-el7-install-masters';
const DAEMON = '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-el7-install-masters';

let made: Installed;

beforeAll(async () => {
  made = await installed(await settingsOf(TOLD), await configurationOf(TOLD));
}, 60_000);

async function steps(host: ReaddHost): Promise<readonly Step[]> {
  const [record, diagnosis] = await Promise.all([readRecord(host), examine(host)]);
  if (record === undefined || diagnosis === undefined) throw new Error('no record');
  const stages = readdStages(readdOf(record, diagnosis));
  return stages.flatMap(stage => stage.steps).filter(({ id }) => !['etcdctl', 'verify-cluster'].includes(id));
}

/** As an earlier version has left it, on images that somebody has chosen since. */
function earlier(host: ReaddHost): ReaddHost {
  const env = [{ name: 'MASTERS', value: MASTERS.map(({ address }) => address).join(' ') }];
  const image = 'new.example/kube-proxy:v1.20.2';
  const initContainers = [{ name: 'etcd-image', image: 'new.example/etcd:3.4.13-0' }];
  const containers = [
    { name: 'make-master', env, image },
    { name: 'leave-silent-members', image },
  ];
  host.objects.set(SCRIPT, { data: { 'make-master.sh': '#!/bin/sh\n', 'leave-silent-members.sh': '' } });
  host.objects.set(DAEMON, { spec: { template: { spec: { initContainers, containers } } } });
  return host;
}

describe('the program that makes masters, as a master is put back', () => {
  it.each([
    ['by the first one', () => new ReaddHost(made).empty('master3')],
    ['by another one', () => new ReaddHost(made, MASTERS[1]).empty('master1')],
  ])("is this version's %s before any master is told something", async (_, begin) => {
    const host = earlier(begin());
    const done: string[] = [];
    const order = await apply(await steps(host), host, change => {
      if (change.kind === 'run') done.push(change.title);
    });
    expect(order).toContain('readd-program');
    const at = (what: RegExp): number => done.findIndex(title => what.test(title));
    expect(at(/^kubectl apply masters-daemon$/)).toBeGreaterThan(-1);
    expect(at(/^kubectl apply masters-daemon$/)).toBeLessThan(at(/^Let etcd on master\d end/));
    expect(host.objects.get(SCRIPT)).toMatchObject({
      data: { 'make-master.sh': templateText('make-master.sh') },
    });
    const daemon = JSON.stringify(host.objects.get(DAEMON));
    expect([...daemon.matchAll(/"image":"([^"]+)"/g)].map(([, image]) => image)).toEqual([
      'new.example/etcd:3.4.13-0',
      'new.example/kube-proxy:v1.20.2',
    ]);
    expect(await apply(await steps(host), host)).toEqual([]);
  });

  it('is left as it is where it is that already, whatever else was changed of it', async () => {
    const host = new ReaddHost(made, MASTERS[1]).empty('master1');
    host.objects.set(DAEMON, { spec: {} });
    const order = await apply(await steps(host), host);
    expect(order).not.toContain('readd-program');
    expect(host.objects.get(DAEMON)).toEqual({ spec: {} });
  });

  it('is deployed where it was lost', async () => {
    const host = new ReaddHost(made).empty('master3');
    host.objects.delete(DAEMON);
    expect(await apply(await steps(host), host)).toContain('readd-program');
    expect(host.objects.has(DAEMON)).toBe(true);
  });
});
