import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { program } from '../../scripts/layout';
import { nodeRuntime } from '../../scripts/runtimes';
import { inTemporaryFolder } from './installed';

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

/** The wrapped modules of the program, by path, with how often each was evaluated: from V8's own counts. */
async function evaluations(words: readonly string[]): Promise<Map<string, number>> {
  const node = join(await nodeRuntime('16.20.2'), 'bin', 'node');
  return inTemporaryFolder(async folder => {
    await execa(node, [program, ...words], {
      env: { NODE_V8_COVERAGE: folder },
      reject: false,
      stdin: 'ignore',
    });
    const [report = ''] = await readdir(folder);
    const coverage = JSON.parse(await readFile(join(folder, report), 'utf8')) as Coverage;
    const functions = coverage.result.find(({ url }) => url.endsWith(program))?.functions ?? [];
    return new Map(
      functions
        .filter(({ functionName }) => /\.(js|tsx?|cjs|mjs)$/.test(functionName))
        .map(({ functionName, ranges }) => [functionName, ranges[0]?.count ?? 0]),
    );
  });
}

const drawingOrKeys = /node_modules\/(ink|react|react-reconciler|yoga-wasm-web|node-forge)\//;

describe('a start without screens', () => {
  it.each([
    [['--version']],
    [['--help']],
    [['plan', '--vip', 'nonsense']],
    [['--yes', '--vip', 'nonsense']],
    [['status']],
    [['engine', '/nowhere/request']],
  ])('%j evaluates nothing that draws, and no cryptography', async words => {
    const modules = await evaluations(words);
    const guarded = [...modules].filter(([path]) => drawingOrKeys.test(path));
    expect(guarded.length).toBeGreaterThan(20);
    expect(guarded.filter(([, count]) => count > 0).map(([path]) => path)).toEqual([]);
  });
});
