import { cpus, loadavg } from 'node:os';
import { profiles } from '../lab/hosts/profiles';
import { Lab, labAvailability } from '../lab/lab';
import { optionsOf, usage } from './options';
import type { Part } from './options';
import { table, type Figure, isMet } from './figures';
import { installTimes } from './install-times';
import { puttingBack } from './putting-back';
import { resting } from './resting';
import { severalMasters } from './several-masters';
import { startUp } from './start-up';
import { takeovers } from './takeovers';
import { waiting } from './waiting';

const options = optionsOf(process.argv.slice(2));
if (options === undefined) {
  console.error(usage);
  process.exit(2);
}
const { profile, runs, minutes, isWanted } = options;

console.log(
  `profile ${profile} (${profiles[profile].says}); ` +
    `${String(cpus().length)} cores (${cpus()[0]?.model ?? 'unknown'}), load ${loadavg()[0]?.toFixed(2) ?? '?'}`,
);
const figures: Figure[] = [];
let failed = false;
if (isWanted('start-up')) figures.push(...(await startUp(15)));

const inLab: readonly (readonly [Part, (lab: Lab) => Promise<readonly Figure[]>])[] = [
  ['installs', lab => installTimes(lab, runs)],
  ['waiting', lab => waiting(lab, 2)],
  ['masters', lab => severalMasters(lab, runs, profile)],
  ['resting', lab => resting(lab, profile)],
  ['readd', lab => puttingBack(lab, runs, profile)],
  ['takeovers', lab => takeovers(lab, minutes, profile)],
];
const chosen = inLab.filter(([part]) => isWanted(part));
if (chosen.length > 0) {
  const availability = labAvailability();
  if (availability.available) {
    const lab = await Lab.open(undefined, console.log);
    for (const [part, measure] of chosen) {
      try {
        figures.push(...(await measure(lab)));
      } catch (problem) {
        // What the other parts have measured is told all the same.
        failed = true;
        console.error(`${part}: ${problem instanceof Error ? (problem.stack ?? '') : String(problem)}`);
      }
    }
  } else {
    console.log(`${availability.reason}: figures of installations are left out`);
  }
}

console.log(`\n${table(figures)}`);
process.exit(!failed && figures.length > 0 && figures.every(isMet) ? 0 : 1);
