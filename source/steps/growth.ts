import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { askApi } from '../kubernetes/api';
import { memberOf, peerUrl } from '../kubernetes/etcd-cluster';
import { hasLearners } from '../kubernetes/etcd-manifests';
import { allMasters } from '../kubernetes/endpoint';
import {
  masterSecret,
  MASTERS_NAMESPACE,
  parseTurn,
  TURN_KEY,
  type EtcdTurn,
} from '../kubernetes/master-secret';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess, etcdRequest } from './access';
import { etcdView, type EtcdView } from './etcd-view';

/** A master's place in a growing etcd. */
export interface Growth {
  /** The one that the installer runs on. */
  readonly master: Master;
  /** The one that is added. */
  readonly other: Master;
  readonly all: readonly Master[];
  /** Those that come before it in the order of --masters: etcd's voters as it is added. */
  readonly before: readonly Master[];
  /** Whether a new member can go without a vote until it has caught up. */
  readonly learners: boolean;
  /** What the new member starts with names those before it, and nobody else. */
  readonly inOrder?: true;
  /** The number of its earlier member, where it had one: that is not the one that is added. */
  readonly outgoing?: string;
  /** Alarms are cleared before it is added. */
  readonly clearing?: boolean;
  /** The numbers of members that are taken out before it is added. */
  readonly leaving?: readonly string[];
  /** How many voters stay that nobody waits for: masters that are away. They count for the quorum all the same. */
  readonly silent?: number;
}

/** How many voters etcd has before the new member is one. */
export function votersBefore({ before, silent = 0 }: Growth): number {
  return before.length + silent;
}

export function growthOf(settings: Settings, master: Master, other: Master): Growth {
  const all = allMasters(settings, master);
  const before = all.slice(
    0,
    all.findIndex(one => one.hostname === other.hostname),
  );
  return { master, other, all, before, learners: hasLearners(settings), inOrder: true };
}

/** What every step of the growth looks at. */
export interface ObservedGrowth {
  readonly view: EtcdView;
  /** What the new member's pod was last told to be; undefined where nobody can say. */
  readonly turn?: EtcdTurn;
}

export async function observeGrowth(host: HostReader, growth: Growth): Promise<ObservedGrowth> {
  const { master, other, all } = growth;
  const [view, turn] = await Promise.all([etcdView(host, all), turnOf(host, master, other)]);
  return { view, ...(turn === undefined ? {} : { turn }) };
}

/** What a master's Secret says that etcd's pod there shall be. */
export async function turnOf(host: HostReader, master: Master, of: Master): Promise<EtcdTurn | undefined> {
  const path = `/api/v1/namespaces/${MASTERS_NAMESPACE}/secrets/${masterSecret(of.hostname)}`;
  const answer = await askApi(host, apiAccess(master), path);
  if (answer.kind !== 'found') return undefined;
  const { data } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  return parseTurn(Buffer.from(data?.[TURN_KEY] ?? '', 'base64').toString('utf8'));
}

/** The new member as etcd lists it. */
export function newMember(
  { view: { members = [] } }: ObservedGrowth,
  { other, outgoing }: Growth,
): ReturnType<typeof memberOf> {
  return memberOf(
    members.filter(({ id }) => id !== outgoing),
    other,
  );
}

/** In a plan that is made before there is an etcd, where the number will stand that etcd gives a new member. */
export const ID_TO_COME = 'ID';

/** Until etcd can be asked who its members are, nothing is decided: this is waited for, and the step looks again. */
export function awaitMembers({ all: [first] }: Pick<Growth, 'all'>): readonly Change[] {
  if (first === undefined) return [];
  return [
    {
      kind: 'await',
      condition: {
        kind: 'request',
        title: `etcd on ${first.hostname} tells who its members are`,
        request: etcdRequest(first.address, '/members', { port: 'peers' }),
        status: 200,
        matches: peerUrl(first).replace(/\./g, '\\.'),
      },
      timeoutMs: 5 * 60_000,
    },
  ];
}
