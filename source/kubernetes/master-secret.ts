import type { Change } from '../engine/change';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from './kubectl';
import { objectOf } from './names';

/** Where a master's own part of the PKI and configuration is kept in the cluster. */
export const MASTERS_NAMESPACE = 'kube-system';

/** The Secret of one master; its name starts like that of everything else that makes masters. */
export function masterSecret(hostname: string): string {
  return objectOf('master', hostname);
}

/** The key of the Secret that says what etcd's pod on that master shall be. */
export const TURN_KEY = 'etcd-turn';

/** On a node: what the program that makes masters has done there, as JSON. */
export const MASTER_ANNOTATION = 'kube-el7-install/master';

/**
 * What etcd's pods on a master shall be:
 * wait: both manifests lie there as PodERROR;
 * start: the init pod runs; `attempt` is new for each time that its member is added, so that the data of an earlier attempt is moved aside;
 * vote: the same, and its member has its vote: the control plane of that master, which asks this member alone, may start;
 * cluster: the cluster pod has taken its place, and is put back where its manifest is lost;
 * out: etcd has been told to go on without it, so nothing of it runs here, whatever ran before.
 */
export type EtcdTurn =
  | { readonly kind: 'wait' }
  | { readonly kind: 'start' | 'vote'; readonly attempt: string }
  | { readonly kind: 'cluster' }
  | { readonly kind: 'out' };

/** The turn as the Secret has it: one line, words between blanks. */
export function turnText(turn: EtcdTurn): string {
  return 'attempt' in turn ? `${turn.kind} ${turn.attempt}` : turn.kind;
}

/** The other way round; what is not understood waits. */
export function parseTurn(text: string | undefined): EtcdTurn {
  const [kind, attempt] = (text ?? '').trim().split(' ');
  if (kind === 'cluster' || kind === 'out') return { kind };
  if ((kind === 'start' || kind === 'vote') && attempt !== undefined && attempt !== '')
    return { kind, attempt };
  return { kind: 'wait' };
}

/** The attempt that a master's init pod was told to start with; undefined where it was not told to. */
export function attemptOf(turn: EtcdTurn | undefined): string | undefined {
  return turn !== undefined && 'attempt' in turn ? turn.attempt : undefined;
}

const TURNS = {
  wait: name => `Let etcd on ${name} wait`,
  start: name => `Let etcd on ${name} start`,
  vote: name => `Let the control plane on ${name} start, as its etcd has its vote`,
  cluster: name => `Let etcd on ${name} stay as the cluster pod`,
  out: name => `Let etcd on ${name} end, as it is taken out of the cluster`,
} as const satisfies Readonly<Record<EtcdTurn['kind'], (name: string) => string>>;

/** Tells a master what etcd's pod there shall be; it is done there within a second or two. */
export function giveTurn(hostname: string, turn: EtcdTurn): Change {
  return {
    kind: 'run',
    title: TURNS[turn.kind](hostname),
    command: kubectl(
      ...['patch', 'secret', masterSecret(hostname), '--namespace', MASTERS_NAMESPACE, '--type', 'merge'],
      ...['--patch', JSON.stringify({ stringData: { [TURN_KEY]: turnText(turn) } })],
    ),
    timeoutMs: KUBECTL_TIMEOUT_MS,
    again: WHILE_UNANSWERED,
  };
}
