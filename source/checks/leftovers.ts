import { readRole, type Role } from '../cluster/role';
import { otherFix, otherText } from '../cluster/words';
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
import { bridgeFault, FLANNEL_NETWORK, networkOfBefore, NETWORKS } from './leftovers-network';
import type { Purpose } from './purpose';

const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';

/** What kubeadm writes there. */
const CONTROL_PLANE = ['kube-apiserver.yaml', 'kube-controller-manager.yaml', 'kube-scheduler.yaml'];
/** The etcd of an installation, and the VIP of one with several masters. */
const OURS = [
  ...CONTROL_PLANE,
  ...[ETCD_INIT_MANIFEST, ETCD_CLUSTER_MANIFEST, KEEPALIVED_MANIFEST].map(path =>
    path.slice(STATIC_PODS.length + 1),
  ),
];

/** What another installation left, which a new cluster would stumble over or destroy. */
export function leftovers(settings: Settings, purpose: Purpose): Check {
  return {
    id: 'leftovers',
    title: 'Earlier installations',
    run: async host => {
      const role = await readRole(host);
      // What prepare changes, docker's configuration for one, is another tool's affair then.
      if (role.maker === 'other') return [fatal(otherFound(role), otherFix(role))];
      const findings = [
        ...(await otherVersion(host, settings)),
        ...(purpose === 'install' ? await otherMaster(host, role) : []),
        ...(await otherNetwork(host)),
        // What runs is not left over.
        ...(['nothing', 'prepared'].includes(role.kind)
          ? await networkOfBefore(host, settings)
          : await bridgeFault(host)),
      ];
      if (findings.length > 0) return findings;
      return [
        ok(role.maker === 'ours' ? 'an installation by this installer, which will be gone on with' : 'none'),
      ];
    },
  };
}

/** The same words as reset has for it. */
function otherFound(role: Role): string {
  return `this host is ${otherText(role)}${role.beyond === undefined ? '' : `; ${role.beyond}`}`;
}

async function otherMaster(host: HostReader, role: Role): Promise<readonly Finding[]> {
  const reset = 'Remove it (kube-el7-install reset), or use another host.';
  const ours = role.maker === 'ours';
  const foreign = (await podNames(host)).filter(name => !ours || !OURS.includes(name));
  const [kubelet] = ours || role.kind !== 'worker' ? [] : role.evidence;
  const findings: Finding[] = [];
  if (foreign.length > 0) {
    findings.push(fatal(`${STATIC_PODS} has pods of another installation: ${foreign.join(', ')}`, reset));
  }
  if (kubelet !== undefined) {
    findings.push(fatal(`this host is a node of another cluster already (${kubelet})`, reset));
  }
  // Data that lies elsewhere is in nobody's way.
  for (const { directory, unit } of role.strays.filter(one => one.directory.startsWith(ETCD_DATA))) {
    const whose =
      unit === undefined ? 'an etcd that this installer did not start' : `etcd (${unit} of systemd)`;
    findings.push(
      fatal(
        `${directory} holds the data of ${whose}`,
        `If nobody needs it: rm -r ${directory}/member. Otherwise move it away, or use another host.`,
      ),
    );
  }
  return findings;
}

/** The kubelet takes every file that does not begin with a dot, whatever it ends in, and no folder (kubernetes pkg/kubelet/config/file.go). */
async function podNames(host: HostReader): Promise<readonly string[]> {
  const names = ((await host.list(STATIC_PODS)) ?? []).filter(name => !name.startsWith('.'));
  const found = await Promise.all(
    names.map(async name => ({ name, kind: (await host.stat(`${STATIC_PODS}/${name}`))?.kind })),
  );
  return found.filter(({ kind }) => kind === 'file' || kind === 'link').map(({ name }) => name);
}

/** A node's packages are not changed under a running cluster: that is an upgrade, which has an order of its own. */
async function otherVersion(host: HostReader, settings: Settings): Promise<readonly Finding[]> {
  if ((await host.stat(KUBELET_CONF)) === undefined) return [];
  const version = (await readInstalled(host)).versions.get('kubelet');
  if (version === undefined || version === settings.kubeVersion) return [];
  return [
    fatal(
      `this host is a node with kubelet ${version}, and KUBE_VERSION is ${settings.kubeVersion}; the installer does not upgrade`,
      `Set KUBE_VERSION=${version}. After \`kubeadm upgrade\` this program does not go on with the cluster: what it has stored for repairing masters stays of the version that was installed.`,
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
