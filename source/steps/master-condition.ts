import type { Change, Question } from '../engine/change';
import { apiRequest } from '../kubernetes/api';
import type { Master } from '../variables/master';
import { apiAccess } from './access';
import { apiserverHealthy } from './endpoint-health';
import { JOIN_WORKER } from './paths';

/** Somebody has to type a command on another host for it. */
const JOIN_TIMEOUT_MS = 60 * 60_000;
const MADE_TIMEOUT_MS = 15 * 60_000;

/** The stations of a node on its way to a master. */
export type Station = 'joined' | 'made' | 'ready';

/** What an annotation looks like inside an answer of the apiserver when a master is complete and made from that list of files. */
export function completeReport(digest: string | undefined): string {
  const made = digest === undefined ? '[0-9a-f]{64}' : digest;
  return `\\\\"digest\\\\":\\\\"${made}\\\\",\\\\"complete\\\\":true`;
}

/** What an annotation looks like there once the master's taint was seen to stay. */
export const TAINTED_REPORT = '\\\\"tainted\\\\":true';

/** Waits for one station. Answers are lists of all nodes, so that one that took the place of the awaited one ends the wait at once. */
export function awaitStation(
  station: Station,
  first: Master,
  other: Master,
  digest: string | undefined,
): Change {
  const { hostname, address } = other;
  const nodes = {
    kind: 'request',
    request: apiRequest(apiAccess(first), '/api/v1/nodes'),
    status: 200,
    never: misfit(other),
  } as const;
  const await_ = (condition: Extract<Change, { kind: 'await' }>['condition'], timeoutMs: number): Change => ({
    kind: 'await',
    condition,
    timeoutMs,
  });
  switch (station) {
    case 'joined':
      return await_(
        {
          ...nodes,
          title: `${hostname} has joined: run there what "kube-el7-install join-command" prints here, or ${JOIN_WORKER} holds`,
          matches: inNode(other, ''),
          unmet: `${hostname} (${address}) is no node of the cluster yet`,
        },
        JOIN_TIMEOUT_MS,
      );
    case 'made':
      return await_(
        {
          ...nodes,
          title: `${hostname} has all that makes a master`,
          matches: inNode(other, completeReport(digest)),
          unmet: `the program that makes masters has not finished on ${hostname}`,
        },
        MADE_TIMEOUT_MS,
      );
    case 'ready': {
      const healthy = apiserverHealthy(`the apiserver on ${hostname} is healthy`, other);
      const ready: Question = {
        ...nodes,
        title: `node ${hostname} is Ready`,
        matches: inNode(other, '"type":"Ready","status":"True"'),
        unmet: `${hostname} is not Ready`,
      };
      const title = `node ${hostname} is Ready, and its apiserver healthy`;
      // The node first: where another one took its place there is nothing to wait for.
      return await_({ kind: 'all', title, of: [ready, healthy] }, MADE_TIMEOUT_MS);
    }
  }
}

/** That a static pod has been started anew with what is stored for it, and is Ready. */
export function podShows(first: Master, pod: string, title: string, shows: string): Question {
  return {
    kind: 'request',
    title,
    request: apiRequest(apiAccess(first), `/api/v1/namespaces/kube-system/pods/${pod}`),
    status: 200,
    matches: `${shows}[^]*"type":"Ready","status":"True"`,
    unmet: 'its pod has not been started anew yet',
  };
}

/** The beginning of a node in the apiserver's answer; a node holds no other object with metadata. */
function nodeBegins(name: string): string {
  return `"metadata":\\{"name":"${name}"`;
}

/** Everything up to where the next node begins. */
const WITHIN = `(?:(?!"metadata":\\{"name":)[\\s\\S])*?`;

function inNode({ hostname }: Master, what: string): string {
  return `${nodeBegins(escaped(hostname))}${WITHIN}${what}`;
}

/** Another node with the awaited one's address, or the awaited one with another address. */
function misfit({ hostname, address }: Master): string {
  const internal = '"type":"InternalIP","address":';
  const otherName = `${nodeBegins(`(?!${escaped(hostname)}")[^"]*`)}${WITHIN}${internal}"${escaped(address)}"`;
  const otherAddress = `${nodeBegins(escaped(hostname))}${WITHIN}${internal}"(?!${escaped(address)}")`;
  return `${otherName}|${otherAddress}`;
}

function escaped(text: string): string {
  return text.replace(/[.]/g, '\\.');
}
