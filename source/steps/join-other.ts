import type { Change, Condition } from '../engine/change';
import { Failure } from '../engine/failure';
import type { Command, HostReader } from '../engine/host';
import { Secret } from '../engine/secret';
import { step, type Step } from '../engine/step';
import {
  CRI_ANNOTATION,
  CRI_SOCKET,
  joinConfiguration,
  parseJoinCommand,
  type JoinCommand,
} from '../kubernetes/join-configuration';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { FIRST_JOIN_WORKER, PKI, STATE } from './paths';
import { idOn } from './prepare-other';

const CONFIG = `${STATE}/kubeadm-join.yaml`;
const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';
const BOOTSTRAP_CONF = '/etc/kubernetes/bootstrap-kubelet.conf';
const CA = `${PKI}/ca.crt`;
/** kubeadm waits five minutes for the kubelet, and before that for the apiserver's answer. */
const JOIN_MS = 12 * 60_000;
const REGISTER_MS = 10 * 60_000;

interface Observed {
  /** Undefined until the command to join has been made on the first master. */
  readonly command: JoinCommand | undefined;
  /** The cluster that the kubelet's own kubeconfig names; undefined where it has none that is whole. */
  readonly server: string | undefined;
  /** As the cluster has the node; 'silent' where it does not answer. */
  readonly node: 'joined' | 'unfinished' | 'absent' | 'silent';
  /** What is there of files that a join leaves behind when it is cut short, and of its configuration. */
  readonly present: readonly string[];
}

/**
 * Joins another master to the cluster over ssh, as `kubeadm join` does on any node: its token stands in a file there
 * for as long as that takes. A join that was cut short is taken up where it can be, else its files are taken away and
 * it is run again; nothing is reset.
 */
export function joinOther(settings: Settings, other: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: idOn('join', other),
    title: `Join ${other.hostname} to the cluster`,
    after,
    host: other.hostname,
    probe: host => probe(host, other),
    plan: observed => plan(settings, other, observed),
  });
}

function plan(settings: Settings, other: Master, observed: Observed): readonly Change[] {
  const { command, server, node, present } = observed;
  const remove = (path: string): Change[] => (present.includes(path) ? [{ kind: 'remove', path }] : []);
  if (server === undefined) {
    return [
      // What an earlier join was cut short with: kubeadm would take the CA as it is, and the kubelet the token.
      ...[BOOTSTRAP_CONF, CA, KUBELET_CONF].flatMap(remove),
      { kind: 'directory', path: STATE, mode: 0o700 },
      { kind: 'write', path: CONFIG, content: configuration(settings, other, command), mode: 0o600 },
      join(),
      { kind: 'await', condition: registered(other), timeoutMs: REGISTER_MS },
      { kind: 'remove', path: CONFIG },
    ];
  }
  if (command !== undefined && server !== command.endpoint) {
    throw new Failure({
      code: 'other-cluster',
      message: `${other.hostname} is a node of another cluster: its ${KUBELET_CONF} names ${server}, and this cluster is ${command.endpoint}.`,
      hint: `If it has no part in that one any more, run kubeadm reset on ${other.hostname}, then retry.`,
    });
  }
  const left = [CONFIG, BOOTSTRAP_CONF].flatMap(remove);
  // An apiserver that is silent says nothing of the node, and the kubelet goes on asking it by itself.
  if (node === 'joined' || node === 'silent') return left;
  return [
    ...left,
    ...(node === 'absent'
      ? ([
          { kind: 'service', unit: 'kubelet.service', action: 'restart' },
          { kind: 'await', condition: registered(other), timeoutMs: REGISTER_MS },
        ] as const)
      : []),
    finish(other),
  ];
}

function configuration(settings: Settings, other: Master, command: JoinCommand | undefined): Secret {
  return command === undefined ? new Secret('') : joinConfiguration(settings, other, command);
}

/** Directories and ports that are as a node has them: one whose files the first master has stored already, or whose join was cut short. */
function join(): Change {
  const passed = ['DirAvailable--etc-kubernetes-manifests', 'Port-10250'];
  return {
    kind: 'run',
    title: 'kubeadm join',
    command: {
      file: 'kubeadm',
      args: ['join', `--config=${CONFIG}`, `--ignore-preflight-errors=${passed.join(',')}`],
    },
    timeoutMs: JOIN_MS,
    undo: [{ kind: 'cluster' }],
  };
}

/** As kubeadm does it last: its upgrades look there. */
function finish(other: Master): Change {
  return {
    kind: 'run',
    title: `Note on ${other.hostname}'s node how its containers are run`,
    command: ownKubectl(
      ...['annotate', 'node', other.hostname, '--overwrite', `${CRI_ANNOTATION}=${CRI_SOCKET}`],
    ),
    timeoutMs: 60_000,
    undo: [],
  };
}

function registered(other: Master): Condition {
  return {
    kind: 'command',
    title: `${other.hostname} is in the cluster`,
    command: ownKubectl('get', 'node', other.hostname, '--output=name'),
  };
}

/** kubectl as the node itself, which may look at its own node and write on it. */
function ownKubectl(...args: readonly string[]): Command {
  const flags = ['--kubeconfig', KUBELET_CONF, '--cache-dir', '/run/kube-el7-install/kubectl'];
  return { file: 'kubectl', args: [...flags, ...args] };
}

async function probe(host: HostReader, other: Master): Promise<Observed> {
  const paths = [CONFIG, BOOTSTRAP_CONF, CA, KUBELET_CONF];
  const [command, conf, ...stats] = await Promise.all([
    host.read(FIRST_JOIN_WORKER),
    host.read(KUBELET_CONF),
    ...paths.map(path => host.stat(path)),
  ]);
  const server = /^\s*server:\s*(\S+)\s*$/m.exec(conf?.toString('utf8') ?? '')?.[1];
  return {
    command: command && parseJoinCommand(command.toString('utf8')),
    server,
    node: server === undefined ? 'absent' : await nodeOf(host, other),
    present: paths.filter((_, at) => stats[at] !== undefined),
  };
}

async function nodeOf(host: HostReader, other: Master): Promise<Observed['node']> {
  const annotation = CRI_ANNOTATION.replaceAll('.', '\\.');
  const { code, stdout, stderr } = await host.query(
    ownKubectl('get', 'node', other.hostname, `--output=jsonpath={.metadata.annotations.${annotation}}`),
  );
  if (code === 0) return stdout.trim() === '' ? 'unfinished' : 'joined';
  return /\(NotFound\)/.test(stderr) ? 'absent' : 'silent';
}
