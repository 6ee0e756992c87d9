import type { Lab } from '../lab';
import { install } from '../scenarios/support';
import { eventsOfType } from '../scenarios/support';
import { killsOn, order } from './burdened';
import { startUntilThrough } from './chain';
import type { Chain } from './chain';
import { freshGround, Joining } from './cluster';
import type { Ground, Shape } from './cluster';
import type { Order } from './order';
import { differsFrom, isSameProduct, keep, productTried, recorded, undisturbed, whole } from './reference';
import type { Undisturbed } from './reference';
import type { Verdict } from './verdict';

/** How often hosts are made anew, at most, for entries that a chain has not come by: of the entries of one step it comes by few, where the rest happens while the installer is dead. */
const passes = 15;

/** A chain that is under way, so that a fault run that was stopped goes on with it. */
interface UnderWay {
  readonly trial: string;
  readonly product: string;
  readonly pass: number;
  readonly suffered: readonly string[];
}

const underWayFile = 'under-way.json';

interface Kills {
  readonly trial: string;
  readonly shape: Shape;
  readonly when: NonNullable<Order['kill']>['when'];
  /** Of the entries of an undisturbed run: every n-th, from this one on. */
  readonly every: number;
  readonly from: number;
  /** Only those with names that match. */
  readonly matching?: RegExp;
  /** And those with these names. */
  readonly also?: RegExp;
  /** And at lines that a program says in the midst of a change, by the names that `EntryNames` tells of. */
  readonly outputs?: readonly string[];
  /** The killing ends then (milliseconds since 1970), and the installer is let through. */
  readonly until: number;
}

/**
 * Kills the installer at one entry of its journal after the other: at the first that it was not killed at yet, then starts
 * it again. What a chain does not come by (a change that the killed one's children had finished) is sought on fresh hosts.
 */
export async function killAtEntries(
  lab: Lab,
  kills: Kills,
  report: (line: string) => void,
): Promise<Verdict> {
  const reference = await undisturbed(lab, kills.shape, report);
  const { every, from, matching, also, outputs = [] } = kills;
  const entries = reference.names.filter(
    (name, index) =>
      matching?.test(name) !== false && (index % every === from % every || also?.test(name) === true),
  );
  const wanted = [...entries, ...outputs];
  const isOfAll = every === 1 && matching === undefined;
  const known = recorded(underWayFile) as UnderWay | undefined;
  const goingOn =
    known?.trial === kills.trial && isSameProduct(known.product, productTried()) ? known : undefined;
  let suffered = new Set(goingOn?.suffered ?? []);
  const detail: string[] = [];
  let [starts, failed, survived] = [0, 0, true];
  // Some of what putting a master back comes by it does only the first time.
  let anew = kills.shape === 'readd';
  for (let pass = goingOn?.pass ?? 1; pass <= passes; pass += 1) {
    const missing = wanted.filter(name => !suffered.has(name));
    if (missing.length === 0) break;
    const resumed = pass === goingOn?.pass;
    keep(underWayFile, {
      trial: kills.trial,
      product: productTried(),
      pass,
      suffered: [...suffered],
    } satisfies UnderWay);
    // The first pass of a whole run is killed wherever it comes by: also at entries that an undisturbed one has not.
    const only = pass === 1 && isOfAll ? {} : { only: missing };
    const { ground, chain, differs } = await onePass(
      lab,
      kills,
      { ...only, reference, resumed, anew },
      report,
    );
    const now = killsOn(ground.master);
    const fresh = now.filter(name => !suffered.has(name));
    suffered = new Set([...suffered, ...now]);
    starts += chain.starts;
    failed += chain.failures.length;
    survived = survived && chain.through && differs.length === 0;
    detail.push(...chain.failures.map(text => `a start failed by itself: ${text}`), ...differs);
    report(
      `${kills.trial}: pass ${String(pass)}, killed at ${String(now.length)} entries, ${String(differs.length)} differences`,
    );
    for (const line of differs) report(`  ${line}`);
    if (!chain.through || Date.now() > kills.until) break;
    if (fresh.length === 0 && (kills.shape !== 'readd' || anew)) break;
    anew = fresh.length === 0 || (anew && pass > 1);
  }
  keep(underWayFile, {});
  const missed = wanted.filter(name => !suffered.has(name));
  const expected = new Set(reference.names);
  return {
    ...{ survived, times: suffered.size, starts, failures: failed, missed, detail },
    note:
      `killed at ${String(wanted.length - missed.length)} of ${String(wanted.length)} entries of an undisturbed run` +
      (isOfAll ? ` and at ${String([...suffered].filter(name => !expected.has(name)).length)} others` : ''),
  };
}

async function onePass(
  lab: Lab,
  { trial, shape, when, until }: Kills,
  options: {
    readonly only?: readonly string[];
    readonly reference: Undisturbed;
    readonly resumed: boolean;
    readonly anew: boolean;
  },
  report: (line: string) => void,
): Promise<{ readonly ground: Ground; readonly chain: Chain; readonly differs: readonly string[] }> {
  const { only, reference, resumed, anew } = options;
  const ground = await freshGround(lab, shape, { asTheyAre: resumed, anew });
  const before = killsOn(ground.master).length;
  order(ground.master, { kill: { when, ...(only === undefined ? {} : { only }) } });
  const joining = new Joining(ground);
  const chain = await startUntilThrough(ground.master, ground.flags, (count, starts) => {
    if (Date.now() > until) order(ground.master, {});
    if (count % 10 === 0)
      report(
        `${trial}: start ${String(starts)}, killed at ${String(count)} entries; the last one was ${killsOn(ground.master).slice(-1)[0] ?? 'none'}`,
      );
  });
  await joining.stop();
  order(ground.master, {});
  const differs = chain.through ? await comesToTheSame(ground, reference) : [];
  // Where this pass was begun in an earlier run, each kill had a start of its own.
  return { ground, chain: { ...chain, starts: chain.starts + before }, differs };
}

/** In what a cluster that came through is not an undisturbed one: what is there, and what one more start would still do. */
export async function comesToTheSame(ground: Ground, { state }: Undisturbed): Promise<readonly string[]> {
  try {
    await whole(ground);
  } catch (problem) {
    return [problem instanceof Error ? problem.message : String(problem)];
  }
  const again = await install(ground.master, ground.flags);
  // What is only awaited, as where etcd has just elected a leader, changes nothing.
  const changed = eventsOfType(again.events, 'change-started').filter(
    ({ change }) => change.kind !== 'await',
  );
  return [
    ...(again.code === 0 ? [] : [`one more start ended with exit code ${String(again.code)}`]),
    ...changed.map(({ step, change }) => `one more start still did ${step}: ${change.title}`),
    ...(await differsFrom(state, ground)),
  ];
}
