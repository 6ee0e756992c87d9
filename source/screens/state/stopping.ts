import { uncovered, type Next, type ScreensState } from './screens';

/** The run ends after its current change. */
export function stopped(state: ScreensState): Next {
  return [{ ...uncovered(state), stopping: true }, { kind: 'stop' }];
}

/** The run ends now, whatever it is at. */
export function stoppedAtOnce(state: ScreensState): Next {
  return [{ ...uncovered(state), stopping: true, atOnce: true }, { kind: 'stop-now' }];
}

/** The screens are left, and the run goes on. */
export function detached(state: ScreensState): Next {
  return [
    { ...uncovered(state), detached: true },
    { kind: 'exit', code: 0 },
  ];
}
