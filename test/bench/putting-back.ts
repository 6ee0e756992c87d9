import type { Profile } from '../lab/hosts/profiles';
import { until } from '../lab/lab';
import type { Lab, LabHost } from '../lab/lab';
import { administratorAccess } from '../lab/watch/api';
import type { Without } from '../lab/watch/pod-prober';
import { ApiProber } from '../lab/watch/prober';
import { ask, keysOf, readyMasters } from './cluster-view';
import type { Figure, Goal } from './figures';
import { goals, none, podGoals } from './goals';
import { installer } from './installer-masters';
import { kubeadm } from './kubeadm-masters';
import { recovered } from './power-cuts';
import { prepare, preparedHosts } from './prepared-masters';
import { raising } from './raising';
import type { Side } from './raising';
import { ended, keepEvents } from './several-masters';

const MISSED_MS = 5 * 60_000;
const AFTERWARDS_MS = 10_000;

/** What it was to put a master back whose host was replaced by another one. */
interface PutBack {
  readonly seconds: number;
  /** Seconds that the API was away at most, for one who asks through the VIP every 100 ms. */
  readonly awaySeconds: number;
  readonly without: Without;
  readonly lost: number;
}

/** kubeadm lets no host join by the name of a node that is Ready. */
async function missed(survivor: LabHost, name: string): Promise<void> {
  await until(`${name} to be missed`, MISSED_MS, async () => {
    const nodes = await ask(`https://${survivor.address}:6443/api/v1/nodes`, keysOf(survivor).api);
    if (readyMasters(nodes).includes(name)) throw new Error(`${name} is Ready`);
  });
}

async function round(lab: Lab, profile: Profile, side: Side): Promise<PutBack> {
  const before = await preparedHosts(lab, profile);
  const raised = await raising(lab, before, side);
  const { writer, prober } = raised;
  const [survivor, second, third] = before.masters;
  if (survivor === undefined || second === undefined || third === undefined)
    throw new Error('three are needed');
  await recovered(before.masters);
  const lost = await lab.replace(second.role);
  await prepare(lab, lost);
  await lost.become(profile);
  await missed(survivor, lost.name);
  const api = await ApiProber.start(await administratorAccess(survivor, { address: lab.vip.address }));
  const hosts = { ...before, masters: [survivor, lost, third] };
  const begun = Date.now();
  const seconds = await side.putBack(lab, hosts, survivor, lost);
  const took = (Date.now() - begun) / 1000;
  await recovered(hosts.masters);
  await writer.writesAfter(Date.now() + AFTERWARDS_MS);
  const measured = {
    seconds,
    awaySeconds: api.longestAbsence(begun).ms / 1000,
    without: prober.without(begun),
    lost: (await writer.lost()).length,
  };
  await api.stop();
  await ended(raised);
  console.log(
    `${side.title}: ${lost.name} is back after ${seconds.toFixed(1)} s, ${took.toFixed(1)} s with the join; ` +
      `API away for ${measured.awaySeconds.toFixed(2)} s, names ${measured.without.name.toFixed(2)} s, ` +
      `a service ${measured.without.service.toFixed(2)} s`,
  );
  await Promise.all([...hosts.masters, hosts.worker].map(host => host.powerCut()));
  await lab.original(second.role);
  return measured;
}

/** `readd-member` beside kubeadm's own: the old member removed by hand, and `join --control-plane`. */
export async function puttingBack(lab: Lab, rounds: number, profile: Profile): Promise<Figure[]> {
  const [ours, theirs]: [PutBack[], PutBack[]] = [[], []];
  for (let index = 1; index <= rounds; index += 1) {
    console.log(`a master put back, ${index} of ${rounds}`);
    theirs.push(await round(lab, profile, kubeadm('in turn')));
    ours.push(await round(lab, profile, installer(keepEvents(`readd-${index}`))));
  }
  const figure = (title: string, goal: Goal | undefined, of: (one: PutBack) => number): Figure => ({
    title,
    unit: 's',
    ours: ours.map(of),
    anchor: { title: 'kubeadm', values: theirs.map(of) },
    ...(goal === undefined ? {} : { goal }),
  });
  const promised = goals[profile];
  return [
    figure('a master put back, from the answer to the end', promised.readd, ({ seconds }) => seconds),
    figure('API away meanwhile', promised['readd away'], ({ awaySeconds }) => awaySeconds),
    figure('names in a pod: away meanwhile', podGoals.otherwise, ({ without }) => without.name),
    figure('a service in a pod: away meanwhile', podGoals.otherwise, ({ without }) => without.service),
    { ...figure('acknowledged writes that were lost meanwhile', none, ({ lost }) => lost), unit: '' },
  ];
}
