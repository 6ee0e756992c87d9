import { describe, expect, it } from 'vitest';
import { keepalivedFiles } from '../../source/kubernetes/keepalived';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';

const MASTERS = [1, 2, 3].map(at => ({ hostname: `master${at}`, address: `10.0.0.${at}` }));

function told(more: Parameters<typeof settingsOf>[0]): Promise<Settings> {
  return settingsOf({ vip: '10.0.0.100', ...more });
}

const version2 = { text: 'DOCKER_REGISTRY=10.0.0.5:5000\nVRRP_VERSION=2\n' };

function files(settings: Settings, masters = MASTERS, index = 0): ReadonlyMap<string, string> {
  return new Map(
    keepalivedFiles(settings, masters, index).map(({ path, content }) => {
      if (typeof content === 'string') return [path, content];
      return [path, 'template' in content ? content.template : '[secret]'];
    }),
  );
}

const configuration = (settings: Settings, masters = MASTERS, index = 0): string =>
  files(settings, masters, index).get('/etc/kubernetes/keepalived/keepalived.conf.template') ?? '';
const manifest = (settings: Settings, masters = MASTERS, index = 0): string =>
  files(settings, masters, index).get('/etc/kubernetes/manifests/keepalived.yaml') ?? '';

describe("keepalived's files", () => {
  it('are as they were looked at and tried with keepalived 2.2.7', async () => {
    const folder = '../fixtures/rendered/keepalived';
    const three = await told({ masters: 'master1,master2,master3' });
    await expect(configuration(three, MASTERS, 1)).toMatchFileSnapshot(`${folder}/version-3-master2.conf`);
    await expect(manifest(three, MASTERS, 1)).toMatchFileSnapshot(`${folder}/master2.yaml`);
    const signed = await told({ ...version2, masters: 'master1,master2,master3' });
    await expect(configuration(signed, MASTERS, 1)).toMatchFileSnapshot(`${folder}/version-2-master2.conf`);
    const single = configuration(await told({}), MASTERS.slice(0, 1));
    await expect(single).toMatchFileSnapshot(`${folder}/single.conf`);
  });

  it('give every master a priority of its own, and all the others as neighbours', async () => {
    const settings = await told({ masters: 'master1,master2,master3' });
    const all = MASTERS.map((_, index) => configuration(settings, MASTERS, index));
    const priorities = all.map(text => Number(/priority (\d+)/.exec(text)?.[1]));
    expect(new Set(priorities).size).toBe(3);
    expect(priorities.every(one => one > 0 && one < 255)).toBe(true);
    for (const [index, { address }] of MASTERS.entries()) {
      const text = all[index] ?? '';
      const peers = /unicast_peer \{([^}]*)\}/.exec(text)?.[1]?.trim().split(/\s+/);
      expect(text).toContain(`unicast_src_ip ${address}\n`);
      expect(peers).toEqual(MASTERS.map(other => other.address).filter(other => other !== address));
    }
  });

  it('hold the password only by its place, and nothing in the manifest that tells of it', async () => {
    const settings = await told({ ...version2, masters: 'master1,master2' });
    const [first] = keepalivedFiles(settings, MASTERS.slice(0, 2), 0);
    expect(first?.content).toMatchObject({
      files: { password: { path: '/var/lib/kube-el7-install/keepalived-password', secret: true } },
    });
    expect(first?.mode).toBe(0o600);
    expect(manifest(settings)).not.toContain('password');
  });

  it('let the kubelet start the pod anew when the configuration is another one', async () => {
    const before = manifest(await told({}));
    const after = manifest(await told({ text: 'DOCKER_REGISTRY=10.0.0.5:5000\nVIP_ROUTER_ID=7\n' }));
    expect(after).not.toBe(before);
    expect(manifest(await told({}))).toBe(before);
  });

  it('are none where a load balancer carries the VIP, or where there is none', async () => {
    expect(keepalivedFiles(await told({ platform: 'aws' }), MASTERS, 0)).toEqual([]);
    expect(keepalivedFiles(await settingsOf({}), MASTERS, 0)).toEqual([]);
  });
});
