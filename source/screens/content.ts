import { bundleRows, failureRows, type GoOn } from './failure/rows';
import type { Row } from './frame/rows';
import { boundedTop } from './frame/scroll';
import { joinRows } from './overlay/join-rows';
import { valueRows } from './plan/rows';
import { reportRows } from './preflight/rows';
import { recoveryRows, saidRows } from './recovery/rows';
import { chosenRows, lostRows } from './restore/rows';
import { bodyRows, commandOf, failureAsked, type ScreensState } from './state/screens';
import { endRows } from './summary/end-rows';
import { detailRows, foldedRows, wholeRows } from './summary/rows';

/** What scrolls on the screen that is shown: all its rows, how many are in sight, and the first of these. */
interface Content {
  readonly rows: readonly Row[];
  readonly height: number;
  readonly top: number;
}

function bounded(rows: readonly Row[], height: number, top: number): Content {
  return { rows, height, top: boundedTop(top, rows.length, height) };
}

function goOnOf(state: ScreensState): GoOn {
  if (failureAsked(state)) return 'asked';
  if (state.attached === true) return 'elsewhere';
  return commandOf(state) === 'install' ? 'again' : 'same';
}

/** The scrolling part of the screens that have one; of the others, nothing. */
export function content(state: ScreensState): Content {
  const { screen, run, size, top, now, plan, overlay } = state;
  const height = bodyRows(size);
  if (overlay?.kind === 'values') {
    const values = plan !== undefined && 'plan' in plan ? plan.plan.values : [];
    return bounded(valueRows(values, size.columns), height, overlay.top);
  }
  if (overlay?.kind === 'details') {
    return bounded(detailRows(run, now, size.columns), height, overlay.top);
  }
  if (overlay?.kind === 'join') {
    return bounded(joinRows(run, size.columns), height, overlay.top);
  }
  switch (screen) {
    case 'preflight': {
      const rows = reportRows(run, size.columns);
      // While checks come in, the newest are in sight.
      return bounded(rows, height - 1, run.preflight === undefined ? rows.length : top);
    }
    case 'failure':
      return bounded([...failureRows(run, size.columns, goOnOf(state)), ...bundleRows(state)], height, top);
    case 'recovery':
      return bounded(recoveryRows(state), height - saidRows(state, size.columns).length, top);
    case 'restore': {
      const below = chosenRows(state).length;
      return bounded(lostRows(state), height - below - (below === 0 ? 0 : 1), top);
    }
    case 'summary': {
      if (commandOf(state) !== 'install') return bounded(endRows(state), height, top);
      const whole = wholeRows(run, now, size.columns);
      const rows = whole.length > height ? foldedRows(run, size.columns) : whole;
      return bounded(rows, height, top);
    }
    default:
      return bounded([], height, 0);
  }
}

/** The first line to show after a key that scrolls; undefined for other keys. */
export function scrolledTop({ rows, height, top }: Content, key: string): number | undefined {
  const by = {
    up: -1,
    down: 1,
    pageup: 1 - height,
    pagedown: height - 1,
    home: -rows.length,
    end: rows.length,
  }[key];
  return by === undefined ? undefined : boundedTop(top + by, rows.length, height);
}
