import { quorumOf } from '../kubernetes/etcd-cluster';
import { memberAt, type Place } from './place';

/** What the departure of a host means for etcd. */
export type Departure =
  /** Nobody is left behind: no etcd here, or already no member of it. */
  | { readonly kind: 'free' }
  /** The last one: the cluster ends with it. */
  | { readonly kind: 'last' }
  /** Others know nothing of it and cannot be asked. */
  | { readonly kind: 'unknown' }
  /** An alarm is raised, so no member may be changed. */
  | { readonly kind: 'alarm' }
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
export function departureOf(place: Place): Departure {
  const { role, members, mine, others } = place;
  if (role.kind !== 'master' && role.kind !== 'begun') return { kind: 'free' };
  if (role.maker !== 'ours') return ofAnother(place);
  const { kind, data, etcd } = role;
  if (others.length === 0)
    return kind === 'master' && data !== undefined ? { kind: 'last' } : { kind: 'free' };
  if (members === undefined)
    return etcd?.joined === true || kind === 'master' ? { kind: 'unknown' } : { kind: 'free' };
  return mine === undefined ? { kind: 'free' } : counted(place);
}

/** What another tool made has no record of its masters here: what nobody tells is not known. */
function ofAnother(place: Place): Departure {
  const { role, members, mine, others } = place;
  if (role.etcd === undefined) return { kind: role.data === undefined ? 'free' : 'unknown' };
  if (members === undefined || mine === undefined) return { kind: 'unknown' };
  return others.length === 0 ? { kind: 'last' } : counted(place);
}

function counted({ own, mine, others, members = [], answers, alarms }: Place): Departure {
  if (alarms.length > 0) return { kind: 'alarm' };
  const voters = members.filter(member => !member.learner);
  const healthyOnes = others.filter(({ address }) => answers.get(address)?.healthy === true);
  const remaining = others.filter(one => memberAt(members, one)?.learner === false);
  const healthyAfter = remaining.filter(one => healthyOnes.includes(one)).length;
  const ownHealthy = mine?.learner === false && answers.get(own.address)?.healthy === true;
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
