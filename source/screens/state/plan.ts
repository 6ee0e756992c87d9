import type { ChangeSummary } from '../../engine/change';
import type { StepOutline } from '../../engine/event';
import type { Plan } from '../../installer';
import type { Key } from '../terminal/keys';
import { stepTitle } from './stage';
import { count } from './units';

/** One line of the tree: a stage, a step, a change, or a line of a change's content. */
interface PlanRow {
  readonly key: string;
  readonly depth: 0 | 1 | 2 | 3;
  readonly text: string;
  /** What stands at the right end: "11 changes". */
  readonly note: string;
  /** Absent where there is nothing inside. */
  readonly open?: boolean;
}

export interface PlanState {
  readonly plan: Plan;
  readonly open: ReadonlySet<string>;
  readonly cursor: string;
  /** What became of writing it to a file. */
  readonly saved?: string;
}

/** Changes of a plan that change something: a wait is none. */
export function changesIn(changes: readonly ChangeSummary[]): number {
  return changes.filter(({ kind }) => kind !== 'await').length;
}

/** Kinds whose title is only the thing; the others' titles say already what is done to it. */
const VERBS: Partial<Readonly<Record<ChangeSummary['kind'], string>>> = {
  write: 'write ',
  directory: 'make ',
  link: 'link ',
  certificate: 'certificate ',
};

/** A change in a few words: "write /etc/sysconfig/kubelet". */
export function changeText({ kind, title }: ChangeSummary): string {
  return `${VERBS[kind] ?? ''}${title}`;
}

function changesNote(changes: readonly ChangeSummary[]): string {
  const number = changesIn(changes);
  if (changes.length > 0 && number === 0) {
    return 'waits only';
  }
  return number === 0 ? 'as it should be' : count(number, 'change');
}

/** The tree's lines as they are opened now. */
export function planRows({ plan, open }: PlanState): readonly PlanRow[] {
  const changesOf = (step: string) => plan.steps.find(({ id }) => id === step)?.changes ?? [];
  return plan.stages.flatMap((stage): PlanRow[] => {
    const key = `stage ${stage.id}`;
    const changes = stage.steps.flatMap(({ id }) => changesOf(id));
    const row: PlanRow = {
      key,
      depth: 0,
      text: stage.title,
      note: changesNote(changes),
      open: open.has(key),
    };
    return open.has(key)
      ? [row, ...stage.steps.flatMap(step => stepRows(step, changesOf(step.id), open))]
      : [row];
  });
}

function stepRows(
  step: StepOutline,
  changes: readonly ChangeSummary[],
  open: ReadonlySet<string>,
): PlanRow[] {
  const key = `step ${step.id}`;
  const row: PlanRow = { key, depth: 1, text: stepTitle(step), note: changesNote(changes) };
  if (changes.length === 0) {
    return [row];
  }
  const inside = changes.flatMap((change, index) => changeRows(`${key} ${index}`, change, open));
  return open.has(key) ? [{ ...row, open: true }, ...inside] : [{ ...row, open: false }];
}

function changeRows(key: string, change: ChangeSummary, open: ReadonlySet<string>): PlanRow[] {
  const row: PlanRow = { key, depth: 2, text: changeText(change), note: '' };
  if (change.detail.length === 0) {
    return [row];
  }
  const note = count(change.detail.length, 'line');
  const inside = change.detail.map((text, line): PlanRow => ({
    key: `${key} ${line}`,
    depth: 3,
    text,
    note: '',
  }));
  return open.has(key) ? [{ ...row, note, open: true }, ...inside] : [{ ...row, note, open: false }];
}

/** A plan as it is first shown: closed, or opened at one step (after a failure). */
export function openPlan(plan: Plan, at?: string): PlanState {
  const stage = plan.stages.find(({ steps }) => steps.some(({ id }) => id === at));
  if (stage === undefined || at === undefined) {
    return { plan, open: new Set(), cursor: `stage ${plan.stages[0]?.id ?? ''}` };
  }
  return { plan, open: new Set([`stage ${stage.id}`, `step ${at}`]), cursor: `step ${at}` };
}

/** The key of the row that holds this one: closing inside goes there. */
function parentOf(rows: readonly PlanRow[], index: number): PlanRow | undefined {
  const depth = rows[index]?.depth ?? 0;
  return [...rows.slice(0, index)].reverse().find(row => row.depth < depth);
}

/** The plan after a key that moves in the tree; `page` is how many rows are in sight. */
export function pressed(state: PlanState, key: Key, page: number): PlanState {
  const rows = planRows(state);
  const index = Math.max(
    0,
    rows.findIndex(row => row.key === state.cursor),
  );
  const row = rows[index];
  const to = (target: number) => ({
    ...state,
    cursor: rows[Math.max(0, Math.min(rows.length - 1, target))]?.key ?? state.cursor,
  });
  const toggled = (open: boolean) => {
    const keys = new Set(state.open);
    if (open) keys.add(state.cursor);
    else keys.delete(state.cursor);
    return { ...state, open: keys };
  };
  switch (key) {
    case 'up':
      return to(index - 1);
    case 'down':
      return to(index + 1);
    case 'pageup':
      return to(index - page);
    case 'pagedown':
      return to(index + page);
    case 'home':
      return to(0);
    case 'end':
      return to(rows.length - 1);
    case 'right':
      return row?.open === false ? toggled(true) : state;
    case 'enter':
    case ' ':
      return row?.open === undefined ? state : toggled(!row.open);
    case 'left':
      return row?.open === true
        ? toggled(false)
        : { ...state, cursor: parentOf(rows, index)?.key ?? state.cursor };
    default:
      return state;
  }
}
