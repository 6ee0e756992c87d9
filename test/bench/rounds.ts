import type { Profile } from '../lab/hosts/profiles';
import type { Figure, Goal } from './figures';
import { FAST_SECONDS, goals, none, podGoals } from './goals';
import type { PowerCut } from './power-cuts';
import type { Raised } from './raising';

/** What one side did, from prepared hosts to the last power cut. */
export interface Round extends Omit<Raised, 'writer' | 'watch' | 'prober' | 'pausedAtSeconds'> {
  readonly cuts: readonly PowerCut[];
  readonly acknowledged: number;
  readonly lost: number;
}

/** Of the cuts of one round: what is promised holds for each of them, so a middle value would say nothing. */
function worst(values: readonly number[]): readonly number[] {
  return values.length === 0 ? [] : [Math.max(...values)];
}

/** The figures of some rounds of both sides on hosts of a profile. */
export function figuresOf(ours: readonly Round[], theirs: readonly Round[], profile: Profile): Figure[] {
  const figure = (
    title: string,
    unit: string,
    goal: Goal | undefined,
    values: (round: Round) => readonly number[],
  ): Figure => ({
    title,
    unit,
    ours: ours.flatMap(values),
    anchor: { title: 'kubeadm', values: theirs.flatMap(values) },
    ...(goal === undefined ? {} : { goal }),
  });
  const growing = (one: Round): readonly number[] => [one.pauseSeconds];
  const cut = (one: Round): readonly number[] => worst(one.cuts.map(({ pauseSeconds }) => pauseSeconds));
  const promised = goals[profile];
  const isFast = theirs.every(({ wholeSeconds }) => wholeSeconds <= FAST_SECONDS);
  const absolute = (
    title: string,
    goal: Goal | undefined,
    values: (round: Round) => readonly number[],
  ): Figure[] =>
    isFast && goal !== undefined ? [figure(`${title}, on a fast machine`, 's', goal, values)] : [];
  const pod = (what: 'name' | 'service'): Figure[] => {
    const title = { name: 'names in a pod', service: 'a service in a pod' }[what];
    return [
      figure(`${title}: away at most, growing`, 's', podGoals.otherwise, one => [one.without[what]]),
      figure(`${title}: away at most, power cut`, 's', podGoals.death, one =>
        worst(one.cuts.map(({ without }) => without[what])),
      ),
      figure(`${title}: away at most, return`, 's', undefined, one =>
        worst(one.cuts.map(({ withoutAtReturn }) => withoutAtReturn[what])),
      ),
    ];
  };
  return [
    figure('longest pause between writes, 1 to 3 masters', 's', promised.growing, growing),
    ...absolute('longest pause between writes, 1 to 3 masters', promised['growing fast'], growing),
    figure('from start to three Ready masters', 's', promised.whole, one => [one.wholeSeconds]),
    figure('from start to the end of the last command', 's', promised.end, one => [one.endSeconds]),
    figure('CPU of the commands on the first master', 's', undefined, one => [one.cpuSeconds]),
    figure('power cut: VIP moved after', 's', promised.vip, one =>
      worst(one.cuts.flatMap(({ movedSeconds }) => movedSeconds ?? [])),
    ),
    figure('power cut: longest pause between writes', 's', promised.cut, cut),
    ...absolute('power cut: longest pause between writes', promised['cut fast'], cut),
    figure('longest pause between writes as it comes back', 's', promised.return, one =>
      worst(one.cuts.map(({ returnSeconds }) => returnSeconds)),
    ),
    ...pod('name'),
    ...pod('service'),
    figure('moves of the VIP without a cause', '', none, one => [
      one.moves + one.cuts.reduce((sum, { moves }) => sum + moves, 0),
    ]),
    ofAll(figure('acknowledged writes that were lost', '', none, one => [one.lost])),
  ];
}

/** Of all rounds together: a middle value would hide one. */
function ofAll(figure: Figure): Figure {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const { anchor } = figure;
  return {
    ...figure,
    ours: [sum(figure.ours)],
    ...(anchor === undefined ? {} : { anchor: { ...anchor, values: [sum(anchor.values)] } }),
  };
}
