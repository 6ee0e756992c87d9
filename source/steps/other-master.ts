import { Failure, type FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { askApi, items, type Node } from '../kubernetes/api';
import { MASTERS_NAMESPACE, masterSecret } from '../kubernetes/master-secret';
import { internalAddress, isReady, masterReport } from '../kubernetes/master-state';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { apiserverHealthy } from './endpoint-health';
import { isMet } from './manifest';
import { awaitStation, type Station } from './master-condition';
import { masterEvidence } from './master-evidence';
import { storedDigest } from './master-secret';

interface Observed {
  /** undefined where the apiserver does not answer. */
  readonly nodes: readonly Node[] | undefined;
  /** Of the list of files in its Secret. */
  readonly digest: string | undefined;
  readonly healthy: boolean;
}

/** How far another host is awaited on its way: until it has all that makes a master, or until it is one that is Ready. */
interface Part {
  readonly id: string;
  readonly title: (hostname: string) => string;
  readonly stations: readonly Station[];
}

const PARTS = {
  made: {
    id: 'join',
    title: hostname => `Wait for ${hostname} to join`,
    stations: ['joined', 'made'],
  },
  ready: {
    id: 'master',
    title: hostname => `Wait for ${hostname} to be a master that is Ready`,
    stations: ['joined', 'made', 'ready'],
  },
} as const satisfies Record<string, Part>;

/** Waits until another host has joined and has become a master; the program that makes masters does the work there. etcd can grow as soon as it is made, before its apiserver answers. */
export function otherMaster(
  settings: Settings,
  master: Master,
  other: Master,
  after: readonly string[],
  part: keyof typeof PARTS,
): Step {
  const { id, title, stations }: Part = PARTS[part];
  return step<Observed>({
    id: `${id}-${other.hostname}`,
    title: title(other.hostname),
    after,
    probe: async host => {
      const [nodes, digest, healthy] = await Promise.all([
        askApi(host, apiAccess(master), '/api/v1/nodes'),
        storedDigest(host, master, other),
        // An apiserver that is just starting takes its time to answer, and not every part waits for it.
        part === 'ready' && isMet(host, apiserverHealthy('', other)),
      ]);
      return { nodes: items(nodes) as readonly Node[] | undefined, digest, healthy };
    },
    plan: observed => {
      const missing = missingStations(observed, settings, other);
      return stations
        .filter(station => missing.includes(station))
        .map(station => awaitStation(station, master, other, observed.digest));
    },
    diagnose: (host, failure) => diagnose(host, failure, master, other),
  });
}

function missingStations(observed: Observed, settings: Settings, other: Master): readonly Station[] {
  const { nodes = [], digest, healthy } = observed;
  const misfit = misfitOf(nodes, other);
  if (misfit !== undefined) throw new Failure(misfit);
  const node = nodes.find(one => one.metadata.name === other.hostname);
  const report = node && masterReport(node);
  // The taint is set before the labels, once; who takes it away later means to.
  const labelled = settings.facts.masterLabels.every(label => node?.metadata.labels?.[label] !== undefined);
  const made = report?.complete === true && report.digest === digest && labelled;
  const reached: Readonly<Record<Station, boolean>> = {
    joined: node !== undefined,
    made,
    ready: healthy && node !== undefined && isReady(node),
  };
  return PARTS.ready.stations.filter(station => !reached[station]);
}

/** Who joined in the place of the awaited one, or where it is not what --masters says; undefined where neither is so. */
function misfitOf(nodes: readonly Node[], other: Master): FailureReport | undefined {
  const taken = nodes.find(
    node => node.metadata.name !== other.hostname && internalAddress(node, other.address) === other.address,
  );
  if (taken !== undefined) {
    const { name } = taken.metadata;
    return {
      code: 'master-other-name',
      message: `The host at ${other.address} has joined as ${name}, and --masters calls it ${other.hostname}: it is not made a master.`,
      hint: `Take it out again (\`kubectl delete node ${name}\` here, \`kubeadm reset\` there), set its hostname to ${other.hostname} or name it ${name} in --masters, and let it join again.`,
    };
  }
  const own = nodes.find(node => node.metadata.name === other.hostname);
  const address = own && internalAddress(own, other.address);
  if (address === undefined || address === other.address) return undefined;
  return {
    code: 'master-other-address',
    message: `${other.hostname} has joined with the address ${address}, and ${other.hostname} of --masters has ${other.address}: it is not made a master.`,
    hint: `If that is the right host, give its kubelet the address (--node-ip=${other.address} in KUBELET_EXTRA_ARGS of /etc/sysconfig/kubelet there, then restart the kubelet) or let the name resolve to ${address} here, and run again. If not, \`kubectl delete node ${other.hostname}\` here and \`kubeadm reset\` there.`,
  };
}

async function diagnose(
  host: HostReader,
  failure: FailureReport,
  master: Master,
  other: Master,
): Promise<FailureReport> {
  const answer = await askApi(host, apiAccess(master), '/api/v1/nodes');
  const nodes = (items(answer) ?? []) as readonly Node[];
  const misfit = misfitOf(nodes, other);
  if (misfit !== undefined) return misfit;
  const node = nodes.find(one => one.metadata.name === other.hostname);
  if (node !== undefined) return masterEvidence(host, failure, node);
  if (answer.kind !== 'found') return failure;
  return {
    ...failure,
    message: `${other.hostname} (${other.address}) has not joined the cluster.`,
    hint: `Prepare it if that is not done (\`kube-el7-install prepare\` there), run there what \`kube-el7-install join-command\` prints here, and retry. It joins through the cluster's endpoint: see that it reaches it at port 6443. ${masterSecret(other.hostname)} in ${MASTERS_NAMESPACE} waits for it.`,
  };
}
