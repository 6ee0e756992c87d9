import type { Change } from '../../engine/change';
import { Failure } from '../../engine/failure';
import { step, type Step } from '../../engine/step';
import type { EtcdMember } from '../../kubernetes/etcd-cluster';
import type { Master } from '../../variables/master';
import { departureOf, figuresText, type Figures } from '../../cluster/departure';
import { memberAt, readPlace, type Place } from '../../cluster/place';
import { etcdctlOver, etcdRequest } from '../access';
import { alarmReport } from '../etcd-alarms';
import { LEAD_MOVE, MEMBER_REMOVE } from '../member-change';
import { noteLeft, type Keeping } from './kept';

interface Observed {
  readonly left: boolean;
  readonly place: Place;
}

/** Takes this host's member out of etcd by one that stays, after the lead went to that one; not where that would cost the quorum. */
export function leaveEtcd(keeping: Keeping, place: Place, after: readonly string[]): Step {
  const { path } = keeping;
  return step<Observed>({
    id: 'leave-etcd',
    title: title(place),
    after,
    probe: async host => {
      const left = (await host.stat(`${path}/left-etcd`)) !== undefined;
      return { left, place: left ? place : await readPlace(host) };
    },
    plan: observed => (observed.left ? [] : leave(keeping, observed.place)),
  });
}

function title(place: Place): string {
  const departure = departureOf(place);
  return 'figures' in departure
    ? `Take ${place.own.hostname} out of etcd (${figuresText(departure.figures)})`
    : `Take ${place.own.hostname} out of etcd`;
}

function leave(keeping: Keeping, place: Place): readonly Change[] {
  const departure = departureOf(place);
  const { own, others, members, mine, answers, access } = place;
  if (departure.kind === 'alarm') throw new Failure(alarmReport(place, [own, ...others]));
  if (departure.kind === 'costs-quorum') throw new Failure(quorumCost(own, departure.figures));
  const survivor = others.find(
    one => answers.get(one.address)?.healthy === true && memberAt(members, one)?.learner === false,
  );
  if (departure.kind !== 'leaves' || mine === undefined || survivor === undefined) return [noteLeft(keeping)];
  const next = memberAt(members, survivor)?.id ?? '';
  return [
    ...(answers.get(own.address)?.leader === true ? [moveLeader(place, survivor, next)] : []),
    {
      kind: 'run',
      title: `Remove ${own.hostname} from etcd's members, by ${survivor.hostname}`,
      command: etcdctlOver(access, survivor, 'member', 'remove', mine.id),
      timeoutMs: 60_000,
      ...MEMBER_REMOVE,
    },
    gone(place, mine, survivor),
    noteLeft(keeping),
  ];
}

function moveLeader({ own, access }: Place, survivor: Master, id: string): Change {
  return {
    kind: 'run',
    title: `Give etcd's lead to ${survivor.hostname}`,
    command: etcdctlOver(access, own, 'move-leader', id),
    timeoutMs: 60_000,
    ...LEAD_MOVE,
  };
}

function gone({ own, access }: Place, mine: EtcdMember, survivor: Master): Change {
  // The list has its number in decimals.
  const id = BigInt(`0x${mine.id}`).toString();
  return {
    kind: 'await',
    condition: {
      kind: 'request',
      title: `${survivor.hostname} does not count ${own.hostname} among etcd's members any more`,
      request: etcdRequest(survivor.address, '/members', { port: 'peers', access }),
      status: 200,
      matches: `^(?![^]*"id":\\s*${id}\\b)`,
    },
    timeoutMs: 60_000,
  };
}

function quorumCost({ hostname }: Master, figures: Figures): ConstructorParameters<typeof Failure>[0] {
  return {
    code: 'quorum-needed',
    message: `${hostname} is needed: ${figuresText(figures)}. Nothing was taken away.`,
    hint: `Have etcd on ${figures.ill.join(', ')} well again, or put that master back with readd-member; then run this again.`,
  };
}
