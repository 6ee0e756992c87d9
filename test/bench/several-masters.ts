import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab } from '../lab/lab';
import type { Figure } from './figures';
import { installer } from './installer-masters';
import { kubeadm } from './kubeadm-masters';
import { powerCuts } from './power-cuts';
import type { PowerCut } from './power-cuts';
import { preparedMasters } from './prepared-masters';
import { raising } from './raising';
import type { Raised, Side } from './raising';
import { timeline } from './timeline';

const names = ['master1', 'master2', 'master3'] as const;

/** What one side did, from prepared hosts to the last power cut. */
interface Round extends Pick<Raised, 'wholeSeconds' | 'endSeconds' | 'pauseSeconds'> {
  readonly cuts: readonly PowerCut[];
  readonly acknowledged: number;
  readonly lost: number;
}

async function round(lab: Lab, side: Side): Promise<Round> {
  const hosts = await preparedMasters(lab, names);
  const raised = await raising(lab, hosts, side);
  const { wholeSeconds, endSeconds, pauseSeconds, writer, watch } = raised;
  console.log(
    `${side.title}: three masters after ${wholeSeconds.toFixed(1)} s, end after ${endSeconds.toFixed(1)} s, ` +
      `longest pause ${pauseSeconds.toFixed(2)} s, from ${raised.pausedAtSeconds.toFixed(1)} s on`,
  );
  const cuts = await powerCuts(hosts, raised);
  for (const cut of cuts) console.log(`${side.title}: ${told(cut)}`);
  watch.stop();
  await writer.stop();
  const lost = (await writer.lost()).length;
  console.log(`${side.title}: ${writer.counts.acknowledged} writes acknowledged, ${lost} of them lost`);
  await Promise.all(hosts.map(host => host.powerCut()));
  return { wholeSeconds, endSeconds, pauseSeconds, cuts, acknowledged: writer.counts.acknowledged, lost };
}

function told({ master, wasLeader, movedSeconds, pauseSeconds, returnSeconds }: PowerCut): string {
  const was = [...(movedSeconds === undefined ? [] : ['the VIP']), ...(wasLeader ? ['the leader'] : [])];
  return [
    `${master} lost its power${was.length > 0 ? ` (it had ${was.join(' and ')})` : ''}`,
    ...(movedSeconds === undefined ? [] : [`the VIP moved after ${movedSeconds.toFixed(2)} s`]),
    `longest pause ${pauseSeconds.toFixed(2)} s, and ${returnSeconds.toFixed(2)} s as it came back`,
  ].join(', ');
}

/**
 * The installer beside kubeadm's own commands, in turns, on the same hosts: how long until there are three masters,
 * how long a writer waits meanwhile, and what the loss of each master is to it.
 */
export async function severalMasters(lab: Lab, rounds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kube-el7-install-bench-'));
  const [ours, theirs]: [Round[], Round[]] = [[], []];
  for (let index = 1; index <= rounds; index += 1) {
    console.log(`several masters, ${index} of ${rounds}`);
    theirs.push(await round(lab, kubeadm('in turn')));
    const events = join(folder, `installation-${index}.ndjson`);
    const keep = (text: string): void => {
      writeFileSync(events, text);
      console.log(`when the installer did what (${events}):\n${timeline(text)}`);
    };
    ours.push(await round(lab, installer(keep)));
  }
  return figuresOf(ours, theirs);
}

/** Of the cuts of one round: what is promised holds for each of them, so a middle value would say nothing. */
function worst(values: readonly number[]): readonly number[] {
  return values.length === 0 ? [] : [Math.max(...values)];
}

/** The figures of some rounds of both sides. */
export function figuresOf(ours: readonly Round[], theirs: readonly Round[]): Figure[] {
  const figure = (
    title: string,
    unit: string,
    goal: Figure['goal'],
    values: (round: Round) => readonly number[],
  ): Figure => ({
    title,
    unit,
    ours: ours.flatMap(values),
    anchor: { title: 'kubeadm', values: theirs.flatMap(values) },
    ...(goal === undefined ? {} : { goal }),
  });
  const lost = figure('acknowledged writes that were lost', '', { kind: 'value', most: 0 }, one => [
    one.lost,
  ]);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const most = (value: number): Figure['goal'] => ({ kind: 'value', most: value });
  return [
    figure('longest pause between writes, 1 to 3 masters', 's', most(1), one => [one.pauseSeconds]),
    figure('from start to three Ready masters', 's', { kind: 'ratio', most: 0.7 }, one => [one.wholeSeconds]),
    figure('from start to the end of the last command', 's', undefined, one => [one.endSeconds]),
    figure('power cut: VIP moved after', 's', most(1.5), one =>
      worst(one.cuts.flatMap(({ movedSeconds }) => movedSeconds ?? [])),
    ),
    figure('power cut: longest pause between writes', 's', most(5), one =>
      worst(one.cuts.map(({ pauseSeconds }) => pauseSeconds)),
    ),
    figure('longest pause between writes as it comes back', 's', undefined, one =>
      worst(one.cuts.map(({ returnSeconds }) => returnSeconds)),
    ),
    // Of all rounds together: a middle value would hide one.
    {
      ...lost,
      ours: [sum(lost.ours)],
      anchor: { title: 'kubeadm', values: [sum(lost.anchor?.values ?? [])] },
    },
  ];
}
