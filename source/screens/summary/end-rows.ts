import { changedLines } from '../failure/rows';
import { labelledRows } from '../frame/labelled';
import type { Row } from '../frame/rows';
import { sourceName } from '../restore/rows';
import { memberRows, quorumText } from '../run/member-rows';
import { enumerated } from '../state/masters';
import { commandOf, type ScreensState } from '../state/screens';
import { clock, count } from '../state/units';
import { wrap } from '../terminal/width';
import { barRows } from './rows';

const LABEL = 11;

function quorum({ run }: ScreensState): string {
  return run.members.length === 0 ? '' : `: ${quorumText(run.members).replace(/ · /g, ', ')}`;
}

function title(state: ScreensState): string {
  const { putBack = [], restored, run } = state;
  const nothing = run.end?.changed === 0;
  switch (commandOf(state)) {
    case 'undo':
      return nothing ? 'Nothing was left to be taken back' : `The last run on ${run.host} is undone`;
    case 'reset':
      return nothing ? `${run.host} was reset already` : `${run.host} is reset to what prepare left`;
    default:
      break;
  }
  if (restored !== undefined) return `The cluster is there again${quorum(state)}`;
  if (run.stages.some(({ id }) => id === 'restore-give-up'))
    return `The restore is given up: etcd here goes on with its own data${quorum(state)}`;
  const who = enumerated(putBack);
  if (who === '') return `The members of etcd are as they should be${quorum(state)}`;
  return `${who} ${putBack.length === 1 ? 'is' : 'are'} back${quorum(state)}`;
}

function next(state: ScreensState): string | undefined {
  switch (commandOf(state)) {
    case 'undo':
      return 'kube-el7-install begins with what is here now, whatever that is.';
    case 'reset':
      return 'It can be installed anew (kube-el7-install), or joined to a cluster.';
    default:
      return state.restored === undefined
        ? undefined
        : 'A single member may lose none. Put the other masters back: reset each or set it up anew, prepare it, join it (kube-el7-install join-command), then kube-el7-install readd-member here.';
  }
}

/** What a run other than an installation has come to. */
export function endRows(state: ScreensState): readonly Row[] {
  const { run, plan, restored, size } = state;
  const { changed = 0, unchanged = 0, ms = 0, summary } = run.end ?? {};
  const room = size.columns - LABEL - 1;
  const row = (label: string, lines: readonly string[]) => labelledRows(label, lines, LABEL);
  const notes = summary?.notes ?? (plan !== undefined && 'plan' in plan ? (plan.plan.notes ?? []) : []);
  const after = next(state);
  return [
    ...wrap(`✔ ${title(state)}`, size.columns - 2).map((text): Row => [
      { text: ` ${text}`, bold: true, tone: 'good' },
    ]),
    ...row('Run', [`${count(changed, 'step')} changed, ${unchanged} unchanged, ${clock(ms)}`]),
    ...(run.members.length === 0 ? [] : memberRows(run, size.columns)),
    ...(restored === undefined ? [] : row('From', wrap(sourceName(restored), room))),
    ...(restored === undefined ? [] : row('Loss', wrap(restored.loss, room))),
    ...row('Changed', changed === 0 ? [] : changedLines(run.changed, room)),
    ...row(
      'Know',
      notes.flatMap(note => wrap(note, room)),
    ),
    ...row('Next', after === undefined ? [] : wrap(after, room)),
    ...(run.log === '' ? [] : row('Log', [run.log])),
    ...barRows(run, size.columns),
  ];
}
