import {
  ADMINISTRATOR,
  CLUSTER_CA,
  ETCD_CA,
  ETCD_CLIENT,
  ETCD_HEALTH_CHECK,
  ETCD_PKI,
  KUBEADM_CONFIG,
  MASTERS,
  PKI,
  STATIC_PODS,
  TILLER_CA,
  TILLER_SERVER,
  type Pair,
} from '../steps/paths';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { keepalivedFiles } from './keepalived';

const KUBERNETES = '/etc/kubernetes';
/** Where a master keeps what it needs only once the first master is lost. */
const KEPT = `${KUBERNETES}/kube-el7-install`;
/** kubeadm's configuration without the token. */
export const CONFIG_WITHOUT_TOKEN = `${MASTERS}/${baseName(KUBEADM_CONFIG)}`;

/** A file that a master has: its path there, and where this host has its content. */
export interface MasterFile {
  readonly path: string;
  readonly source: string;
  readonly mode: number;
  readonly secret: boolean;
}

/** What is stored before the masters are made, and what there is besides at the end of an installation. */
export type Part = 'begin' | 'end';

/** Where this host keeps what is another master's own; /etc/kubernetes stands for that master's. */
export function ownCopy(other: Master, path: string): string {
  return `${MASTERS}/${other.hostname}${path.slice(KUBERNETES.length)}`;
}

/** Where this host keeps a master's manifests of etcd that wait for their turn. */
export function etcdCopy(master: Master, pod: 'etcd-init' | 'etcd-cluster'): string {
  return `${MASTERS}/${master.hostname}/${pod}.yaml`;
}

/** What names the first master in kubeadm's files, and so is another one on every other master. */
export function ownTexts(settings: Settings): readonly string[] {
  return [
    ...(settings.facts.localKubeconfigs ? LOCAL_KUBECONFIGS : []),
    ...['kube-controller-manager', 'kube-scheduler', 'kube-apiserver'].map(
      name => `${STATIC_PODS}/${name}.yaml`,
    ),
  ];
}

const LOCAL_KUBECONFIGS = ['controller-manager', 'scheduler'].map(name => `${KUBERNETES}/${name}.conf`);

/** The files of a master in the order in which they are to be written there: manifests after all that they read, the apiserver's last. */
export function masterFilesOf(
  settings: Settings,
  all: readonly Master[],
  index: number,
  part: Part,
): readonly MasterFile[] {
  const master = all[index];
  if (master === undefined) throw new Error(`there is no master at place ${index}`);
  const texts = ownTexts(settings);
  const own = (path: string, mode: number, secret: boolean): MasterFile => ({
    ...{ path, mode, secret },
    source: index === 0 ? path : ownCopy(master, path),
  });
  const shared = (path: string, mode: number, secret: boolean): MasterFile => ({
    ...{ path, mode, secret },
    source: path,
  });
  const pairOf = (kind: typeof own, { certPath, keyPath }: Pair): readonly MasterFile[] => [
    kind(certPath, 0o644, false),
    kind(keyPath, 0o600, true),
  ];
  const kubeconfig = (path: string): MasterFile => (texts.includes(path) ? own : shared)(path, 0o600, true);
  return [
    ...SHARED_PAIRS.flatMap(one => pairOf(shared, one)),
    ...[`${PKI}/sa.pub`].map(path => shared(path, 0o644, false)),
    ...[`${PKI}/sa.key`].map(path => shared(path, 0o600, true)),
    ...OWN_PAIRS.flatMap(one => pairOf(own, one)),
    ...[`${KUBERNETES}/admin.conf`, ...LOCAL_KUBECONFIGS].map(kubeconfig),
    ...(part === 'end' ? keptFiles(settings) : []),
    ...keepalivedFiles(settings, all, index).map(({ path, mode }) => own(path, mode, true)),
    ...texts.filter(path => path.startsWith(STATIC_PODS)).map(path => own(path, 0o600, false)),
  ];
}

function keptFiles(settings: Settings): readonly MasterFile[] {
  const kept = (source: string, folder: string, mode: number): MasterFile => ({
    ...{ source, mode },
    path: `${KEPT}/${folder}${baseName(source)}`,
    secret: mode === 0o600,
  });
  const tiller = settings.tiller ? [TILLER_CA, TILLER_SERVER] : [];
  return [
    ...tiller.flatMap(one => [kept(one.certPath, 'tiller/', 0o644), kept(one.keyPath, 'tiller/', 0o600)]),
    kept(CONFIG_WITHOUT_TOKEN, '', 0o600),
  ];
}

const pair = (base: string): Pair => ({ certPath: `${base}.crt`, keyPath: `${base}.key` });

/** What all masters have alike. */
const SHARED_PAIRS: readonly Pair[] = [
  CLUSTER_CA,
  pair(`${PKI}/front-proxy-ca`),
  ETCD_CA,
  ...['apiserver-kubelet-client', 'front-proxy-client'].map(name => pair(`${PKI}/${name}`)),
  ETCD_CLIENT,
  ADMINISTRATOR,
  ETCD_HEALTH_CHECK,
];

/** What names the master in its certificate. */
const OWN_PAIRS: readonly Pair[] = [
  pair(`${PKI}/apiserver`),
  pair(`${ETCD_PKI}/server`),
  pair(`${ETCD_PKI}/peer`),
];

/** The key of a file in a master's Secret: its path below /etc/kubernetes with dots, since a key cannot have slashes. */
export function keyOf(path: string): string {
  return path.slice(KUBERNETES.length + 1).replace(/\//g, '.');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
