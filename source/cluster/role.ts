import type { HostReader } from '../engine/host';
import {
  BOOTSTRAP_TOKEN,
  ETCD_DATA,
  JOIN_WORKER,
  KEPT_KUBEADM_CONFIG,
  KUBEADM_CONFIG,
  PKI,
  STATE,
  STATIC_PODS,
} from '../steps/paths';
import { readEtcdData, type EtcdData } from './etcd-data';
import { readOtherTool, type OtherTool } from './other-tools';
import { hasOurName, isOurEtcd, staticEtcd, type StaticEtcd } from './static-etcd';
import { readStaticPods, type StaticContainer, type StaticPods } from './static-pods';

const KUBERNETES = '/etc/kubernetes';
/** What an installation writes down of its cluster on a master; the last one is written by the program that makes masters (make-master.sh). */
const RECORDS = [
  ...[JOIN_WORKER, KUBEADM_CONFIG, KEPT_KUBEADM_CONFIG, BOOTSTRAP_TOKEN],
  `${KUBERNETES}/kube-el7-install/written`,
];
/** kubeadm writes them on a master alone (kubernetes cmd/kubeadm/app/phases/kubeconfig); copies of admin.conf are everywhere. */
const OF_A_MASTER = [
  ...['controller-manager', 'scheduler'].map(name => `${KUBERNETES}/${name}.conf`),
  `${PKI}/apiserver.crt`,
];
/** What a cluster that was begun has first. A node that has joined has the certificate, too. */
const CLUSTER_CA_KEY = `${PKI}/ca.key`;
const CLUSTER_CA = `${PKI}/ca.crt`;
/** Written by kubeadm on every node; the first while it joins. */
const OF_A_NODE = ['bootstrap-kubelet', 'kubelet'].map(name => `${KUBERNETES}/${name}.conf`);
/** Where kubeadm notes with which flags it starts the kubelet. */
const KUBELET_FLAGS = '/var/lib/kubelet/kubeadm-flags.env';
const JOURNAL = `${STATE}/journal.jsonl`;

/** What a host is, and whose, by what lies on it. The only reader of that: menu, checks, reset, undo, readd and restore all ask it. */
export interface Role {
  /** prepared: a run of this product has been here, and of a cluster there is nothing; begun: a cluster that did not come to its end. */
  readonly kind: 'nothing' | 'prepared' | 'begun' | 'worker' | 'master';
  /** Of a worker nobody can tell it: what it has is the same whoever made its cluster. */
  readonly maker: 'ours' | 'other' | 'unknown';
  /** What shows it, the most telling first. */
  readonly evidence: readonly string[];
  /** An installation of ours was begun on this host, and not from another one. */
  readonly began: boolean;
  /** It has come to its end. */
  readonly finished: boolean;
  /** The etcd that the kubelet runs, or would. */
  readonly etcd?: StaticEtcd;
  /** Where the apiserver here says that its etcd is: URLs. */
  readonly asks: readonly string[];
  /** The pods' network, as the controller manager here is told it. */
  readonly podSubnet?: string;
  /** A tool of its own kind that has made it. */
  readonly tool?: OtherTool;
  /** kubeadm has made a node of this host. */
  readonly kubeadm: boolean;
  /** Data of an etcd that is none of this cluster's pods. */
  readonly strays: readonly EtcdData[];
  /** Data of this cluster's etcd. */
  readonly data?: EtcdData;
  /** Why this product cannot take apart what is here, where it is another tool's. */
  readonly beyond?: string;
}

/** Looks at names and a few small files, and starts no program: the first screen waits for it. */
export async function readRole(host: HostReader): Promise<Role> {
  const [pods, records, ofMaster, ofNode, ca, journal, tool, flags] = await Promise.all([
    readStaticPods(host),
    present(host, RECORDS),
    present(host, OF_A_MASTER),
    present(host, OF_A_NODE),
    present(host, [CLUSTER_CA_KEY, CLUSTER_CA]),
    present(host, [JOURNAL]),
    readOtherTool(host),
    host.read(KUBELET_FLAGS),
  ]);
  const ours = pods.etcd.filter(one => isOurEtcd(one) || (records.length > 0 && hasOurName(one)));
  const foreign = pods.etcd.filter(one => !ours.includes(one));
  const isOurs = ours.length > 0 || (records.length > 0 && foreign.length === 0);
  const [container] = isOurs ? newestFirst(ours) : foreign;
  const etcd = container === undefined ? undefined : staticEtcd(container, isOurs);
  const named = etcd?.dataDirectory === undefined ? [] : [etcd.dataDirectory];
  const all = await readEtcdData(host, isOurs ? [ETCD_DATA] : named);
  const seen: Seen = { pods, records, ofMaster, ofNode, ca, journal, foreign, all };
  if (isOurs) return ourRole(seen, etcd);
  return otherRole(seen, etcd, tool, flags?.toString('utf8'));
}

interface Seen {
  readonly pods: StaticPods;
  readonly records: readonly string[];
  readonly ofMaster: readonly string[];
  readonly ofNode: readonly string[];
  readonly ca: readonly string[];
  readonly journal: readonly string[];
  readonly foreign: readonly StaticContainer[];
  readonly all: readonly EtcdData[];
}

function ourRole({ pods, records, foreign, all }: Seen, etcd: StaticEtcd | undefined): Role {
  const apiserver = pods.apiserver.length > 0 || pods.damaged.some(path => path.includes('kube-apiserver'));
  const finished = records.includes(JOIN_WORKER);
  // The token and kubeadm's configuration come before etcd: with nothing more, data there is somebody else's.
  const made =
    etcd !== undefined ||
    pods.damaged.some(path => hasOurName({ path })) ||
    records.some(path => path !== KUBEADM_CONFIG && path !== BOOTSTRAP_TOKEN);
  const data = made ? all.find(({ directory }) => directory === ETCD_DATA) : undefined;
  return {
    kind: finished || (records.includes(KEPT_KUBEADM_CONFIG) && apiserver) ? 'master' : 'begun',
    maker: 'ours',
    evidence: [...records, ...(etcd === undefined ? [] : [etcd.manifest])],
    began: finished || records.includes(KUBEADM_CONFIG),
    finished,
    asks: asked(pods),
    kubeadm: true,
    strays: all.filter(one => one !== data),
    ...(pods.podSubnet === undefined ? {} : { podSubnet: pods.podSubnet }),
    ...(etcd === undefined ? {} : { etcd }),
    ...(data === undefined ? {} : { data }),
    ...(foreign.length === 0
      ? {}
      : { beyond: `pods of another etcd lie beside its own: ${foreign.map(({ path }) => path).join(', ')}` }),
  };
}

function otherRole(
  seen: Seen,
  etcd: StaticEtcd | undefined,
  tool: OtherTool | undefined,
  flags: string | undefined,
): Role {
  const { pods, ofMaster, ofNode, ca, journal, all } = seen;
  const manifests = [
    ...(etcd === undefined ? [] : [etcd.manifest]),
    ...pods.apiserver.map(({ path }) => path),
  ];
  // What kubeadm was killed over has no kubelet.conf yet, or no manifests any more.
  const isMaster =
    manifests.length > 0 ||
    pods.damaged.length > 0 ||
    (ofMaster.length > 0 && (ofNode.length > 0 || all.length > 0)) ||
    tool?.server === true;
  const own = isMaster
    ? (all.find(({ directory }) => directory === etcd?.dataDirectory) ??
      (etcd === undefined ? all[0] : undefined))
    : undefined;
  const common = {
    began: false,
    finished: false,
    kubeadm: flags !== undefined,
    asks: asked(pods),
    strays: all.filter(one => one !== own),
    ...(pods.podSubnet === undefined ? {} : { podSubnet: pods.podSubnet }),
    ...(etcd === undefined ? {} : { etcd }),
    ...(own === undefined ? {} : { data: own }),
    ...(tool === undefined ? {} : { tool }),
  };
  if (isMaster || tool !== undefined) {
    const beyond = whyBeyond(seen, etcd, tool, own, flags);
    return {
      ...common,
      kind: isMaster ? 'master' : 'worker',
      maker: 'other',
      evidence: [
        ...(tool === undefined ? [] : [tool.found]),
        ...[
          ...manifests,
          ...pods.damaged,
          ...(own === undefined ? [] : [own.directory]),
          ...ofMaster,
          ...ofNode,
        ],
      ],
      ...(beyond === undefined ? {} : { beyond }),
    };
  }
  if (ofNode.length > 0) return { ...common, kind: 'worker', maker: 'unknown', evidence: ofNode };
  if (ca.length > 0) return { ...common, kind: 'begun', maker: 'unknown', evidence: ca };
  return {
    ...common,
    kind: journal.length > 0 ? 'prepared' : 'nothing',
    maker: 'unknown',
    evidence: journal,
  };
}

/** What this product takes apart is what kubeadm makes: static pods in docker, below /etc/kubernetes. */
function whyBeyond(
  { pods, foreign }: Seen,
  etcd: StaticEtcd | undefined,
  tool: OtherTool | undefined,
  data: EtcdData | undefined,
  flags: string | undefined,
): string | undefined {
  if (tool !== undefined) return `it is one of ${tool.name} (${tool.found})`;
  if (pods.directory !== STATIC_PODS) return `its kubelet takes static pods from ${pods.directory}`;
  const [damaged] = pods.damaged;
  if (damaged !== undefined) return `${damaged} cannot be read`;
  const runtime = /--container-runtime-endpoint[= ]["']?([^"'\s]+)/.exec(flags ?? '')?.[1];
  if (runtime !== undefined && !runtime.includes('dockershim'))
    return `its containers are not docker's (${runtime})`;
  if (foreign.length > 1) return `several etcds run here: ${foreign.map(({ path }) => path).join(', ')}`;
  if (etcd !== undefined && (etcd.dataDirectory === undefined || etcd.access === undefined))
    return `${etcd.manifest} does not tell where its data is and how it is asked`;
  if (etcd === undefined && data?.unit !== undefined)
    return `its etcd is run by systemd (${data.unit}), with its data in ${data.directory}`;
  return undefined;
}

/** While one takes the other's place both may be there; the later one names all members. */
function newestFirst(ours: readonly StaticContainer[]): readonly StaticContainer[] {
  return [...ours].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function asked({ apiserver }: StaticPods): readonly string[] {
  return apiserver
    .flatMap(({ flags }) => (flags.get('etcd-servers') ?? '').split(','))
    .filter(url => url !== '');
}

async function present(host: HostReader, paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(async path => ({ path, stat: await host.stat(path) })));
  return found.filter(({ stat }) => stat !== undefined).map(({ path }) => path);
}
