import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/layout';
import { currentBundle } from '../installer';
import { Lab } from '../lab';
import { isSameProduct, keep, productTried, record, recorded } from './reference';
import { tableOf } from './table';
import type { Made } from './table';
import { allTrials, shortTrials } from './trials';
import type { Trial } from './trials';

const resultsFile = 'results.json';

const documented = join(root, 'docs/reliability.md');
const marks = ['<!-- from here on by: npm run lab -- faults --document -->', '<!-- until here -->'] as const;

interface FaultOptions {
  readonly short: boolean;
  readonly document: boolean;
  readonly only?: string;
  readonly seed: number;
  /** Until when the installer is killed at one entry after the other, or struck in one stage after the other; milliseconds since 1970. */
  readonly until: number;
  /** A regular expression: only entries whose names match are killed at, and only faults in stages ("clients: DNS away") that match are made. */
  readonly matching?: string;
}

/** Reads the words behind `faults`; throws with a sentence for a wrong one. */
function faultOptions(words: readonly string[]): FaultOptions {
  const rest = [...words];
  let options: FaultOptions = {
    short: false,
    document: false,
    seed: Math.floor(Date.now() / 1000),
    until: Infinity,
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--short') options = { ...options, short: true };
    else if (word === '--document') options = { ...options, document: true };
    else if (word === '--only') options = { ...options, only: rest.shift() ?? '' };
    else if (word === '--matching') options = { ...options, matching: rest.shift() ?? '' };
    else if (word === '--seed') options = { ...options, seed: Number(rest.shift()) };
    else if (word === '--minutes')
      options = { ...options, until: Date.now() + Number(rest.shift()) * 60_000 };
    else
      throw new Error(
        `there is no ${word} for faults; there are --short, --only NAME, --matching PATTERN, --seed NUMBER, --minutes NUMBER and --document`,
      );
  }
  if (!Number.isInteger(options.seed)) throw new Error('a seed is a whole number');
  if (Number.isNaN(options.until)) throw new Error('minutes are a number');
  return options;
}

function chosen({ short, only, seed, until, matching }: FaultOptions): readonly Trial[] {
  const trials = short ? shortTrials(seed) : allTrials(until, matching);
  const found = only === undefined ? trials : trials.filter(({ name }) => name === only);
  if (found.length === 0)
    throw new Error(
      `there is no trial ${only ?? ''}; there are ${trials.map(({ name }) => name).join(', ')}`,
    );
  return found;
}

function isMade(made: readonly Made[], { name, recordedAs = name }: Trial): boolean {
  return made.some(one => one.name === recordedAs && isSameProduct(one.product, productTried()));
}

/** Puts the table of the record into the docs. */
function document(): void {
  const made = recorded(resultsFile) as readonly Made[] | undefined;
  if (made === undefined) throw new Error(`nothing was tried yet: there is no ${resultsFile} in ${record}`);
  const text = readFileSync(documented, 'utf8');
  const [before = '', rest = ''] = text.split(marks[0]);
  const [, after = ''] = rest.split(marks[1]);
  writeFileSync(documented, `${before}${marks[0]}\n\n${tableOf(made)}\n${marks[1]}${after}`);
}

/** Tries one fault after the other; what was tried with this product before is not tried again unless it is named. Returns whether all were survived. */
export async function faults(words: readonly string[], report: (line: string) => void): Promise<boolean> {
  const options = faultOptions(words);
  if (options.document) {
    document();
    return true;
  }
  const trials = chosen(options);
  const lab = await Lab.open(undefined, report);
  await currentBundle(lab, report);
  let made = (recorded(resultsFile) as readonly Made[] | undefined) ?? [];
  report(`${String(trials.length)} trials, seed ${String(options.seed)}; the record is in ${record}`);
  const survived: boolean[] = [];
  for (const [index, trial] of trials.entries()) {
    const { fault } = trial;
    const name = trial.recordedAs ?? trial.name;
    const known = made.find(one => one.name === name);
    if (options.only === undefined && !options.short && known !== undefined && isMade(made, trial)) {
      report(`${name}: tried on ${known.at} with the same product`);
      survived.push(known.survived);
      continue;
    }
    report(`${String(index + 1)} of ${String(trials.length)}: ${fault}`);
    const began = Date.now();
    const verdict = await trial.perform(lab, line => {
      report(`  ${line}`);
    });
    const one: Made = {
      name,
      fault,
      product: productTried(),
      at: new Date().toISOString(),
      ms: Date.now() - began,
      ...verdict,
    };
    made = [...made.filter(other => other.name !== name), one];
    keep(resultsFile, made);
    keep('table.md', tableOf(made));
    report(`  ${verdict.survived ? 'survived' : 'NOT SURVIVED'}: ${verdict.note}`);
    if (!verdict.survived) for (const line of verdict.detail.slice(0, 20)) report(`    ${line}`);
    survived.push(verdict.survived);
  }
  return survived.every(Boolean);
}
