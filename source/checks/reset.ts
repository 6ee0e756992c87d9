import type { Check, Finding } from '../engine/check';
import { quorumNote } from '../variables/quorum';
import { findKeeping, RESET } from '../steps/reset/kept';
import { departureOf, figuresText, readPlace, type Place } from '../steps/reset/place';
import { fatal, ok, warning } from './finding';

/** How far the operator has gone in what was said. */
interface Said {
  /** Nobody is there to look at the plan before it is done. */
  readonly unasked: boolean;
  readonly acceptsLoss: boolean;
}

/** Whether this host may leave its cluster: not where the others need it, and not unasked where the cluster ends with it. */
export function departure(said: Said): Check {
  return {
    id: 'departure',
    title: "This host's part in its cluster",
    run: async host => {
      const { left } = await findKeeping(host, RESET, { now: new Date(), keeps: true });
      if (left) return [ok('an interrupted reset has taken it out of etcd already; this one goes on')];
      const place = await readPlace(host);
      return findings(place, said);
    },
  };
}

function findings(place: Place, said: Said): readonly Finding[] {
  const { own, role, others } = place;
  const found = departureOf(place);
  switch (found.kind) {
    case 'free':
      return role === 'worker'
        ? [
            warning(
              `${own.hostname} is a worker: its node stays in the cluster, since it may not delete that itself`,
              `Run on a master, afterwards: kubectl delete node ${own.hostname}`,
            ),
          ]
        : [ok(role === 'nothing' ? 'none' : 'an installation that nobody else depends on')];
    case 'last':
      return lastMaster(place, said);
    case 'unknown':
      return unknownOthers(place, said);
    case 'leaves': {
      const note = quorumNote(found.figures.votersAfter);
      return [
        ok(`a master that the others can do without: ${figuresText(found.figures)}`),
        ...(note === undefined ? [] : [warning(note, 'Put a master back soon: readd-member.')]),
      ];
    }
    case 'costs-quorum': {
      const { ill } = found.figures;
      const names = ill.length === 0 ? others.map(({ hostname }) => hostname).join(', ') : ill.join(', ');
      return [
        fatal(
          `the cluster needs ${own.hostname}: ${figuresText(found.figures)}, so etcd could decide nothing any more`,
          `Have etcd on ${names} well again, or put that master back with readd-member; then reset this one.`,
        ),
      ];
    }
  }
}

function lastMaster({ own }: Place, { unasked, acceptsLoss }: Said): readonly Finding[] {
  const what = `${own.hostname} is the cluster's only master: the cluster ends with it, and all that etcd has`;
  return unasked && !acceptsLoss
    ? [fatal(what, 'Say --accept-data-loss beside --yes, if that is meant.')]
    : [warning(what, 'Nothing, if that is meant. A snapshot is kept unless --keep-nothing says otherwise.')];
}

function unknownOthers({ own, others }: Place, { acceptsLoss }: Said): readonly Finding[] {
  const names = others.map(({ address }) => address).join(', ');
  const what = `neither etcd here nor that on ${names} tells who its members are, so it is not known what ${own.hostname}'s departure would cost`;
  return acceptsLoss
    ? [
        warning(
          `${what}; it leaves all the same`,
          `Where the others live on, take it out there: readd-member, or etcdctl member remove.`,
        ),
      ]
    : [
        fatal(
          what,
          `Let this host reach them, or start the kubelet here. If they are gone for good, --accept-data-loss resets it all the same.`,
        ),
      ];
}
