import type { FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import type { Master } from '../variables/master';
import { etcdRequest } from './access';
import { isFinished } from './finished';
import { ETCD_CLUSTER_ID, ETCD_DATA } from './paths';
import { readText } from './prepare/ask';

/** What kubeadm leaves in etcd of every cluster that it has made; nobody takes all of that away from a cluster that goes on. */
const OF_KUBEADM: readonly (readonly [key: string, end?: string])[] = [
  ['/registry/configmaps/kube-system/kubeadm-config'],
  ['/registry/clusterrolebindings/kubeadm:', '/registry/clusterrolebindings/kubeadm;'],
  ['/registry/daemonsets/kube-system/kube-proxy'],
];

/** Whether an installation has come to its end here, so that etcd has data that must not be begun anew. */
export async function hasFinished(host: HostReader): Promise<boolean> {
  return (await isFinished(host)) || (await host.stat(ETCD_CLUSTER_ID)) !== undefined;
}

/** etcd's number of the cluster that a master's etcd speaks for; undefined where it does not answer. */
export async function clusterIdOf(host: HostReader, { address }: Master): Promise<string | undefined> {
  const answer = await host.request(etcdRequest(address, '/members', { port: 'peers' }));
  return 'status' in answer ? answer.headers['x-etcd-cluster-id'] : undefined;
}

/**
 * What is wrong with etcd's data on a master whose installation has come to its end: they are gone, or they are not the
 * ones that it had, as with a disk that was not mounted, or another one. Undefined where nothing is, and before that end.
 */
export async function dataFault(host: HostReader, master: Master): Promise<FailureReport | undefined> {
  if (!(await hasFinished(host))) return undefined;
  const [member, recorded, answered] = await Promise.all([
    host.stat(`${ETCD_DATA}/member`),
    readText(host, ETCD_CLUSTER_ID),
    clusterIdOf(host, master),
  ]);
  const { hostname } = master;
  if (member === undefined && answered === undefined) return missing(hostname);
  if (answered === undefined) return undefined;
  const known = recorded.trim();
  if (known !== '' && known !== answered) return foreign(hostname, known, answered);
  return known === '' && (await isEmpty(host, master)) ? emptied(hostname) : undefined;
}

const MOUNT = `See \`findmnt --target ${ETCD_DATA}\`, /etc/fstab and \`dmesg\`: is the disk mounted that ${ETCD_DATA} was on, and is it the right one?`;
const RESTORE =
  'If its data are lost for good: of several masters, run `kube-el7-install readd-member` on one that is well; a single one is restored from a snapshot on purpose, with `kube-el7-install readd-member --snapshot FILE`.';

function missing(hostname: string): FailureReport {
  return {
    code: 'etcd-data-missing',
    message: `The data of etcd on ${hostname} (${ETCD_DATA}/member) are gone, and an installation has come to its end here. Started without them, etcd would be a new, empty cluster, and the kubelets would end all pods.`,
    hint: `${MOUNT} Mount it: etcd starts by itself then. ${RESTORE} To begin a new cluster here, run \`kube-el7-install reset\` first.`,
  };
}

function emptied(hostname: string): FailureReport {
  return {
    code: 'etcd-empty',
    message: `etcd on ${hostname} is empty: nothing is in it of what kubeadm has made, and an installation has come to its end here. It was started without its data, as a new cluster.`,
    hint: `Stop the kubelet first (\`systemctl stop kubelet\`, and etcd's container). ${MOUNT} Mount it, and start the kubelet again. ${RESTORE}`,
  };
}

function foreign(hostname: string, known: string, answered: string): FailureReport {
  return {
    code: 'etcd-other-data',
    message: `etcd on ${hostname} has the data of another cluster: its number is ${answered}, and the one that was installed here has ${known}.`,
    hint: `Stop the kubelet first (\`systemctl stop kubelet\`, and etcd's container). ${MOUNT} If you have restored etcd from a snapshot yourself, this is meant: remove ${ETCD_CLUSTER_ID}, and run again.`,
  };
}

/** Asks etcd itself, since an apiserver has made some objects anew by then. An etcd that does not answer is not held for empty. */
async function isEmpty(host: HostReader, master: Master): Promise<boolean> {
  const counts = await Promise.all(OF_KUBEADM.map(([key, end]) => countOf(host, master, key, end)));
  return counts.every(count => count === 0);
}

async function countOf(
  host: HostReader,
  { address }: Master,
  key: string,
  end: string | undefined,
): Promise<number | undefined> {
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  const body = {
    key: encoded(key),
    ...(end === undefined ? {} : { range_end: encoded(end) }),
    ...{ count_only: true, serializable: true },
  };
  for (const gateway of ['v3', 'v3beta']) {
    const request = etcdRequest(address, `/${gateway}/kv/range`, { port: 'clients' });
    const answer = await host.request({ ...request, method: 'POST', body: JSON.stringify(body) });
    if ('error' in answer) return undefined;
    // A count of zero is left out.
    if (answer.status === 200 && answer.body.includes('"header"'))
      return Number(/"count":\s*"?(\d+)/.exec(answer.body)?.[1] ?? 0);
  }
  return undefined;
}
