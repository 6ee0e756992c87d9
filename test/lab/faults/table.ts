import type { Verdict } from './verdict';

/** A trial that was made. */
export interface Made extends Verdict {
  readonly name: string;
  readonly fault: string;
  readonly product: string;
  /** ISO 8601. */
  readonly at: string;
  readonly ms: number;
}

const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');

function row({ fault, survived, times, starts, failures, note, missed, product }: Made): string {
  const left =
    missed.length === 0
      ? ''
      : `; not tried: ${missed.slice(0, 5).join(', ')}${missed.length > 5 ? ` and ${String(missed.length - 5)} more` : ''}`;
  const started = failures === 0 ? String(starts) : `${String(starts)}, of which ${String(failures)} failed`;
  const [commit = ''] = product.split(',');
  const cells = [fault, String(times), started, survived ? 'yes' : '**no**', note + left, commit];
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** When the trials were made. */
function heading(made: readonly Made[]): string {
  const times = made.map(({ at }) => at.slice(0, 10)).sort();
  const [first = 'never', last = first] = [times[0], times[times.length - 1]];
  const count = made.reduce((sum, { times: each }) => sum + each, 0);
  const minutes = Math.round(made.reduce((sum, { ms }) => sum + ms, 0) / 60_000);
  const when = first === last ? first : `${first} to ${last}`;
  return `${when}, ${String(count)} faults in ${String(minutes)} minutes.`;
}

/** What was seen, without the last output of starts that failed: the record has that. */
function seen({ detail }: Made): readonly string[] {
  return detail.filter(line => !line.startsWith('a start ended:'));
}

/** The table of faults tried and survived, and below it what was not survived. */
export function tableOf(made: readonly Made[]): string {
  const lost = made.filter(({ survived }) => !survived);
  return [
    heading(made),
    '',
    '| fault | times | starts of the installer | survived | | with commit |',
    '|---|---|---|---|---|---|',
    ...made.map(row),
    '',
    ...(lost.length === 0
      ? ['Nothing was tried that was not survived.']
      : lost.map(one => `- **${one.fault}**: ${cell(seen(one).join('; ').slice(0, 800))}`)),
    '',
  ].join('\n');
}
