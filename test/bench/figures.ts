/** What one figure was in each run, with what it is compared with. */
export interface Figure {
  readonly title: string;
  readonly unit: string;
  readonly ours: readonly number[];
  /** What stands beside it: "bare script", and its values measured in the same run of the bench. */
  readonly anchor?: { readonly title: string; readonly values: readonly number[] };
  /** The most that is promised: of the anchor where `goal.kind` is ratio, in the figure's own unit else. Absent where nothing is. */
  readonly goal?: { readonly kind: 'ratio' | 'value'; readonly most: number };
}

/** The middle value, or the mean of the two middle ones; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Median of ours over median of the anchor; undefined where there is no anchor. */
export function ratio({ ours, anchor }: Figure): number | undefined {
  return anchor === undefined ? undefined : median(ours) / median(anchor.values);
}

/** Whether the goal is met, by medians; false where nothing was measured, true where nothing is promised. */
export function isMet(figure: Figure): boolean {
  if (figure.goal === undefined) return true;
  const measured = figure.goal.kind === 'ratio' ? ratio(figure) : median(figure.ours);
  return measured !== undefined && measured <= figure.goal.most;
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
  return `≤ ${goal.most} ${goal.kind === 'ratio' ? 'times' : unit}`.trimEnd();
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
