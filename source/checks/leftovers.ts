import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { readInstalled } from '../steps/prepare/rpm';
import {
  ETCD_CLUSTER_MANIFEST,
  ETCD_DATA,
  ETCD_INIT_MANIFEST,
  KEEPALIVED_MANIFEST,
  STATIC_PODS,
} from '../steps/paths';
import type { Settings } from '../variables/settings';
import { fatal, ok } from './finding';
import { isOurMaster } from './ours';
import type { Purpose } from './purpose';

const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';
const NETWORKS = '/etc/cni/net.d';
const FLANNEL_NETWORK = '10-flannel.conflist';

/** What kubeadm writes there. */
const CONTROL_PLANE = ['kube-apiserver.yaml', 'kube-controller-manager.yaml', 'kube-scheduler.yaml'];
/** The etcd of an installation, and the VIP of one with several masters. */
const OURS = [
  ...CONTROL_PLANE,
  ...[ETCD_INIT_MANIFEST, ETCD_CLUSTER_MANIFEST, KEEPALIVED_MANIFEST].map(path =>
    path.slice(STATIC_PODS.length + 1),
  ),
];
/** The kubelet passes over names that begin with a dot: what lies there is no pod. */
const MANIFEST = /^[^.].*\.(ya?ml|json)$/;

/** What another installation left, which a new cluster would stumble over or destroy. */
export function leftovers(settings: Settings, purpose: Purpose): Check {
  return {
    id: 'leftovers',
    title: 'Earlier installations',
    run: async host => {
      const ours = await isOurMaster(host);
      const findings = [
        ...(await otherVersion(host, settings)),
        ...(purpose === 'install' ? await otherMaster(host, ours) : []),
        ...(await otherNetwork(host)),
      ];
      if (findings.length > 0) return findings;
      return [ok(ours ? 'an installation by this installer, which will be gone on with' : 'none')];
    },
  };
}

async function otherMaster(host: HostReader, ours: boolean): Promise<readonly Finding[]> {
  const reset = 'Remove it (kubeadm reset, then look through what it says it left), or use another host.';
  const manifests = ((await host.list(STATIC_PODS)) ?? []).filter(name => MANIFEST.test(name));
  const foreign = manifests.filter(name => !ours || !OURS.includes(name));
  const findings: Finding[] = [];
  if (foreign.length > 0) {
    findings.push(fatal(`${STATIC_PODS} has pods of another installation: ${foreign.join(', ')}`, reset));
  }
  if (!ours && (await host.stat(KUBELET_CONF)) !== undefined) {
    findings.push(fatal(`this host is a node of another cluster already (${KUBELET_CONF})`, reset));
  }
  if (!ours && (await host.stat(`${ETCD_DATA}/member`)) !== undefined) {
    findings.push(
      fatal(
        `${ETCD_DATA} holds the data of an etcd that this installer did not start`,
        `If nobody needs it: rm -r ${ETCD_DATA}/member. Otherwise move it away, or use another host.`,
      ),
    );
  }
  return findings;
}

/** A node's packages are not changed under a running cluster: that is an upgrade, which has an order of its own. */
async function otherVersion(host: HostReader, settings: Settings): Promise<readonly Finding[]> {
  if ((await host.stat(KUBELET_CONF)) === undefined) return [];
  const version = (await readInstalled(host)).versions.get('kubelet');
  if (version === undefined || version === settings.kubeVersion) return [];
  return [
    fatal(
      `this host is a node with kubelet ${version}, and KUBE_VERSION is ${settings.kubeVersion}; the installer does not upgrade`,
      `Set KUBE_VERSION=${version}, or upgrade with kubeadm upgrade.`,
    ),
  ];
}

/** The kubelet uses the first configuration in the order of their names. */
async function otherNetwork(host: HostReader): Promise<readonly Finding[]> {
  const before = ((await host.list(NETWORKS)) ?? []).filter(
    name => /\.(conf|conflist|json)$/.test(name) && name < FLANNEL_NETWORK,
  );
  if (before.length === 0) return [];
  return [
    fatal(
      `${NETWORKS} has ${before.join(', ')}, which the kubelet would take instead of flannel's network`,
      `Move ${before.join(', ')} away from ${NETWORKS}.`,
    ),
  ];
}
