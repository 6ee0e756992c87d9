import { cpus, loadavg } from 'node:os';
import { Lab, labAvailability } from '../lab/lab';
import { table, type Figure, isMet } from './figures';
import { installTimes } from './install-times';
import { severalMasters } from './several-masters';
import { startUp } from './start-up';
import { waiting } from './waiting';

/** `npm run bench -- [start-up|installs|waiting|masters …] [--runs N]`: all of them unless some are named. */
const words = process.argv.slice(2);
const flag = words.indexOf('--runs');
const runs = flag === -1 ? 3 : Number(words.splice(flag, 2)[1]);
const chosen = words;
const names = ['start-up', 'installs', 'waiting', 'masters'];
const unknown = chosen.filter(name => !names.includes(name));
if (unknown.length > 0 || !Number.isInteger(runs) || runs < 1) {
  console.error(`usage: npm run bench -- [${names.join('|')} …] [--runs N]`);
  process.exit(2);
}
const wanted = (name: string): boolean => chosen.length === 0 || chosen.includes(name);

console.log(
  `${String(cpus().length)} cores (${cpus()[0]?.model ?? 'unknown'}), load ${loadavg()[0]?.toFixed(2) ?? '?'}`,
);
const figures: Figure[] = [];
if (wanted('start-up')) figures.push(...(await startUp(15)));

if (names.slice(1).some(wanted)) {
  const availability = labAvailability();
  if (availability.available) {
    const lab = await Lab.open(undefined, console.log);
    if (wanted('installs')) figures.push(...(await installTimes(lab, runs)));
    if (wanted('waiting')) figures.push(...(await waiting(lab, 2)));
    if (wanted('masters')) figures.push(...(await severalMasters(lab, runs)));
  } else {
    console.log(`${availability.reason}: figures of installations are left out`);
  }
}

console.log(`\n${table(figures)}`);
process.exitCode = figures.length > 0 && figures.every(isMet) ? 0 : 1;
