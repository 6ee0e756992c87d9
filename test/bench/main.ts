import { cpus, loadavg } from 'node:os';
import { Lab, labAvailability } from '../lab/lab';
import { table, type Figure, isMet } from './figures';
import { installTimes } from './install-times';
import { startUp } from './start-up';
import { waiting } from './waiting';

/** `npm run bench -- [start-up|installs|waiting …]`: all of them unless some are named. */
const chosen = process.argv.slice(2);
const wanted = (name: string): boolean => chosen.length === 0 || chosen.includes(name);

console.log(
  `${String(cpus().length)} cores (${cpus()[0]?.model ?? 'unknown'}), load ${loadavg()[0]?.toFixed(2) ?? '?'}`,
);
const figures: Figure[] = [];
if (wanted('start-up')) figures.push(...(await startUp(15)));

if (wanted('installs') || wanted('waiting')) {
  const availability = labAvailability();
  if (availability.available) {
    const lab = await Lab.open(undefined, console.log);
    if (wanted('installs')) figures.push(...(await installTimes(lab, 3)));
    if (wanted('waiting')) figures.push(...(await waiting(lab, 2)));
  } else {
    console.log(`${availability.reason}: figures of installations are left out`);
  }
}

console.log(`\n${table(figures)}`);
process.exitCode = figures.length > 0 && figures.every(isMet) ? 0 : 1;
