import { isTrue, type Node } from './api';
import { MASTER_ANNOTATION } from './master-secret';

/** What the program that makes masters says of its node, in an annotation there. */
export interface MasterReport {
  /** Of the Secret's list of files that it was made from. */
  readonly digest: string;
  readonly complete: boolean;
  readonly missing: readonly string[];
  /** Files that somebody else changed; they are left as they are. */
  readonly changed: readonly string[];
  /** "wait", "start A", "vote A", "cluster", or why not. */
  readonly etcd: string;
  /** Its taint was seen to stay; who takes it away from then on means to. */
  readonly tainted: boolean;
  readonly refused?: string;
  readonly did: string;
  readonly at: string;
}

/** The report of a node, undefined where it has none that can be read. */
export function masterReport(node: Node): MasterReport | undefined {
  const text = node.metadata.annotations?.[MASTER_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    const report = JSON.parse(text) as unknown;
    return isReport(report) ? { ...UNSAID, ...report } : undefined;
  } catch {
    return undefined;
  }
}

/** What a report says that does not say it. */
const UNSAID: MasterReport = {
  digest: '',
  complete: false,
  missing: [],
  changed: [],
  etcd: '',
  tainted: false,
  did: '',
  at: '',
};

/** Whoever may write on a node may write this annotation: what is said there must be of the kinds that it should. */
function isReport(report: unknown): report is Partial<MasterReport> {
  if (typeof report !== 'object' || report === null || Array.isArray(report)) return false;
  const fields = report as Readonly<Record<string, unknown>>;
  return Object.entries({ ...UNSAID, refused: '' }).every(([name, unsaid]) => {
    const value = fields[name] === undefined ? unsaid : fields[name];
    return Array.isArray(unsaid)
      ? Array.isArray(value) && value.every(one => typeof one === 'string')
      : typeof value === typeof unsaid;
  });
}

/** The address that others reach a node at: the one that it is known by, where the node has it among several (kubernetes pkg/kubelet/nodestatus/setters.go, NodeAddress), else its first IPv4 one. */
export function internalAddress(node: Node, known: string): string | undefined {
  const all = (node.status.addresses ?? []).filter(({ type }) => type === 'InternalIP');
  const addresses = all.map(({ address }) => address);
  return addresses.includes(known) ? known : addresses.find(address => !address.includes(':'));
}

/** Whether a node's kubelet reports: of one that does not, the cluster says for 40 s what it said last, then Unknown (kube-controller-manager --node-monitor-grace-period). */
export function isHeard({ status: { conditions = [] } }: Node): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status !== 'Unknown');
}

/** Whether a node is Ready. */
export function isReady(node: Node): boolean {
  return isTrue(node.status.conditions, 'Ready');
}
