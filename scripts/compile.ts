import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { root } from './layout';
import { ink, lazyBuiltins } from './plugins';

const BUNDLED_FROM = 'source/cli.tsx';

export interface Compiled {
  /** CommonJS without a first `#!` line. ASCII only, so that it can be read as Latin-1. */
  readonly source: string;
  /** What went into it, for the licences. */
  readonly metafile: Metafile;
}

/**
 * Puts an entry and everything that it imports into one CommonJS file for Node 16.20.2 and newer.
 * CommonJS, because what is imported dynamically is then evaluated only when it is asked for, without a file of its own,
 * and because V8's code cache can be used with it. Names stay whole, so that a stack can be read.
 */
export async function compile(entry: string = BUNDLED_FROM): Promise<Compiled> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [join(root, entry)],
    bundle: true,
    write: false,
    metafile: true,
    outfile: 'program.cjs',
    platform: 'node',
    format: 'cjs',
    target: 'node16.20',
    charset: 'ascii',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"', 'import.meta.url': 'moduleUrl' },
    banner: { js: "'use strict';const moduleUrl = require('url').pathToFileURL(__filename).href;" },
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [ink, lazyBuiltins],
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`${entry} compiled to nothing`);
  return { source: output.text, metafile: result.metafile };
}
