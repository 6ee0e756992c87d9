import type { Change } from '../../engine/change';
import { Failure } from '../../engine/failure';
import { step, type Step } from '../../engine/step';
import { memberOf, peerUrl } from '../../kubernetes/etcd-cluster';
import type { Master } from '../../variables/master';
import { etcdctlCommand, etcdRequest } from '../access';
import { WHILE_SETTLING } from '../etcd-add';
import { noteLeft, type Keeping } from './kept';
import { departureOf, figuresText, readPlace, type Figures, type Place } from './place';

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
  const { own, others, members = [], answers } = place;
  if (departure.kind === 'costs-quorum') throw new Failure(quorumCost(own, departure.figures));
  const member = memberOf(members, own);
  const survivor = others.find(
    one => answers.get(one.address)?.healthy === true && memberOf(members, one)?.learner === false,
  );
  if (departure.kind !== 'leaves' || member === undefined || survivor === undefined)
    return [noteLeft(keeping)];
  const next = memberOf(members, survivor)?.id ?? '';
  return [
    ...(answers.get(own.address)?.leader === true ? [moveLeader(own, survivor, next)] : []),
    {
      kind: 'run',
      title: `Remove ${own.hostname} from etcd's members, by ${survivor.hostname}`,
      command: etcdctlCommand(survivor, 'member', 'remove', member.id),
      timeoutMs: 60_000,
      again: WHILE_SETTLING,
    },
    gone(own, survivor),
    noteLeft(keeping),
  ];
}

function moveLeader(own: Master, survivor: Master, id: string): Change {
  return {
    kind: 'run',
    title: `Give etcd's lead to ${survivor.hostname}`,
    command: etcdctlCommand(own, 'move-leader', id),
    timeoutMs: 60_000,
  };
}

function gone(own: Master, survivor: Master): Change {
  return {
    kind: 'await',
    condition: {
      kind: 'request',
      title: `${survivor.hostname} does not count ${own.hostname} among etcd's members any more`,
      request: etcdRequest(survivor.address, '/members', { port: 'peers' }),
      status: 200,
      matches: `^(?![^]*${peerUrl(own).replace(/\./g, '\\.')}")`,
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
