import type * as crypto from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../source/engine/change';
import { askingOwn, asksOthers, OWN_ETCD } from '../../source/kubernetes/own-etcd';
import { ownEtcd } from '../../source/steps/own-etcd';
import { configurationOf } from '../recovery/recorded';
import { settings as settingsOf } from '../variables/told';
import { apply } from './etcd-apply';
import { MASTERS } from './etcd-host';
import { installed, type Installed } from './readd/installed';
import { ReaddHost } from './readd/readd-host';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const TOLD = { vip: '10.0.0.100', masters: 'master1,master2,master3' };
const ALL = MASTERS.map(({ address }) => `https://${address}:2379`).join(',');
const APISERVER = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const CONFIGMAP = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config';
const ENDPOINTS = `etcd:\n  external:\n    caFile: /ca.crt\n    endpoints:\n${ALL.split(',')
  .map(url => `    - ${url}\n`)
  .join('')}    keyFile: /a.key\nkind: ClusterConfiguration\n`;

/** As an earlier version made it, and as this one does. */
let earlier: Installed;
let now: Installed;

beforeAll(async () => {
  const [settings, configuration] = [await settingsOf(TOLD), await configurationOf(TOLD)];
  earlier = await installed(settings, configuration, ALL);
  now = await installed(settings, configuration);
}, 60_000);

/** Whose VIP it is is told by the addresses of a host or its neighbours. */
function cluster(made: Installed, holder = 'master1'): ReaddHost {
  const host = new ReaddHost(made);
  host.objects.set(CONFIGMAP, { data: { ClusterConfiguration: made === now ? '' : ENDPOINTS } });
  const at = (address: string, name: string): string =>
    `${address} dev eth0 lladdr 02:00:00:00:00:0${name.slice(-1)}\n`;
  host.answer(/^ip -4 -o addr /, holder === 'master1' ? '2: eth0 inet 10.0.0.100/32\n' : '');
  host.answer(
    /^ip -4 neigh /,
    MASTERS.map(({ address, hostname }) => at(address, hostname)).join('') + at('10.0.0.100', holder),
  );
  return host;
}

async function titles(host: ReaddHost): Promise<readonly string[]> {
  const step = ownEtcd(host.installed.settings, MASTERS[0], []);
  const name = (change: Change): readonly string[] => {
    if (change.kind === 'run') return [change.title];
    return change.kind === 'await' ? [change.condition.title] : [];
  };
  return step.plan(await step.probe(host)).flatMap(name);
}

const servers = (host: ReaddHost): readonly (string | undefined)[] =>
  MASTERS.map(({ hostname }) => /--etcd-servers=(.*)/.exec(host.kept(hostname, APISERVER))?.[1]);

describe('a manifest of an apiserver', () => {
  it.each([
    [ALL, true],
    ['https://10.0.0.1:2379', true],
    [OWN_ETCD, false],
  ])('with %s asks others: %s', (asked, others) => {
    const text = `    - --etcd-servers=${asked}\n    - --etcd-prefix=${ALL}\n`;
    expect(asksOthers(text)).toBe(others);
    expect(askingOwn(text)).toBe(`    - --etcd-servers=${OWN_ETCD}\n    - --etcd-prefix=${ALL}\n`);
  });

  it('that is none asks nobody', () => {
    expect(asksOthers('')).toBe(false);
  });
});

describe('a cluster whose apiservers ask all members', () => {
  it('is moved over one master at a time, each waited for, and kubeadm is told', async () => {
    const host = cluster(earlier);
    const step = ownEtcd(earlier.settings, MASTERS[0], []);
    const stored: string[] = [];
    await apply([step], host, change => {
      if (change.kind !== 'await') return;
      stored.push(
        servers(host)
          .map(one => (one === OWN_ETCD ? 'own' : 'all'))
          .join(' '),
      );
    });
    expect([...new Set(stored)]).toEqual(['all all all', 'all own all', 'all own own', 'own own own']);
    expect(JSON.stringify(host.objects.get(CONFIGMAP))).toContain(
      `endpoints:\\n    - ${OWN_ETCD}\\n    keyFile`,
    );
    expect(await titles(host)).toEqual([]);
  });

  it.each([
    ['master1', ['master2', 'master3', 'master1']],
    ['master2', ['master1', 'master3', 'master2']],
    ['nobody', ['master1', 'master2', 'master3']],
  ])('comes to the owner of the VIP, %s, last', async (holder, order) => {
    const moved = (await titles(cluster(earlier, holder))).flatMap(
      title => /^the apiserver on (\S+) asks the etcd beside it$/.exec(title)?.[1] ?? [],
    );
    expect(moved).toEqual(order);
  });

  it('waits for the apiserver of a master before the next one is touched', async () => {
    const all = await titles(cluster(earlier));
    const second = all.findIndex(title => title.includes('kube-el7-install-master-master3'));
    for (const title of [
      'etcd on master2 is healthy, has its vote and a leader',
      'master2 has taken what is stored for it',
      'the apiserver on master2 asks the etcd beside it',
      'the apiserver on master2 is healthy',
      'the API answers at 10.0.0.100',
    ]) {
      expect(all, title).toContain(title);
      expect(all.indexOf(title), title).toBeLessThan(second);
    }
  });

  it('is taken up again where a run was cut off after it was stored', async () => {
    const host = cluster(earlier);
    const manifest = host.kept('master2', APISERVER);
    const path = '/api/v1/namespaces/kube-system/pods/kube-apiserver-master2';
    await apply([ownEtcd(earlier.settings, MASTERS[0], [])], host);
    host.respond(new RegExp(`${path}$`), {
      ...{ status: 200, headers: {}, roundTripMs: 1 },
      body: JSON.stringify({ spec: { command: [manifest.trim().split('- ')[2]?.trim()] } }),
    });
    expect(await titles(host)).toContain('the apiserver on master2 asks the etcd beside it');
    expect((await titles(host)).filter(title => title.startsWith('Store'))).toEqual([]);
  });

  it('gets the program back first that changes manifests there, where it was lost', async () => {
    const host = cluster(earlier);
    host.objects.delete('/apis/apps/v1/namespaces/kube-system/daemonsets/kube-el7-install-masters');
    const all = await titles(host);
    const first = all.findIndex(title => title.startsWith('Store it in'));
    expect(all.slice(0, first)).toContain('kubectl apply masters-daemon');
    await apply([ownEtcd(earlier.settings, MASTERS[0], [])], host);
    expect(servers(host)).toEqual([OWN_ETCD, OWN_ETCD, OWN_ETCD]);
  });

  it('leaves an apiserver alone whose own member does not run', async () => {
    const host = cluster(earlier);
    host.broken.add('master3');
    expect((await titles(host)).join('; ')).not.toContain('on master3');
    await apply([ownEtcd(earlier.settings, MASTERS[0], [])], host);
    expect(servers(host)).toEqual([OWN_ETCD, OWN_ETCD, ALL]);
  });

  it('leaves an apiserver alone whose manifest somebody has changed, and waits for nothing of it', async () => {
    const host = cluster(earlier);
    host.edited.set('master2', [APISERVER]);
    expect((await titles(host)).join('; ')).not.toContain('on master2');
    await apply([ownEtcd(earlier.settings, MASTERS[0], [])], host);
    expect(servers(host)).toEqual([OWN_ETCD, ALL, OWN_ETCD]);
    expect(await titles(host)).toEqual([]);
  });

  it('leaves a control plane alone that starts with the vote of its member', async () => {
    const host = cluster(earlier);
    host.turns.set('master3', 'start a3');
    expect((await titles(host)).join('; ')).not.toContain('on master3');
  });
});

describe('a cluster whose apiservers ask their own', () => {
  it('has nothing done to it, and etcd is not asked', async () => {
    const host = cluster(now);
    expect(await titles(host)).toEqual([]);
    expect(host.calls.filter(({ what }) => /:(2380|2381)\//.test(what))).toEqual([]);
  });
});
