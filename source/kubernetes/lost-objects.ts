import { tenthAddress } from '../steps/cluster-dns';
import type { Settings } from '../variables/settings';
import {
  CLUSTER_INFO_BINDING,
  CLUSTER_INFO_MAP,
  COREDNS,
  COREDNS_MAP,
  KUBE_DNS,
  KUBEADM_CONFIG_MAP,
  kubeletConfigMap,
  PROXY,
  PROXY_BINDING,
  PROXY_MAP,
  type KubeadmObjects,
  type KubeadmPhases,
} from './kubeadm-objects';

/** How one thing comes back: by a phase of kubeadm, or made alone. */
export type Remedy = keyof KubeadmPhases | 'labels' | 'cluster-info' | 'dns-service';

/** What is absent, and what comes of it: a remedy, or a reason to leave it with what could be done. */
export type Lost = { readonly what: string } & (
  { readonly remedy: Remedy } | { readonly because: string; readonly otherwise?: string }
);

/** What is absent of a finished cluster. What it works without was taken away or replaced by somebody, and is left. */
export function lostObjects(found: KubeadmObjects, settings: Settings): readonly Lost[] {
  const { there, node } = found;
  const { minor } = settings.facts;
  const lacks = (path: string): boolean => !there.has(path);
  const labels = unlabelled(found, settings);
  return [
    ...(lacks(KUBEADM_CONFIG_MAP) ? [mended('the ConfigMap kubeadm-config', 'kubeadm')] : []),
    ...(lacks(kubeletConfigMap(minor)) ? [mended(`the ConfigMap kubelet-config-${minor}`, 'kubelet')] : []),
    ...(labels.length === 0 || node === undefined
      ? []
      : [mended(`the label ${labels.join(' and ')} of node ${node.metadata.name}`, 'labels')]),
    ...lostOfJoins(lacks),
    ...lostOfDns(found, lacks, settings),
    ...lostOfProxy(found, lacks),
  ];
}

/** The last object that each of kubeadm's phases leaves behind (1.16 to 1.23 agree on them): upload-config, mark-control-plane, bootstrap-token, addon coredns, addon kube-proxy. Those that are not there. */
export function unmadeObjects(found: KubeadmObjects, settings: Settings): readonly string[] {
  const last = [
    ...[KUBEADM_CONFIG_MAP, kubeletConfigMap(settings.facts.minor)],
    ...[CLUSTER_INFO_BINDING, KUBE_DNS, PROXY_BINDING],
  ];
  return [...last.filter(path => !found.there.has(path)), ...unlabelled(found, settings)];
}

function unlabelled({ node }: KubeadmObjects, settings: Settings): readonly string[] {
  return settings.facts.masterLabels.filter(label => node?.metadata.labels?.[label] === undefined);
}

type Lacks = (path: string) => boolean;

function mended(what: string, remedy: Remedy): Lost {
  return { what, remedy };
}

function left(what: string, because: string, otherwise?: string): Lost {
  return { what, because, ...(otherwise === undefined ? {} : { otherwise }) };
}

/** Without the binding nodes read cluster-info with a login only, which the Kubernetes documentation names as a hardening ("kubeadm join": Turning off public access to the cluster-info ConfigMap). */
function lostOfJoins(lacks: Lacks): readonly Lost[] {
  const unbound = lacks(CLUSTER_INFO_BINDING)
    ? [
        left(
          'the RoleBinding kubeadm:bootstrap-signer-clusterinfo in kube-public',
          'it may have been removed as a hardening; nodes cannot join with the join command without it',
          'kubectl create rolebinding kubeadm:bootstrap-signer-clusterinfo --namespace kube-public --role kubeadm:bootstrap-signer-clusterinfo --user system:anonymous',
        ),
      ]
    : [];
  if (!lacks(CLUSTER_INFO_MAP)) return unbound;
  const what = 'the ConfigMap cluster-info in kube-public';
  if (unbound.length === 0) return [mended(what, 'cluster-info')];
  return [...unbound, left(what, 'nobody may read it without that RoleBinding')];
}

function lostOfDns(
  { there, dns, dnsAddresses }: KubeadmObjects,
  lacks: Lacks,
  settings: Settings,
): readonly Lost[] {
  const lost: readonly (readonly [string, boolean])[] = [
    ['the Service kube-dns', lacks(KUBE_DNS)],
    ['the Deployment coredns', lacks(COREDNS)],
    ['the ConfigMap coredns', lacks(COREDNS_MAP) && uses(there.get(COREDNS), 'coredns')],
  ];
  const names = lost.filter(([, is]) => is).map(([what]) => what);
  const [first] = names;
  if (first === undefined) return [];
  const what = names.join(' and ');
  const ours = [settings.clusterDns, tenthAddress(settings.serviceSubnet)];
  if (!dnsAddresses.some(address => ours.includes(address)))
    return [left(what, `the kubelet tells pods to ask ${dnsAddresses.join(', ')} for names`)];
  // A CoreDNS that has lost its configuration answers until it is started anew.
  if (dns !== undefined && !lost[2]?.[1]) return [left(what, `the Service ${dns} answers in its place`)];
  return [mended(what, names.length === 1 && lacks(KUBE_DNS) ? 'dns-service' : 'coredns')];
}

function lostOfProxy({ there, serviceAnswers }: KubeadmObjects, lacks: Lacks): readonly Lost[] {
  const what = 'the DaemonSet kube-proxy';
  const back = 'kubeadm init phase addon kube-proxy --config /var/lib/kube-el7-install/kubeadm-init.yaml';
  // Both are removed where another program takes its place (Cilium's documentation, "Kubernetes Without kube-proxy").
  if (lacks(PROXY) && lacks(PROXY_MAP))
    return [left(`${what} with its ConfigMap`, 'both are removed where another program does its work', back)];
  if (lacks(PROXY))
    return serviceAnswers
      ? [left(what, 'Services are reached from this host all the same', back)]
      : [mended(what, 'kube-proxy')];
  if (lacks(PROXY_MAP) && uses(there.get(PROXY), 'kube-proxy'))
    return [mended('the ConfigMap kube-proxy', 'kube-proxy')];
  if (!lacks(PROXY_BINDING)) return [];
  return [
    left(
      'the RoleBinding kube-proxy in kube-system',
      'nodes join without it',
      'kubectl create rolebinding kube-proxy --namespace kube-system --role kube-proxy --group system:bootstrappers:kubeadm:default-node-token',
    ),
  ];
}

/** Whether a workload's pods mount that ConfigMap. */
function uses(workload: object | undefined, map: string): boolean {
  const { spec } = (workload ?? {}) as {
    readonly spec?: { readonly template?: { readonly spec?: { readonly volumes?: readonly Volume[] } } };
  };
  return spec?.template?.spec?.volumes?.some(({ configMap }) => configMap?.name === map) ?? false;
}

interface Volume {
  readonly configMap?: { readonly name?: string };
}
