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

function row({ fault, survived, times, starts, note, missed }: Made): string {
  const left =
    missed.length === 0
      ? ''
      : `; not tried: ${missed.slice(0, 5).join(', ')}${missed.length > 5 ? ` and ${String(missed.length - 5)} more` : ''}`;
  return `| ${[fault, String(times), String(starts), survived ? 'yes' : '**no**', note + left].map(cell).join(' | ')} |`;
}

/** When and with what the trials were made. */
function heading(made: readonly Made[]): string {
  const times = made.map(({ at }) => at.slice(0, 10)).sort();
  const [first = 'never', last = first] = [times[0], times[times.length - 1]];
  const products = [...new Set(made.map(({ product }) => product))].join('; ');
  const count = made.reduce((sum, { times: each }) => sum + each, 0);
  const minutes = Math.round(made.reduce((sum, { ms }) => sum + ms, 0) / 60_000);
  const when = first === last ? first : `${first} to ${last}`;
  return `${when}, ${String(count)} faults in ${String(minutes)} minutes, with ${products}.`;
}

/** The table of faults tried and survived, and below it what was not survived. */
export function tableOf(made: readonly Made[]): string {
  const lost = made.filter(({ survived }) => !survived);
  return [
    heading(made),
    '',
    '| fault | times | starts of the installer | survived | |',
    '|---|---|---|---|---|',
    ...made.map(row),
    '',
    ...(lost.length === 0
      ? ['Nothing was tried that was not survived.']
      : lost.map(one => `**${one.fault}**: ${cell(one.detail.join('; ').slice(0, 800))}`)),
    '',
  ].join('\n');
}
