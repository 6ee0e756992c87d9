import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from '../lab/hosts/profiles';
import type { Lab } from '../lab/lab';
import type { Figure } from './figures';
import { installer } from './installer-masters';
import { kubeadm } from './kubeadm-masters';
import { powerCuts } from './power-cuts';
import type { PowerCut } from './power-cuts';
import { preparedHosts } from './prepared-masters';
import { raising } from './raising';
import type { Raised, Side } from './raising';
import type { Round } from './rounds';
import { figuresOf } from './rounds';
import { timeline } from './timeline';

async function round(lab: Lab, profile: Profile, side: Side): Promise<Round> {
  const hosts = await preparedHosts(lab, profile);
  const raised = await raising(lab, hosts, side);
  tellRaised(side, raised);
  const cuts = await powerCuts(hosts, raised);
  for (const cut of cuts) console.log(`${side.title}: ${told(cut)}`);
  await ended(raised);
  const { writer } = raised;
  const lost = (await writer.lost()).length;
  console.log(`${side.title}: ${writer.counts.acknowledged} writes acknowledged, ${lost} of them lost`);
  await Promise.all([...hosts.masters, hosts.worker].map(host => host.powerCut()));
  return { ...raised, cuts, acknowledged: writer.counts.acknowledged, lost };
}

/** Ends what watches a cluster. */
export async function ended({ watch, prober, writer }: Raised): Promise<void> {
  watch.stop();
  await prober.stop();
  await writer.stop();
}

/** Says how the raising of a control plane was. */
export function tellRaised({ title }: Side, raised: Raised): void {
  const { wholeSeconds, endSeconds, pauseSeconds, pausedAtSeconds, cpuSeconds, without, moves } = raised;
  console.log(
    `${title}: three masters after ${wholeSeconds.toFixed(1)} s, end after ${endSeconds.toFixed(1)} s, ` +
      `longest pause ${pauseSeconds.toFixed(2)} s, from ${pausedAtSeconds.toFixed(1)} s on; in a pod ${shown(without)}; ` +
      `${cpuSeconds.toFixed(1)} s of CPU, ${String(moves)} moves of the VIP without a cause`,
  );
}

function shown({ name, service }: PowerCut['without']): string {
  return `names away for ${name.toFixed(2)} s, a service ${service.toFixed(2)} s`;
}

function told(cut: PowerCut): string {
  const { master, wasLeader, movedSeconds, pauseSeconds, returnSeconds } = cut;
  const was = [...(movedSeconds === undefined ? [] : ['the VIP']), ...(wasLeader ? ['the leader'] : [])];
  return [
    `${master} lost its power${was.length > 0 ? ` (it had ${was.join(' and ')})` : ''}`,
    ...(movedSeconds === undefined ? [] : [`the VIP moved after ${movedSeconds.toFixed(2)} s`]),
    `longest pause ${pauseSeconds.toFixed(2)} s, and ${returnSeconds.toFixed(2)} s as it came back`,
    `in a pod ${shown(cut.without)}, and ${shown(cut.withoutAtReturn)} as it came back`,
    `${String(cut.moves)} moves of the VIP without a cause`,
  ].join(', ');
}

/**
 * The installer beside kubeadm's own commands, in turns, on the same hosts: how long until there are three masters,
 * how long a writer waits meanwhile, and what the loss of each master is to it.
 */
export async function severalMasters(lab: Lab, rounds: number, profile: Profile): Promise<Figure[]> {
  const [ours, theirs]: [Round[], Round[]] = [[], []];
  for (let index = 1; index <= rounds; index += 1) {
    console.log(`several masters, ${index} of ${rounds}`);
    theirs.push(await round(lab, profile, kubeadm('in turn')));
    ours.push(await round(lab, profile, installer(keepEvents(`installation-${index}`))));
  }
  return figuresOf(ours, theirs, profile);
}

/** Keeps what the installer said in a file, and says when it did what. */
export function keepEvents(name: string): (text: string) => void {
  const events = join(mkdtempSync(join(tmpdir(), 'kube-el7-install-bench-')), `${name}.ndjson`);
  return text => {
    writeFileSync(events, text);
    console.log(`when the installer did what (${events}):\n${timeline(text)}`);
  };
}
