import { expect } from 'vitest';
import { changesOn } from '../../source/changes';
import type { Change } from '../../source/engine/change';
import { Failure } from '../../source/engine/failure';
import type { Step } from '../../source/engine/step';
import { growSteps } from '../../source/steps/grow-steps';
import { isMet } from '../../source/steps/manifest';
import { swapSteps } from '../../source/steps/swap-steps';
import type { Settings } from '../../source/variables/settings';
import { MASTERS, type EtcdHost } from './etcd-host';

const [MASTER] = MASTERS;
const silent = { output: () => undefined, note: () => undefined, secret: () => undefined };

/** All steps by which etcd grows. */
export function growth(of: Settings): readonly Step[] {
  return of.others.flatMap(other => growSteps(of, MASTER, other, []));
}

/** Those, and the ones that swap its pods. */
export function everything(of: Settings): readonly Step[] {
  return [...growth(of), ...swapSteps(of, MASTER, [], [])];
}

/** As the engine does it: what a run is asked to repeat is repeated, what is waited for must hold, and a plan must come to nothing. */
export async function apply(
  steps: readonly Step[],
  host: EtcdHost,
  before: (change: Change, step: Step) => void = () => undefined,
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const step of steps) {
    const changes = step.plan(await step.probe(host));
    if (changes.length > 0) changed.push(step.id);
    for (const change of changes) {
      before(change, step);
      if (change.kind === 'await') {
        const { condition } = change;
        for (const question of condition.kind === 'all' ? condition.of : [condition]) {
          if (await isMet(host, question)) continue;
          throw new Failure({ code: 'timed-out', message: `${question.title}, and it did not happen` });
        }
      } else await performed(change, host);
    }
    if (changes.length > 0) expect(step.plan(await step.probe(host)), `${step.id} is verified`).toEqual([]);
  }
  return changed;
}

async function performed(change: Exclude<Change, { kind: 'await' }>, host: EtcdHost): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await changesOn(host).perform(change, silent);
      return;
    } catch (error) {
      const said = error instanceof Failure ? (error.report.seen ?? []).join('\n') : '';
      const again = change.kind === 'run' ? change.again : undefined;
      if (again === undefined || tries > 20 || !new RegExp(again.while).test(said)) throw error;
    }
  }
}

/** Lets a step fail, and puts back what it says. */
export async function failing(step: Step, host: EtcdHost): Promise<void> {
  await expect(apply([step], host)).rejects.toThrow();
  for (const change of step.withdraw?.(await step.probe(host)) ?? []) {
    if (change.kind !== 'await') await performed(change, host);
  }
}

/** The step of that id. */
export function of(steps: readonly Step[], id: string): Step {
  const step = steps.find(one => one.id === id);
  if (step === undefined) throw new Error(`no step ${id}`);
  return step;
}
