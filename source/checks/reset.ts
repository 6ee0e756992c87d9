import { departureOf, figuresText } from '../cluster/departure';
import { readPlace, type Place } from '../cluster/place';
import { otherFix, otherText, strayText } from '../cluster/words';
import type { Check, Finding } from '../engine/check';
import { quorumNote } from '../variables/quorum';
import { alarmReport } from '../steps/etcd-alarms';
import { findKeeping, RESET } from '../steps/reset/kept';
import { fatal, ok, warning } from './finding';

/** How far the operator has gone in what was said. */
interface Said {
  /** Nobody is there to look at the plan before it is done. */
  readonly unasked: boolean;
  readonly acceptsLoss: boolean;
}

/** Whether this host may leave its cluster: not where the others need it, not unasked where the cluster ends with it, and not where this product cannot take apart what another tool made. */
export function departure(said: Said): Check {
  return {
    id: 'departure',
    title: "This host's part in its cluster",
    run: async host => {
      const { left, data } = await findKeeping(host, RESET, { now: new Date(), keeps: true });
      if (left) return [ok('an interrupted reset has taken it out of etcd already; this one goes on')];
      const place = await readPlace(host);
      const { role, beyond } = place;
      if (beyond !== undefined) return [cannot(place, beyond)];
      const strays = role.strays.filter(({ directory }) => directory !== data);
      const [needing] = strays.filter(({ needsKubernetes }) => needsKubernetes === true);
      if (needing !== undefined) return [needed([needing])];
      return [
        ...(role.maker === 'other' ? [warning(`this host is ${otherText(role)}`, PLAN)] : []),
        ...findings(place, said),
        ...(strays.length === 0
          ? []
          : [
              warning(
                `data of an etcd that is no part of this cluster is left as it is: ${strayText(strays)}`,
                'Nothing. If nobody needs it any more, remove it by hand afterwards.',
              ),
            ]),
      ];
    },
  };
}

const PLAN = 'Look at the plan (reset --plan) before: all that is Kubernetes here goes.';

/** What reset empties is more than what is Kubernetes' then. */
function needed(strays: Place['role']['strays']): Finding {
  return fatal(
    `an etcd that is no part of this cluster reads files below /etc/kubernetes, which reset empties: ${strayText(strays)}`,
    'Give it files of its own elsewhere and start it again with them, or use kubeadm reset and clear up by hand.',
  );
}

function cannot({ own, role }: Place, beyond: string): Finding {
  return role.maker === 'other'
    ? fatal(`this host is ${otherText(role)}; ${beyond}, which reset does not take apart`, otherFix(role))
    : fatal(
        `${own.hostname} is not taken apart: ${beyond}`,
        'Move those manifests out of that folder, see that etcd is well, and run this again.',
      );
}

function findings(place: Place, said: Said): readonly Finding[] {
  const { own, role, others, external } = place;
  const found = departureOf(place);
  switch (found.kind) {
    case 'free':
      if (external.length > 0) return [keepsEtcd(place)];
      return role.kind === 'worker'
        ? [
            warning(
              `${own.hostname} is a worker: its node stays in the cluster, since it may not delete that itself`,
              `Run on a master, afterwards: kubectl delete node ${own.hostname}`,
            ),
          ]
        : [ok(freeText(place))];
    case 'last':
      return lastMaster(place, said);
    case 'unknown':
      return unknownOthers(place, said);
    case 'alarm': {
      const { message, hint = '' } = alarmReport(place, [own, ...others]);
      return [fatal(message, hint)];
    }
    case 'leaves': {
      const note = quorumNote(found.figures.votersAfter);
      return [
        ok(`a master that the others can do without: ${figuresText(found.figures)}`),
        ...(note === undefined ? [] : [warning(note, putBack(place))]),
      ];
    }
    case 'costs-quorum': {
      const { ill } = found.figures;
      const names = ill.length === 0 ? others.map(({ hostname }) => hostname).join(', ') : ill.join(', ');
      const again = role.maker === 'ours' ? ', or put that master back with readd-member' : '';
      return [
        fatal(
          `the cluster needs ${own.hostname}: ${figuresText(found.figures)}, so etcd could decide nothing any more`,
          `Have etcd on ${names} well again${again}; then reset this one.`,
        ),
      ];
    }
  }
}

function freeText({ role }: Place): string {
  if (role.maker === 'other') return 'what was begun here has no etcd, and no data of one';
  if (role.kind === 'nothing' || role.kind === 'prepared') return 'none';
  return role.kind === 'begun'
    ? 'an installation that was begun and not ended, and that nobody else depends on'
    : 'a master that is no member of etcd any more';
}

function putBack({ role }: Place): string {
  return role.maker === 'ours' ? 'Put a master back soon: readd-member.' : 'Let a master join again soon.';
}

/** Its etcd is on other hosts: nothing of its data is here. */
function keepsEtcd({ own, external }: Place): Finding {
  return warning(
    `${own.hostname} is a master whose etcd is on other hosts (${external.join(', ')}): that stays as it is, with all its data`,
    'Nothing, where another master goes on or that data is not needed any more.',
  );
}

function lastMaster({ own }: Place, { unasked, acceptsLoss }: Said): readonly Finding[] {
  const what = `${own.hostname} is the cluster's only master: the cluster ends with it, and all that etcd has`;
  return unasked && !acceptsLoss
    ? [fatal(what, 'Say --accept-data-loss beside --yes, if that is meant.')]
    : [warning(what, 'Nothing, if that is meant. A snapshot is kept unless --keep-nothing says otherwise.')];
}

function unknownOthers({ own, others }: Place, { acceptsLoss }: Said): readonly Finding[] {
  const names = others.map(({ address }) => address).join(', ');
  const who = names === '' ? 'etcd here does not tell' : `neither etcd here nor that on ${names} tells`;
  const what = `${who} who its members are, so it is not known what ${own.hostname}'s departure would cost`;
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
