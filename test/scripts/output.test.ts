import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/layout';
import { ink } from '../../scripts/plugins';

interface Output {
  write(x: number, y: number, text: string, options: { readonly transformers: readonly [] }): void;
  get(): { readonly output: string; readonly height: number };
}

type OutputClass = new (size: { readonly width: number; readonly height: number }) => Output;

const path = join(root, 'node_modules', 'ink', 'build', 'output.js');

/** Ink's class that puts a frame together, as it is or as the program has it. */
async function outputClass(plugins: readonly (typeof ink)[]): Promise<OutputClass> {
  const stdin = { contents: `export { default } from ${JSON.stringify(path)}`, resolveDir: dirname(path) };
  const built = await build({ stdin, bundle: true, write: false, format: 'cjs', plugins: [...plugins] });
  const module = { exports: {} as { readonly default: OutputClass } };
  const code = `(function (module, require) { ${built.outputFiles[0]?.text ?? ''}\n})`;
  (runInThisContext(code) as (...parts: unknown[]) => void)(module, createRequire(import.meta.url));
  return module.exports.default;
}

type Write = readonly [x: number, y: number, text: string];

function frame(Class: OutputClass, writes: readonly Write[]): string {
  const output = new Class({ width: 20, height: 4 });
  for (const [x, y, text] of writes) output.write(x, y, text, { transformers: [] });
  return output.get().output;
}

/** One after the other, as a run draws them: unchanged, changed in one cell, in a colour alone, wide, overlapping, gone. */
const frames: readonly (readonly Write[])[] = [
  [
    [0, 0, 'Waiting, 1 s'],
    [2, 1, '\x1b[32m✔ done\x1b[39m'],
  ],
  [
    [0, 0, 'Waiting, 1 s'],
    [2, 1, '\x1b[32m✔ done\x1b[39m'],
  ],
  [
    [0, 0, 'Waiting, 2 s'],
    [2, 1, '\x1b[31m✔ done\x1b[39m'],
  ],
  [
    [0, 0, 'Waiting, 2 s'],
    [2, 1, '\x1b[31m✔ done\x1b[39m'],
    [5, 1, '│'],
    [0, 2, '一二 \x1b[1mthree\x1b[22m'],
  ],
  [
    [1, 0, 'Waiting, 2 s'],
    [0, 2, '一二 \x1b[1mthree\x1b[22m'],
    [0, 3, 'two\nlines'],
  ],
  [[0, 3, '一二 \x1b[1mthree\x1b[22m']],
  [],
];

describe('the frames of the program', () => {
  it('are those of Ink, though what was seen before is remembered', async () => {
    const [ours, theirs] = await Promise.all([outputClass([ink]), outputClass([])]);
    expect(String(ours)).not.toBe(String(theirs));
    for (const writes of frames) expect(frame(ours, writes)).toBe(frame(theirs, writes));
    expect(frame(ours, frames[2] ?? [])).toContain('\x1b[31m');
  });
});
