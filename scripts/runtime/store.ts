import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { script, type Run } from './script';

/** How long nothing must have been drawn for the first screen to count as finished. */
const QUIET_MS = 1500;

/**
 * Runs the program up to its first screen and stores all that V8 compiled on the way.
 * Called as: node store.cjs PROGRAM CACHE, in a terminal.
 */
const [, , program = '', cache = ''] = process.argv;
process.argv.splice(1, 3, program);

const compiled = script(program);
let quiet: NodeJS.Timeout | undefined;

process.on('exit', () => {
  writeFileSync(cache, compiled.createCachedData());
});
const write = process.stdout.write.bind(process.stdout) as (...parts: unknown[]) => boolean;
process.stdout.write = (...parts: unknown[]) => {
  clearTimeout(quiet);
  quiet = setTimeout(() => process.exit(), QUIET_MS);
  return write(...parts);
};
(compiled.runInThisContext() as Run)(exports, require, module, program, dirname(program));
