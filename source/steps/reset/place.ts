import type { HostReader } from '../../engine/host';
import { memberOf, quorumOf, type EtcdMember } from '../../kubernetes/etcd-cluster';
import { findMaster, type Master } from '../../variables/master';
import { askMember, listMembers, type MemberAnswer } from '../etcd-view';
import {
  BOOTSTRAP_TOKEN,
  ETCD_CLUSTER_MANIFEST,
  ETCD_DATA,
  ETCD_INIT_MANIFEST,
  JOIN_WORKER,
  KUBEADM_CONFIG,
  STATIC_PODS,
} from '../paths';
import { readText } from '../prepare/ask';

const KUBERNETES = '/etc/kubernetes';

/** What a host is in its cluster, as far as it can tell by itself and by asking etcd. */
export interface Place {
  readonly own: Master;
  /** begun: an installation that did not come to its end. */
  readonly role: 'nothing' | 'begun' | 'master' | 'worker';
  /** etcd has run here. */
  readonly hasEtcd: boolean;
  /** Its etcd was added to one that was there before. */
  readonly joined: boolean;
  /** The image of its etcd, '' where none is known. */
  readonly etcdImage: string;
  /** The other masters, by etcd's list or, where nobody tells it, by what files here name. */
  readonly others: readonly Master[];
  /** As etcd lists them; undefined where nobody could be asked. */
  readonly members: readonly EtcdMember[] | undefined;
  /** By address, of this host and the others. */
  readonly answers: ReadonlyMap<string, MemberAnswer>;
}

/** Looks at this host's files and asks each etcd that they name. */
export async function readPlace(host: HostReader): Promise<Place> {
  const own = await findMaster(host);
  const [init, cluster, apiserver, config, kept, data, kubelet, token, finished] = await Promise.all([
    readText(host, ETCD_INIT_MANIFEST),
    readText(host, ETCD_CLUSTER_MANIFEST),
    readText(host, `${STATIC_PODS}/kube-apiserver.yaml`),
    readText(host, KUBEADM_CONFIG),
    readText(host, `${KUBERNETES}/kube-el7-install/kubeadm-init.yaml`),
    host.stat(`${ETCD_DATA}/member`),
    host.stat(`${KUBERNETES}/kubelet.conf`),
    host.stat(BOOTSTRAP_TOKEN),
    host.stat(JOIN_WORKER),
  ]);
  const texts = [init, cluster, apiserver, config, kept];
  const named = addressesIn(texts).filter(address => address !== own.address);
  const asked = [own, ...named.map(address => ({ hostname: address, address }))];
  const begun = init !== '' || cluster !== '' || config !== '' || token !== undefined || data !== undefined;
  const members = begun ? await listMembers(host, asked) : undefined;
  const others = members === undefined ? asked.slice(1) : othersIn(members, own);
  const answers = await Promise.all(
    (begun ? [own, ...others] : []).map(async one => [one.address, await askMember(host, one)] as const),
  );
  const master = finished !== undefined || (kept !== '' && apiserver !== '');
  return {
    own,
    role: master ? 'master' : begun ? 'begun' : kubelet === undefined ? 'nothing' : 'worker',
    hasEtcd: data !== undefined,
    joined: `${cluster}${init}`.includes('--initial-cluster-state=existing'),
    etcdImage: /^\s+image: *["']?([^"'\s]+)/m.exec(`${cluster}\n${init}`)?.[1] ?? '',
    others,
    members,
    answers: new Map(answers),
  };
}

/** All that stand behind https:// and before one of etcd's ports: in the apiserver's flags, in kubeadm's configuration, in etcd's. */
function addressesIn(texts: readonly string[]): readonly string[] {
  const found = texts.flatMap(text => [...text.matchAll(/https:\/\/(\d+(?:\.\d+){3}):(?:2379|2380)\b/g)]);
  return [...new Set(found.map(([, address = '']) => address))].filter(
    address => address !== '127.0.0.1' && address !== '0.0.0.0',
  );
}

function othersIn(members: readonly EtcdMember[], own: Master): readonly Master[] {
  const mine = memberOf(members, own);
  return members
    .filter(member => member !== mine)
    .flatMap(({ name, peerUrls }) => {
      const address = /^https:\/\/(.+):\d+$/.exec(peerUrls[0] ?? '')?.[1];
      return address === undefined ? [] : [{ hostname: name === '' ? address : name, address }];
    });
}

/** What the departure of a host means for etcd. */
export type Departure =
  /** Nobody is left behind: no etcd here, or already no member of it. */
  | { readonly kind: 'free' }
  /** The last one: the cluster ends with it. */
  | { readonly kind: 'last' }
  /** Others know nothing of it and cannot be asked. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'leaves' | 'costs-quorum'; readonly figures: Figures };

/** The arithmetic of a departure. */
export interface Figures {
  readonly voters: number;
  readonly healthy: number;
  readonly votersAfter: number;
  readonly healthyAfter: number;
  /** Names of those that remain and are not healthy. */
  readonly ill: readonly string[];
}

/** Whether a host may leave: those that remain must be able to decide, and to decide that it leaves. */
export function departureOf({ own, role, hasEtcd, joined, others, members, answers }: Place): Departure {
  if (role === 'nothing' || role === 'worker') return { kind: 'free' };
  if (others.length === 0) return role === 'master' && hasEtcd ? { kind: 'last' } : { kind: 'free' };
  if (members === undefined) return joined || role === 'master' ? { kind: 'unknown' } : { kind: 'free' };
  const mine = memberOf(members, own);
  if (mine === undefined) return { kind: 'free' };
  const voters = members.filter(member => !member.learner);
  const healthyOnes = others.filter(({ address }) => answers.get(address)?.healthy === true);
  const remaining = others.filter(one => memberOf(members, one)?.learner === false);
  const healthyAfter = remaining.filter(one => healthyOnes.includes(one)).length;
  const ownHealthy = !mine.learner && answers.get(own.address)?.healthy === true;
  const figures: Figures = {
    voters: voters.length,
    healthy: healthyAfter + (ownHealthy ? 1 : 0),
    votersAfter: remaining.length,
    healthyAfter,
    ill: remaining.filter(one => !healthyOnes.includes(one)).map(({ hostname }) => hostname),
  };
  const possible =
    figures.healthyAfter >= quorumOf(figures.votersAfter) && figures.healthy >= quorumOf(figures.voters);
  return { kind: possible ? 'leaves' : 'costs-quorum', figures };
}

/** "now 3 of 3 voters are healthy, quorum 2; after it 2 of 2, quorum 2" */
export function figuresText({ voters, healthy, votersAfter, healthyAfter }: Figures): string {
  return `now ${healthy} of ${voters} voters are healthy, quorum ${quorumOf(voters)}; without this host ${healthyAfter} of ${votersAfter}, quorum ${quorumOf(votersAfter)}`;
}
