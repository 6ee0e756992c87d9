import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';

export type Run = (
  exports: unknown,
  require: NodeRequire,
  module: NodeModule,
  filename: string,
  dirname: string,
) => void;

/** The program as V8 sees it, both when its code cache is made and when it is used: the two must not differ by a character. */
export function script(file: string, cachedData?: Buffer): Script {
  const source = readFileSync(file, 'latin1');
  return new Script(`(function(exports,require,module,__filename,__dirname){${source}\n})`, {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
}
