import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

/** A file of Ink, and what is put in the place of what in it. */
interface Alteration {
  readonly file: RegExp;
  readonly replace: readonly (readonly [string, string])[];
  readonly append: string;
}

/** How Ink begins to put the rows of a frame together. */
const ROWS = `output
            .map(line => {`;

/** How Ink makes the cells of an empty row. */
const BLANK = `row.push({
                    type: 'char',
                    value: ' ',
                    fullWidth: false,
                    styles: []
                });`;

/** The bridge to React's developer tools is imported with top-level await, and never wanted here. */
const withoutTools: Alteration = {
  file: /\/ink\/build\/reconciler\.js$/,
  replace: [["await import('./devtools.js');", '']],
  append: '',
};

/**
 * Ink takes every frame apart into an object for each character and puts it together again, also where nothing has
 * changed: most of what a screen costs that only waits. Lines seen before are remembered here, as Ink never changes the
 * objects that they became.
 */
const withMemory: Alteration = {
  file: /\/ink\/build\/output\.js$/,
  replace: [
    [BLANK, 'row.push(blank)'],
    ['styledCharsFromTokens(tokenize(line))', 'charactersOf(line)'],
    [ROWS, ROWS.replace('(line =>', '((line, index) =>')],
    ['styledCharsToString(lineWithoutEmptyItems).trimEnd()', 'textOf(lineWithoutEmptyItems, index)'],
  ],
  append: `
const blank = { type: 'char', value: ' ', fullWidth: false, styles: [] };
const seen = new Map();
function charactersOf(line) {
  let characters = seen.get(line);
  if (characters === undefined) {
    characters = styledCharsFromTokens(tokenize(line));
    if (seen.size >= 500) seen.clear();
    seen.set(line, characters);
  }
  return characters;
}
const rows = [];
function textOf(row, index) {
  const before = rows[index];
  if (before?.row.length === row.length && row.every((character, column) => character === before.row[column])) {
    return before.text;
  }
  const text = styledCharsToString(row).trimEnd();
  rows[index] = { row, text };
  return text;
}
`,
};

/**
 * Makes Ink 4 fit for one CommonJS file: its layout engine without top-level await (the asm.js build, which starts in
 * less CPU than compiling the WebAssembly one), and the alterations above.
 */
export const ink: Plugin = {
  name: 'ink',
  setup(build) {
    build.onResolve({ filter: /^yoga-wasm-web\/auto$/ }, ({ resolveDir }) => ({
      path: 'yoga',
      namespace: 'ink',
      pluginData: resolveDir,
    }));
    build.onLoad({ filter: /^yoga$/, namespace: 'ink' }, ({ pluginData }) => ({
      contents:
        "import start from 'yoga-wasm-web/asm'; export * from 'yoga-wasm-web/asm'; export default start();",
      resolveDir: pluginData as string,
    }));
    for (const { file, replace, append } of [withoutTools, withMemory]) {
      build.onLoad({ filter: file }, async ({ path }) => {
        let source = await readFile(path, 'utf8');
        for (const [before, after] of replace) {
          if (source.split(before).length !== 2) throw new Error(`${path} is not as expected: ${before}`);
          source = source.replace(before, after);
        }
        return { contents: source + append };
      });
    }
  },
};

/** Built-in modules that Node does not load for itself at start, and that cost milliseconds each. */
const heavy = [
  'child_process',
  'crypto',
  'dns',
  'dns/promises',
  'http',
  'https',
  'http2',
  'readline',
  'tls',
  'zlib',
];

/** Lets the heavy built-in modules be loaded at their first use instead of at the program's start. */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(build) {
    const require = createRequire(import.meta.url);
    build.onResolve({ filter: new RegExp(`^(node:)?(${heavy.join('|')})$`) }, ({ path, namespace }) =>
      namespace === 'lazy-builtin'
        ? { path, external: true }
        : { path: path.replace(/^node:/, ''), namespace: 'lazy-builtin' },
    );
    build.onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, ({ path }) => {
      const names = Object.keys(require(path) as object);
      const getters = names.map(
        name => `get ${JSON.stringify(name)}() { return load()[${JSON.stringify(name)}]; }`,
      );
      return {
        contents: `const load = () => require(${JSON.stringify(`node:${path}`)});\nmodule.exports = {\n${getters.join(',\n')}\n};`,
      };
    });
  },
};
