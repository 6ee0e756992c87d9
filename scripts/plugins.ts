import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

const DEVTOOLS = "await import('./devtools.js');";

/**
 * Makes Ink 4 fit for one CommonJS file: its layout engine without top-level await (the asm.js build, which starts in
 * less CPU than compiling the WebAssembly one), and without the bridge to React's developer tools.
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
    build.onLoad({ filter: /\/ink\/build\/reconciler\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes(DEVTOOLS))
        throw new Error(`${path}: no longer imports its developer tools as expected`);
      return { contents: source.replace(DEVTOOLS, '') };
    });
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
