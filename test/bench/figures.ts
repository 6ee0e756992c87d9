/** What one figure was in each run, with what it is compared with. */
export interface Figure {
  readonly title: string;
  readonly unit: string;
  readonly ours: readonly number[];
  /** What stands beside it: "bare script", and its values measured in the same run of the bench. */
  readonly anchor?: { readonly title: string; readonly values: readonly number[] };
  /** What is promised; absent where nothing is. */
  readonly goal?: Goal;
}

/** The most that is promised: of the anchor where `kind` is ratio, in the figure's own unit else. */
export interface Goal {
  readonly kind: 'ratio' | 'value';
  readonly most: number;
  /** It holds for every run, each beside the anchor's of the same round; for the medians unless said. */
  readonly each?: true;
}

/** The middle value, or the mean of the two middle ones; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The largest value; NaN of none, and where one is missing. */
function worst(values: readonly number[]): number {
  return values.length === 0 ? NaN : Math.max(...values);
}

/** Ours over the anchor's: the worst of all rounds where the goal is for each, medians else; undefined where there is no anchor. */
export function ratio({ ours, anchor, goal }: Figure): number | undefined {
  if (anchor === undefined) return undefined;
  if (goal?.each !== true) return median(ours) / median(anchor.values);
  return worst(ours.map((value, round) => value / (anchor.values[round] ?? NaN)));
}

/** Whether the goal is met; false where nothing was measured, true where nothing is promised. */
export function isMet(figure: Figure): boolean {
  const { goal, ours } = figure;
  if (goal === undefined) return true;
  const value = goal.each === true ? worst(ours) : median(ours);
  const measured = goal.kind === 'ratio' ? ratio(figure) : value;
  return measured !== undefined && measured <= goal.most;
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

function spread(values: readonly number[], unit: string): string {
  if (values.length === 0) return 'not measured';
  const range = `${number(Math.min(...values))}–${number(Math.max(...values))}`;
  return `${[number(median(values)), unit].join(' ').trimEnd()} (${range}, n=${values.length})`;
}

function promised({ goal, unit }: Figure): string {
  if (goal === undefined) return '';
  const words = ['≤', String(goal.most), goal.kind === 'ratio' ? 'times' : unit];
  if (goal.each === true) words.push('each');
  return words.filter(word => word !== '').join(' ');
}

/** The figures as a table of text, medians with the smallest and the largest value. */
export function table(figures: readonly Figure[]): string {
  const header = ['figure', 'ours', 'beside it', 'ratio', 'goal', 'met'];
  const rows = figures.map(figure => {
    const { anchor, goal } = figure;
    const compared = ratio(figure);
    return [
      figure.title,
      spread(figure.ours, figure.unit),
      anchor === undefined ? '' : `${anchor.title}: ${spread(anchor.values, figure.unit)}`,
      compared === undefined || !Number.isFinite(compared) ? '' : compared.toFixed(2),
      promised(figure),
      goal === undefined ? '' : isMet(figure) ? 'yes' : 'NO',
    ];
  });
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)));
  return all
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
