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

/** The table of faults tried and survived, and below it what was not survived. */
export function tableOf(made: readonly Made[]): string {
  const lost = made.filter(({ survived }) => !survived);
  return [
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
