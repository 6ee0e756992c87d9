import type { HostReader, HttpOutcome } from '../engine/host';
import { listed } from '../engine/words';
import { askApi, items, type Node } from '../kubernetes/api';
import { fullnessText, isNearlyFull } from '../kubernetes/etcd-alarms';
import { memberOf, type EtcdMember } from '../kubernetes/etcd-cluster';
import { hasLearners } from '../kubernetes/etcd-manifests';
import { swapName } from '../kubernetes/etcd-swap';
import { MASTERS_NAMESPACE } from '../kubernetes/master-secret';
import { internalAddress, isHeard, isReady, masterReport } from '../kubernetes/master-state';
import { apiAccess, etcdRequest } from '../steps/access';
import { askMember } from '../steps/etcd-answers';
import { etcdView, type EtcdView } from '../steps/etcd-view';
import type { Master } from '../variables/master';
import { examined, isForeign, type Common, type Seen } from './conditions';
import type { Diagnosis } from './diagnosis';
import { compareWhereDoubtful, withComparison } from './divergence';
import type { Examined } from './examined';
import { clusterName, readRecord, type ClusterRecord } from './record';
import { company, findSources, progressOf, unfinishedAttempt, type Company } from './restore';
import { etcdWords } from './etcd-said';
import { OWN } from './restore/sources';
import { readStored } from './stored';
import { verdictOf } from './verdict';

/**
 * How etcd's members are, and what can be done about it, as it is seen from this master; undefined where this host is none.
 * Reads only. `only` are the masters that are to be put back, where not all. `also` is a snapshot at a place of the operator's own, to be looked at where the quorum is lost.
 */
export async function examine(
  host: HostReader,
  also?: string,
  only?: readonly string[],
): Promise<Diagnosis | undefined> {
  const record = await readRecord(host);
  if (record === undefined) return undefined;
  const diagnosis = verdictOf(
    await survey(host, record),
    only?.map(name => name.toLowerCase()),
  );
  const begun = await unfinishedAttempt(host);
  if (diagnosis.verdict !== 'quorum-lost' && begun === undefined) return diagnosis;
  const mayGiveUp = begun !== undefined && (await progressOf(host, begun)) !== 'replaced';
  const there = mayGiveUp ? await company(host, record) : undefined;
  if (there?.healthy === true || (there?.answering ?? []).length > 0) return givenUp(diagnosis, there);
  const { sources, rejected } = await findSources(host, record, also === OWN ? undefined : also);
  const unusable = rejected.map(({ id, reason }) => `${id} cannot be used: ${reason}.`).join(' ');
  const hint =
    `${begun === undefined ? (diagnosis.hint ?? '') : GO_ON}${mayGiveUp ? ` ${OR_GIVE_UP}` : ''} ${unusable}`.trim();
  const summary =
    begun === undefined ? diagnosis.summary : 'A restore of etcd was begun here, and is not done.';
  return {
    ...diagnosis,
    verdict: 'quorum-lost',
    summary,
    hint,
    readd: [],
    willDo: RESTORED,
    sources,
    ...(mayGiveUp ? { mayGiveUp: true } : {}),
  };
}

const GO_ON = 'Go on with it, from the same source: what is done already is not done again.';

const OR_GIVE_UP =
  'Nothing was replaced yet: as soon as another master is back it can be given up, and with --give-up-restore at once.';

/** The others are there: what was hidden for the restore is put back, and nothing is made anew. */
function givenUp(
  diagnosis: Diagnosis,
  { answering = [], healthy = false }: Partial<Company> = {},
): Diagnosis {
  const who = healthy
    ? 'etcd here has its quorum again'
    : `${listed(answering)} ${answering.length === 1 ? 'is' : 'are'} there again`;
  return {
    ...diagnosis,
    verdict: 'give-up',
    mayGiveUp: true,
    summary: `A restore of etcd was begun here and has replaced nothing, and ${who}.`,
    hint: 'Nothing is lost by it. What the restore has saved stays. Afterwards look again, whether all members are well.',
    readd: [],
    willDo: GIVEN_UP,
    againForS: 0,
  };
}

const GIVEN_UP = [
  "put etcd's manifest back that was hidden, with the data that etcd has here",
  'start the control plane here again, as it was',
  'remove the copies that the restore has made, and its note',
];

/** What a restore does, for people. */
const RESTORED = [
  'keep what etcd has on this host: it is moved aside, never deleted',
  'make a cluster of one member from the source, with a new identity',
  'let the apiserver here ask that member alone',
  'start the control plane anew, and see that it works',
  'afterwards put each lost master back: a new disk, joined, then this again',
];

/** Everything that a verdict is made from. */
export async function survey(host: HostReader, record: ClusterRecord): Promise<Examined> {
  const { here, masters } = record;
  const order = [here, ...masters.filter(one => one !== here)];
  const [view, nodeList] = await Promise.all([
    etcdView(host, order),
    askApi(host, apiAccess(here), '/api/v1/nodes'),
  ]);
  const nodes = (items(nodeList) ?? []) as readonly Node[];
  const members = view.members ?? [];
  const [own, looked] = await Promise.all([
    askIdentity(host, here),
    Promise.all(masters.map(master => look(host, record, view, members, master, nodes))),
  ]);
  const { alarms } = view;
  const common: Common = {
    here,
    members,
    full: alarms.filter(({ kind }) => kind === 'NOSPACE').map(({ member }) => member),
    ...(own.clusterId === undefined ? {} : { clusterId: own.clusterId }),
  };
  const voters = members.filter(({ learner }) => !learner);
  const voting = masters.filter(master => memberOf(voters, master) !== undefined);
  const compared = await compareWhereDoubtful(host, record, alarms, looked, voting);
  const seen = looked.map(one => withComparison(one, compared, voters.length));
  const found = seen.map(one => examined(one, common));
  const answers = seen.flatMap(one => {
    const { master, answer, node } = one;
    const member =
      memberOf(voters, master) ??
      (node === undefined ? undefined : memberOf(voters, { ...master, address: node.address }));
    return member === undefined || isForeign(one, common) ? [] : [answer];
  });
  return {
    cluster: clusterName(record),
    here: here.hostname,
    members: found,
    ready: nodes.filter(isReady).map(({ metadata }) => metadata.name),
    heard: nodes.filter(isHeard).map(({ metadata }) => metadata.name),
    voters: voters.length,
    alive: answers.filter(({ roundTripMs }) => roundTripMs !== undefined).length,
    healthy: answers.filter(({ healthy }) => healthy).length,
    alarms,
    nearlyFull: new Map(
      seen
        .filter(({ answer }) => isNearlyFull(answer))
        .map(({ master, answer }) => [master.hostname, fullnessText(answer)] as const),
    ),
    ...(compared === undefined ? {} : { compared }),
    learners: hasLearners(record.settings),
  };
}

async function look(
  host: HostReader,
  { here }: ClusterRecord,
  view: EtcdView,
  members: readonly EtcdMember[],
  master: Master,
  nodes: readonly Node[],
): Promise<Seen> {
  const node = nodes.find(({ metadata }) => metadata.name === master.hostname);
  // One with nothing but IPv6 addresses tells nothing of where its etcd is.
  const address = node && (internalAddress(node, master.address) ?? master.address);
  const now = address === undefined ? master : { ...master, address };
  // One that was put back at its new address already, before the record of it was changed.
  const answers = memberOf(members, now) === undefined ? master : now;
  const asked =
    answers === master || answers.address === master.address
      ? view.answers.get(master.hostname)
      : await askMember(host, answers);
  const answer = asked ?? { healthy: false };
  const [identity, stored, said] = await Promise.all([
    answer.roundTripMs === undefined ? {} : askIdentity(host, answers),
    nodes.length === 0 ? undefined : readStored(host, apiAccess(here), master.hostname),
    etcdWords(host, here, master, { answer, node }),
  ]);
  const swapping =
    answer.healthy && stored?.turn.kind === 'cluster' && (await isSwapping(host, here, answers));
  const report = node && masterReport(node);
  return {
    master,
    answer,
    ...identity,
    ...(address === undefined
      ? {}
      : { node: { address, ready: isReady(node as Node), ...(report === undefined ? {} : { report }) } }),
    ...(stored === undefined ? {} : { turn: stored.turn }),
    ...(swapping ? { swapping } : {}),
    ...(said === undefined ? {} : { said }),
  };
}

/** Whether a swap of etcd's pods was begun on a master and is not done. The pod that a member begins with takes no clients from elsewhere: nobody listens on that port then. */
async function isSwapping(host: HostReader, here: Master, master: Master): Promise<boolean> {
  const path = `/apis/batch/v1/namespaces/${MASTERS_NAMESPACE}/jobs/${swapName(master)}`;
  const [clients, job] = await Promise.all([
    host.request(etcdRequest(master.address, '/health', { port: 'clients' })),
    askApi(host, apiAccess(here), path),
  ]);
  return job.kind === 'found' || ('error' in clients && clients.error.includes('ECONNREFUSED'));
}

/** Which cluster a member speaks for, and how far its clock is ahead: both stand in the head of any answer of its peers' port. */
async function askIdentity(
  host: HostReader,
  { address }: Master,
): Promise<Pick<Seen, 'clusterId' | 'clockMs'>> {
  const answer = await host.request(etcdRequest(address, '/members', { port: 'peers' }));
  if (!('status' in answer)) return {};
  const clusterId = answer.headers['x-etcd-cluster-id'];
  const clockMs = clockAhead(answer);
  return {
    ...(clusterId === undefined ? {} : { clusterId }),
    ...(clockMs === undefined ? {} : { clockMs }),
  };
}

/** The head has whole seconds; undefined where it has no date. */
function clockAhead(answer: Extract<HttpOutcome, { readonly status: number }>): number | undefined {
  const date = Date.parse(answer.headers['date'] ?? '');
  return Number.isNaN(date) ? undefined : date + 500 - (Date.now() - answer.roundTripMs / 2);
}
