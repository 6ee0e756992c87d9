import type { Finding } from '../engine/check';
import { SYSCONFIG } from '../steps/prepare/kubelet-arguments';
import type { Flag } from '../steps/prepare/kubelet-arguments';
import type { Settings } from '../variables/settings';
import { fatal, warning } from './finding';

/** What the host and the cluster are, beside the flags. */
export interface Surroundings {
  readonly settings: Settings;
  /** In lower case, as kubeadm names the node. */
  readonly hostname: string;
  /** Empty where they are not known. */
  readonly addresses: readonly string[];
  /** The one that the cluster knows the host by, where anything tells. */
  readonly address: string | undefined;
}

/** What contradicts the value of a flag; undefined where nothing does. */
type Rule = (value: string, surroundings: Surroundings) => string | undefined;

const only =
  (expected: string | readonly string[], why: string): Rule =>
  value =>
    [expected].flat().includes(value) ? undefined : why;

const never =
  (why: string): Rule =>
  () =>
    why;

const NOT_DOCKER = 'the installer makes a cluster that runs its containers with docker';
const DOCKER_SOCKETS = ['unix:///var/run/docker.sock', 'unix:///run/docker.sock'];
const DOCKERSHIM = ['unix:///var/run/dockershim.sock', '/var/run/dockershim.sock'];
const GONE = 'the kubelet has no such flag since 1.16 or before, and does not start with it';
const HEALTH = 'kubeadm waits for the kubelet to answer at http://localhost:10248/healthz';
const ADDRESS = 'the masters must reach the kubelet at port 10250 of this host';

/** Flags that win over what kubeadm and the installer configure: with another value the node does not come to be, or not as it must. */
const FATAL: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    'hostname-override': (value, { hostname }) =>
      hostname === '' || value.toLowerCase() === hostname
        ? undefined
        : `kubeadm names the node ${hostname}, as the host is called, and does not find it by another name`,
    'node-ip': (value, { addresses }) => {
      const foreign = value
        .split(',')
        .filter(one => !/^(0\.0\.0\.0|::)$/.test(one) && !one.includes(':') && !addresses.includes(one));
      if (addresses.length === 0 || foreign.length === 0) return undefined;
      return `${foreign.join(', ')} is no address of this host, which has ${addresses.join(', ')}`;
    },
    'container-runtime': only('docker', NOT_DOCKER),
    'container-runtime-endpoint': only(DOCKERSHIM, NOT_DOCKER),
    'image-service-endpoint': only(DOCKERSHIM, NOT_DOCKER),
    'docker-endpoint': only(DOCKER_SOCKETS, 'the installer uses the docker of this host'),
    config: only('/var/lib/kubelet/config.yaml', 'kubeadm writes /var/lib/kubelet/config.yaml'),
    kubeconfig: only('/etc/kubernetes/kubelet.conf', 'kubeadm writes /etc/kubernetes/kubelet.conf'),
    'bootstrap-kubeconfig': only(
      '/etc/kubernetes/bootstrap-kubelet.conf',
      'kubeadm writes /etc/kubernetes/bootstrap-kubelet.conf',
    ),
    'pod-manifest-path': only(
      ['/etc/kubernetes/manifests', '/etc/kubernetes/manifests/'],
      'the control plane is started from /etc/kubernetes/manifests',
    ),
    'register-node': only(['true', ''], 'the node would never be in the cluster'),
    'network-plugin': only('cni', 'the network of the pods is made with CNI'),
    'cni-conf-dir': only(
      ['/etc/cni/net.d', '/etc/cni/net.d/'],
      "flannel's configuration is in /etc/cni/net.d",
    ),
    'cni-bin-dir': value =>
      value.split(',').some(one => one.replace(/\/$/, '') === '/opt/cni/bin')
        ? undefined
        : 'the network plugins are in /opt/cni/bin',
    'cluster-dns': (value, { settings }) =>
      value === settings.clusterDns ? undefined : `CLUSTER_DNS is ${settings.clusterDns}`,
    'cluster-domain': (value, { settings }) =>
      value.replace(/\.$/, '') === settings.clusterDomain
        ? undefined
        : `CLUSTER_DOMAIN is ${settings.clusterDomain}`,
    port: only('10250', ADDRESS),
    address: (value, { addresses }) =>
      value === '0.0.0.0' || value === '::' || addresses.length === 0 || addresses.includes(value)
        ? undefined
        : ADDRESS,
    'healthz-port': only('10248', HEALTH),
    'healthz-bind-address': only(['127.0.0.1', '0.0.0.0', '::', 'localhost'], HEALTH),
    'allow-privileged': never(GONE),
    'cadvisor-port': never(GONE),
    'require-kubeconfig': never(GONE),
    'api-servers': never(GONE),
    containerized: never(GONE),
  } satisfies Record<string, Rule>),
);

/** Flags that are kept, and that a later step or command does not know of. */
const WARNING: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    'node-ip': (value, { address }) =>
      address === undefined || value === address
        ? undefined
        : `the installer takes ${address} for the address of this host in the cluster (NODE_SUBNET)`,
    'root-dir': only(
      ['/var/lib/kubelet', '/var/lib/kubelet/'],
      'reset and the checks of disks look at /var/lib/kubelet only',
    ),
    'cert-dir': only(
      ['/var/lib/kubelet/pki', '/var/lib/kubelet/pki/'],
      'kubeadm and the checks of certificates look at /var/lib/kubelet/pki only',
    ),
    'fail-swap-on': only(['', 'true'], 'swap will be switched off all the same'),
  } satisfies Record<string, Rule>),
);

/** Names every flag that contradicts the rest, with what would be right. */
export function judge(flags: readonly Flag[], surroundings: Surroundings): readonly Finding[] {
  return flags.flatMap(({ name, value }) => {
    const flag = value === '' ? `--${name}` : `--${name}=${value}`;
    const wrong = FATAL.get(name)?.(value, surroundings);
    if (wrong !== undefined) {
      return [fatal(`${SYSCONFIG} has ${flag}, but ${wrong}`, `Take ${flag} out of ${SYSCONFIG}.`)];
    }
    const beside = WARNING.get(name)?.(value, surroundings);
    return beside === undefined
      ? []
      : [
          warning(
            `${SYSCONFIG} has ${flag}, which is kept; ${beside}`,
            `Nothing, if that is meant. Otherwise take it out of ${SYSCONFIG}.`,
          ),
        ];
  });
}
