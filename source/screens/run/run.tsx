import { Box } from 'ink';
import type { KeyHint } from '../frame/chrome';
import { Frame, Rule } from '../frame/frame';
import { Lines } from '../frame/lines';
import type { Row } from '../frame/rows';
import { blockTop } from '../frame/scroll';
import { awaitedMasters } from '../state/awaited';
import { commandTitle } from '../state/command-titles';
import { bodyRows, commandOf, type ScreensState } from '../state/screens';
import { currentStage } from '../state/stage';
import { clock } from '../state/units';
import { beforeRows } from './before-rows';
import { memberRows } from './member-rows';
import { paneRows } from './pane-rows';
import { stageRows } from './stage-rows';
import { WAIT_ROWS, waitRows } from './wait-rows';

/** What Ctrl-C asks, and its answers. */
export const STOP_KEYS: readonly KeyHint[] = [
  ['d', 'detach'],
  ['s', 'stop after this change'],
  ['n', 'stop now'],
  ['g', 'go on'],
];

function keysOf({ overlay, stage, stepsOpen, run }: ScreensState): readonly KeyHint[] {
  return overlay?.kind === 'stop'
    ? STOP_KEYS
    : [
        ['↑↓', 'stage'],
        ['enter', stepsOpen ? 'hide steps' : 'steps'],
        ...(awaitedMasters(run).length === 0 ? [] : [['j', 'join'] as const]),
        ...(stage === undefined ? [] : [['f', 'follow'] as const]),
        ['l', 'log'],
        ['d', 'detach'],
        ['Ctrl-C', 'stop'],
        ['?', 'help'],
      ];
}

function Panes({ state, height }: { readonly state: ScreensState; readonly height: number }) {
  const { run, size, now, stepsOpen } = state;
  const left = size.columns >= 110 ? 46 : 34;
  const right = size.columns - left - 3;
  const chosen = state.stage ?? currentStage(run);
  const { rows, first, last } = stageRows(run, chosen, stepsOpen, now, left);
  const pane = paneRows(run, run.stages[chosen], state.stage === undefined, right, height);
  const bar = Array.from({ length: height }, (): Row => [{ text: '│ ', tone: 'faint' }]);
  return (
    <Box height={height} flexShrink={0}>
      <Box width={left + 1}>
        <Lines rows={rows} height={height} top={blockTop(first, last, rows.length, height)} />
      </Box>
      <Box width={2}>
        <Lines rows={bar} height={height} />
      </Box>
      <Lines rows={pane} height={height} />
    </Box>
  );
}

/** What a run is about, from the values it was given. */
export function runTitle(state: ScreensState): string {
  const { run, product, settings, attached } = state;
  const resumed = run.resumed ? ' · resumed' : '';
  const elsewhere = attached === true ? ' · attached' : '';
  const command = commandOf(state);
  if (command !== 'install' && command !== 'prepare') {
    return `${product}   ${commandTitle(state)}${resumed}${elsewhere}`;
  }
  // Who is attached has no settings, but the values are told.
  const valueOf = (name: string) => run.values.find(value => value.name === name)?.value ?? '';
  const version = settings?.kubeVersion ?? valueOf('KUBE_VERSION');
  if (version === '') return `${product}${resumed}${elsewhere}`;
  const vip = settings === undefined ? valueOf('--vip') : (settings.vip?.endpoint ?? '');
  const endpoint = vip === '' ? '' : ` · VIP ${vip}`;
  const registry = settings?.registry.address ?? valueOf('DOCKER_REGISTRY');
  return `${product}   ${version}${resumed}${elsewhere}${endpoint} · registry ${registry}`;
}

/** A run as it goes. */
export function Run({ state }: { readonly state: ScreensState }) {
  const { run, size, now } = state;
  const members = memberRows(run, size.columns);
  const height = bodyRows(size) - members.length - WAIT_ROWS - 2;
  const elapsed = run.startedAt === undefined ? '' : clock(run.end?.ms ?? Math.max(0, now - run.startedAt));
  return (
    <Frame size={size} left={runTitle(state)} right={elapsed} keys={keysOf(state)}>
      {run.stages.length === 0 ? (
        <Lines rows={beforeRows(run, now, size.columns)} height={height} />
      ) : (
        <Panes state={state} height={height} />
      )}
      <Rule columns={size.columns} />
      <Lines rows={members} height={members.length} />
      <Rule columns={size.columns} />
      <Lines rows={waitRows(state)} height={WAIT_ROWS} />
    </Frame>
  );
}
