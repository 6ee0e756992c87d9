import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { script, type Run } from './script';

/** Compiled code that was stored when the bundle was made; V8 itself refuses what another version or other flags made, and then compiles. */
function stored(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

const program = join(__dirname, 'program.cjs');
const run = script(program, stored(join(__dirname, 'program.cache'))).runInThisContext() as Run;
run(exports, require, module, program, __dirname);
