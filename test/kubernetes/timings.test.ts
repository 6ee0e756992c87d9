import { describe, expect, it } from 'vitest';
import { etcdManifests, firstEtcdManifest } from '../../source/kubernetes/etcd-manifests';
import { kubeadmConfig } from '../../source/kubernetes/kubeadm-config';
import { etcdTimingsIn, OWN_TIMINGS, withEtcdTimings } from '../../source/kubernetes/timings';
import { fromYaml } from '../../source/kubernetes/yaml';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';

const MASTERS = [1, 2, 3].map(number => ({ hostname: `master${number}`, address: `10.0.0.${number}` }));
const [MASTER = { hostname: '', address: '' }] = MASTERS;
const SLOW = [
  ...['DOCKER_REGISTRY=10.0.0.5:5000', 'ETCD_HEARTBEAT_INTERVAL=500', 'ETCD_ELECTION_TIMEOUT=2500'],
  ...['LEADER_ELECTION_LEASE=60', 'CONTROL_PLANE_TIMEOUT=605', ''],
].join('\n');
const FLAGS = ['--heartbeat-interval=500', '--election-timeout=2500'];

const told = (text: string, version: string): Promise<Settings> =>
  settingsOf({ text: `${text}KUBE_VERSION=${version}\n` });

function commandOf(text = ''): readonly string[] {
  const [pod] = fromYaml(text) as readonly {
    readonly spec: { readonly containers: readonly { readonly command: readonly string[] }[] };
  }[];
  return pod?.spec.containers[0]?.command ?? [];
}

function clusterOf(settings: Settings): object {
  const [, cluster] = fromYaml(kubeadmConfig(settings, { ...MASTER, cgroupDriver: 'systemd' })) ?? [];
  return cluster as object;
}

function allManifests(settings: Settings): readonly string[] {
  const others = [0, 1, 2].map(index => etcdManifests(settings, MASTERS, index));
  return [
    firstEtcdManifest(settings, MASTER),
    ...others.flatMap(({ init, cluster }) => (init === undefined ? [cluster] : [init, cluster])),
  ];
}

describe.each(['1.16.15', '1.18.20', '1.20.2', '1.23.17'])(
  'a slow site’s times in Kubernetes %s',
  version => {
    it('are the same for every member of etcd, as it begins and later', async () => {
      const manifests = allManifests(await told(SLOW, version));
      expect(manifests).toHaveLength(6);
      for (const text of manifests) {
        expect(commandOf(text)).toEqual(expect.arrayContaining(FLAGS));
        expect(etcdTimingsIn(text)).toEqual({ heartbeatMs: 500, electionMs: 2500 });
      }
    });

    it('reach the controller manager, the scheduler and kubeadm', async () => {
      const extraArgs = {
        'leader-elect-lease-duration': '60s',
        'leader-elect-renew-deadline': '40s',
        'leader-elect-retry-period': '8s',
      };
      expect(clusterOf(await told(SLOW, version))).toMatchObject({
        controllerManager: { extraArgs },
        scheduler: { extraArgs },
        apiServer: { timeoutForControlPlane: '10m5s' },
      });
    });

    it('leave no trace where they are the programs’ own: what earlier versions wrote is compared with it', async () => {
      const own = [
        ...['DOCKER_REGISTRY=10.0.0.5:5000', 'ETCD_HEARTBEAT_INTERVAL=100', 'ETCD_ELECTION_TIMEOUT=1000'],
        ...['LEADER_ELECTION_LEASE=15', 'CONTROL_PLANE_TIMEOUT=240', ''],
      ].join('\n');
      const settings = await told(own, version);
      for (const text of allManifests(settings)) {
        expect(text).not.toMatch(/heartbeat-interval|election-timeout/);
        expect(etcdTimingsIn(text)).toEqual(OWN_TIMINGS.etcd);
      }
      const cluster = clusterOf(settings);
      expect(cluster).not.toHaveProperty('controllerManager');
      expect(cluster).not.toHaveProperty('scheduler');
      expect(cluster).toMatchObject({ apiServer: { timeoutForControlPlane: '4m0s' } });
    });
  },
);

describe('a manifest that is given other times', () => {
  it('differs in those alone', async () => {
    const slow = allManifests(await told(SLOW, '1.20.2'));
    const own = allManifests(await settingsOf({}));
    slow.forEach((text, at) => {
      expect(withEtcdTimings(text, OWN_TIMINGS.etcd)).toBe(own[at]);
      expect(withEtcdTimings(own[at] ?? '', { heartbeatMs: 500, electionMs: 2500 })).toBe(text);
      expect(withEtcdTimings(text, { heartbeatMs: 500, electionMs: 2500 })).toBe(text);
    });
  });

  it('is left alone where it is no member’s', () => {
    const text = 'kind: Pod\nspec:\n  containers: []\n';
    expect(withEtcdTimings(text, { heartbeatMs: 500, electionMs: 2500 })).toBe(text);
  });

  it('has them read also where somebody has written them with quotes', () => {
    const text = '    - \'--heartbeat-interval=300\'\n    - "--election-timeout=3000"\n';
    expect(etcdTimingsIn(text)).toEqual({ heartbeatMs: 300, electionMs: 3000 });
  });
});
