import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { LabHost } from '../lab/lab';

/** What a client of the API or of etcd shows, and whom it trusts. */
interface Pair {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** One for each pair, so that who looks again and again shakes hands only once: what is measured shall not be the looking. */
const agents = new Map<string, Agent>();

function agentOf(pair: Pair): Agent {
  const known = agents.get(pair.key) ?? new Agent({ ...pair, keepAlive: true, timeout: TIMEOUT_MS });
  agents.set(pair.key, known);
  return known;
}

/** A cluster as somebody outside sees it who has the administrator's and etcd's certificates. */
interface Keys {
  readonly api: Pair;
  readonly etcd: Pair;
}

/** What is asked of a cluster to tell whether it has the masters that were wanted. */
interface Sight {
  /** Masters whose node is Ready. */
  readonly ready: readonly string[];
  /** Masters whose own apiserver says that it is healthy. */
  readonly healthy: readonly string[];
  /** Names of etcd's members that vote and have started. */
  readonly voters: readonly string[];
}

const TIMEOUT_MS = 2000;

/** Asks a URL once, its certificate verified, and returns the body of an answer with status 200. */
export function ask(url: string, pair: Pair, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request(url, { method, agent: agentOf(pair), timeout: TIMEOUT_MS }, response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${url} answered ${response.statusCode ?? 0}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`${url} did not answer in ${TIMEOUT_MS} ms`)));
    asked.on('error', reject);
    asked.end(body);
  });
}

function embedded(kubeconfig: string, name: string): string {
  const value = new RegExp(`${name}: (\\S+)`).exec(kubeconfig)?.[1];
  if (value === undefined) throw new Error(`the kubeconfig has no ${name}`);
  return Buffer.from(value, 'base64').toString('utf8');
}

/** Reads the certificates from a master's disk, from outside: the host does nothing for it. Throws while they are not there. */
export function keysOf(master: LabHost): Keys {
  const read = (path: string): string => readFileSync(join(master.rootPath, 'etc/kubernetes', path), 'utf8');
  const kubeconfig = read('admin.conf');
  return {
    api: {
      ca: embedded(kubeconfig, 'certificate-authority-data'),
      cert: embedded(kubeconfig, 'client-certificate-data'),
      key: embedded(kubeconfig, 'client-key-data'),
    },
    etcd: {
      ca: read('pki/etcd/ca.crt'),
      cert: read('pki/etcd/healthcheck-client.crt'),
      key: read('pki/etcd/healthcheck-client.key'),
    },
  };
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
    readonly status: {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
  }[];
}

/** The masters of a NodeList that are Ready, by name. */
export function readyMasters(text: string): readonly string[] {
  return (JSON.parse(text) as NodeList).items
    .filter(node => 'node-role.kubernetes.io/master' in node.metadata.labels)
    .filter(node => node.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
    .map(node => node.metadata.name);
}

interface MemberList {
  readonly members: readonly { readonly name?: string; readonly isLearner?: boolean }[];
}

/** The members of etcd's answer that vote, by name; one that was added and has not started has no name. */
export function votersOf(text: string): readonly string[] {
  return (JSON.parse(text) as MemberList).members.flatMap(({ name = '', isLearner = false }) =>
    name === '' || isLearner ? [] : [name],
  );
}

/** Looks once; what does not answer counts as not there. */
export async function look(hosts: readonly LabHost[], keys: Keys): Promise<Sight> {
  const [first] = hosts;
  if (first === undefined) throw new Error('a cluster is looked at through its hosts, and none was given');
  const none = (): readonly string[] => [];
  const [ready, voters, ...healthy] = await Promise.all([
    ask(`https://${first.address}:6443/api/v1/nodes`, keys.api).then(readyMasters, none),
    ask(`https://${first.address}:2379/v3/cluster/member/list`, keys.etcd, '{}').then(votersOf, none),
    ...hosts.map(({ name, address }) =>
      ask(`https://${address}:6443/healthz`, keys.api).then(() => [name] as const, none),
    ),
  ]);
  return { ready, voters, healthy: healthy.flat() };
}

/** What is lacking of a control plane of that many masters, for a person; empty when nothing is. */
export function lacking(sight: Sight, masters: number): string {
  const counts: readonly (readonly [string, readonly string[]])[] = [
    ['Ready', sight.ready],
    ['apiservers', sight.healthy],
    ['voters', sight.voters],
  ];
  return counts
    .filter(([, found]) => found.length < masters)
    .map(([what, found]) => `${what}: ${found.length === 0 ? 'none' : found.join(', ')}`)
    .join('; ');
}
