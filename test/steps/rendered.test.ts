import { describe, expect, it } from 'vitest';
import { etcdManifests, firstEtcdManifest } from '../../source/kubernetes/etcd-manifests';
import { flannelObjects } from '../../source/kubernetes/flannel';
import { kubeadmConfig } from '../../source/kubernetes/kubeadm-config';
import { tillerObjects } from '../../source/kubernetes/tiller';
import { fromYaml, toYaml } from '../../source/kubernetes/yaml';
import { tenthAddress } from '../../source/steps/cluster-dns';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';

const VERSIONS = ['1.16.15', '1.17.17', '1.18.20', '1.19.16', '1.20.2', '1.21.14', '1.22.17', '1.23.17'];
const OWN = { name: 'master1', address: '10.0.0.1' };
const MASTERS = [
  { hostname: 'master1', address: '10.0.0.1' },
  { hostname: 'master2', address: '10.0.0.2' },
  { hostname: 'master3', address: '10.0.0.3' },
] as const;

const VIP = {
  endpoint: 'vip.lab',
  addresses: ['10.0.0.100'],
  carrier: 'keepalived',
  routerId: 100,
  vrrpVersion: 3,
} as const;

async function settingsFor(version: string, more = ''): Promise<Settings> {
  const text = `KUBE_VERSION=${version}\nDOCKER_REGISTRY=10.0.0.5:5000/k8s\nTILLER=yes\nKUBELET_SYSTEM_RESERVED=cpu=200m,memory=500Mi\n${more}`;
  return settingsOf({ text });
}

function rendered(settings: Settings): Readonly<Record<string, string>> {
  const host = { hostname: OWN.name, address: OWN.address, cgroupDriver: 'systemd' };
  return {
    'kubeadm-init.yaml': kubeadmConfig(settings, host),
    'kubeadm-init-vip.yaml': kubeadmConfig({ ...settings, vip: VIP, others: MASTERS.slice(1) }, host),
    'etcd-init.yaml': firstEtcdManifest(settings, MASTERS[0]),
    'etcd-init-master2.yaml': etcdManifests(settings, MASTERS, 1).init ?? '',
    'etcd-cluster-master3.yaml': etcdManifests(settings, MASTERS, 2).cluster,
    'flannel.yaml': toYaml(...flannelObjects(settings, MASTERS[0])),
    'tiller.yaml': toYaml(...tillerObjects(settings.images.tiller)),
  };
}

describe.each(VERSIONS)('what is written for Kubernetes %s', version => {
  it('is as it was looked at and approved', async () => {
    const files = rendered(await settingsFor(version));
    const minor = version.split('.').slice(0, 2).join('.');
    for (const [name, text] of Object.entries(files)) {
      await expect(text).toMatchFileSnapshot(`../fixtures/rendered/${minor}/${name}`);
    }
  });

  it('names no image from anywhere but the registry that was given', async () => {
    const text = Object.values(rendered(await settingsFor(version))).join('\n');
    const images = [
      ...text.matchAll(/^\s*(?:- )?(?:image|imageRepository|pod-infra-container-image): (\S+)$/gm),
    ].map(match => match[1]);
    expect(images.length).toBeGreaterThanOrEqual(6);
    expect(images.filter(image => image?.startsWith('10.0.0.5:5000/k8s') !== true)).toEqual([]);
  });
});

describe("kubeadm's configuration", () => {
  it('gives the addresses and subnets of the settings to every part that needs them', async () => {
    const settings = await settingsFor('1.20.2', 'POD_SUBNET=10.200.0.0/16\nCLUSTER_DOMAIN=site.example\n');
    const host = { hostname: 'm', address: '10.9.8.7', cgroupDriver: 'cgroupfs' };
    const [, cluster, kubelet, proxy] = fromYaml(kubeadmConfig(settings, host)) ?? [];
    expect(cluster).toMatchObject({
      networking: { podSubnet: '10.200.0.0/16', dnsDomain: 'site.example' },
      apiServer: { certSANs: expect.arrayContaining(['m', '10.9.8.7']) as unknown },
    });
    expect(kubelet).toMatchObject({
      cgroupDriver: 'cgroupfs',
      clusterDomain: 'site.example',
      systemReserved: { cpu: '200m', memory: '500Mi' },
    });
    expect(proxy).toMatchObject({ clusterCIDR: '10.200.0.0/16' });
  });

  it('takes the DNS image apart as kubeadm puts it together', async () => {
    const settings = await settingsFor('1.21.14', 'COREDNS_IMAGE=10.0.0.5:5000/k8s/coredns/coredns:v1.8.0\n');
    const host = { hostname: 'm', address: '10.9.8.7', cgroupDriver: 'systemd' };
    const [, cluster] = fromYaml(kubeadmConfig(settings, host)) ?? [];
    expect(cluster).toMatchObject({
      dns: { imageRepository: '10.0.0.5:5000/k8s/coredns', imageTag: 'v1.8.0' },
    });
  });
});

describe('the tenth address of a subnet', () => {
  it.each([
    ['10.96.0.0/12', '10.96.0.10'],
    ['10.111.0.0/12', '10.96.0.10'],
    ['172.30.255.0/24', '172.30.255.10'],
    ['192.168.0.240/28', '192.168.0.250'],
  ])('of %s is %s', (subnet, address) => {
    expect(tenthAddress(subnet)).toBe(address);
  });
});
