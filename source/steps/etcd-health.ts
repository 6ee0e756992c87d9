import { Failure } from '../engine/failure';
import { memberOf, peerUrl, quorumOf } from '../kubernetes/etcd-cluster';
import type { Master } from '../variables/master';
import type { EtcdView } from './etcd-view';

/** Refuses to go on where a member that must answer does not: what would be done next needs all of them, and would cost the quorum if another one failed meanwhile. */
export function refuseUnhealthy(view: EtcdView, masters: readonly Master[], what: string): void {
  const { members = [], answers } = view;
  const concerned = masters.filter(master => memberOf(members, master) !== undefined);
  const ill = concerned.filter(({ hostname }) => answers.get(hostname)?.healthy !== true);
  if (ill.length === 0) return;
  const voters = members.filter(member => !member.learner).length;
  const names = ill.map(({ hostname }) => hostname).join(', ');
  throw new Failure({
    code: 'etcd-not-healthy',
    message: `etcd on ${names} is not healthy, so ${what} is not begun: ${concerned.length - ill.length} of ${voters} voters answer, quorum is ${quorumOf(voters)}, and every one of them has to agree.`,
    hint: `See on ${names} what \`docker ps --all --filter name=k8s_etcd\` and the log of that container say, mend it, and run again.`,
    seen: ill.map(({ hostname }) => `${hostname}: ${answers.get(hostname)?.reason ?? 'no answer'}`),
  });
}

/** Refuses to go on where etcd has a member that is none of the masters, by its address: it counts for the quorum and nobody may be running it. */
export function refuseStrangers({ members = [] }: EtcdView, all: readonly Master[]): void {
  const known = new Set(all.map(peerUrl));
  const [stranger] = members.filter(member => !member.peerUrls.some(url => known.has(url)));
  if (stranger === undefined) return;
  const name = stranger.name === '' ? 'a member that has never run' : `the member "${stranger.name}"`;
  throw new Failure({
    code: 'etcd-other-member',
    message: `etcd has ${name} at ${stranger.peerUrls.join(', ')}, which is none of the masters ${all.map(({ hostname }) => hostname).join(', ')}. It counts for the quorum all the same.`,
    hint: `Name that host in --masters too. If it is gone for good, take it out of etcd first: its id is ${stranger.id}, the command \`etcdctl member remove ${stranger.id}\`.`,
  });
}
