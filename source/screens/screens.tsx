import { Box, Text } from 'ink';
import { useSyncExternalStore } from 'react';
import { Failed } from './failure/failure';
import { Parts } from './frame/parts';
import { Colour } from './frame/theme';
import { ListScreen } from './list/list-screen';
import { Loading } from './loading/loading';
import { OverlayScreen } from './overlay/overlay';
import { PlanScreen } from './plan/plan';
import { Preflight } from './preflight/preflight';
import { Recovery } from './recovery/recovery';
import { Restore } from './restore/restore';
import { replayParts } from './replay/shown';
import { Run } from './run/run';
import type { ShownSession } from './session/shown-session';
import { shownList } from './state/lists';
import { SMALLEST, type ScreensState } from './state/screens';
import { Summary } from './summary/summary';
import { Wizard } from './wizard/wizard';

/** The only bridge from events and keys to React. */
function useSession(session: ShownSession): ScreensState {
  return useSyncExternalStore(session.subscribe, session.getState);
}

function TooSmall({ state: { size, running } }: { readonly state: ScreensState }) {
  const { columns, rows } = size;
  return (
    <Box width={columns} height={Math.max(1, rows - 1)} overflow="hidden">
      <Text>
        {`This terminal has ${columns} columns and ${rows} rows. Please make it at least ${SMALLEST.columns} by ${SMALLEST.rows}.`}
        {running ? ' The run goes on meanwhile.' : ''}
      </Text>
    </Box>
  );
}

const SCREENS = {
  wizard: Wizard,
  preflight: Preflight,
  plan: PlanScreen,
  run: Run,
  failure: Failed,
  summary: Summary,
  menu: Loading,
  recovery: Recovery,
  restore: Restore,
  loading: Loading,
} as const;

/** The screen that the state says. */
export function Screens({ session, colour }: { readonly session: ShownSession; readonly colour: boolean }) {
  const state = useSession(session);
  const { size, overlay, screen, replay } = state;
  const small = size.columns < SMALLEST.columns || size.rows < SMALLEST.rows;
  const list = shownList(state);
  const covered = overlay !== undefined && !(overlay.kind === 'stop' && screen === 'run');
  const Shown = small ? TooSmall : covered ? OverlayScreen : SCREENS[screen];
  const shown = (
    <Colour.Provider value={colour}>
      {list !== undefined && !small ? (
        <ListScreen key={list.id} state={state} dispatch={session.dispatch} />
      ) : (
        <Shown state={state} />
      )}
    </Colour.Provider>
  );
  return replay === undefined ? (
    shown
  ) : (
    <Parts.Provider value={replayParts(replay, covered)}>{shown}</Parts.Provider>
  );
}
