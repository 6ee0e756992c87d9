import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { patiently, slowness, SLOWNESS } from './patience';
import { inOrder, SCENARIOS } from './scenarios/order';

const names = SCENARIOS.flatMap(({ files }) => files);

describe('the order of the scenarios', () => {
  it('has each of them once', () => {
    const present = readdirSync(join(__dirname, 'scenarios'))
      .filter(name => name.endsWith('.test.ts'))
      .map(name => name.replace('.test.ts', ''));
    expect([...names].sort()).toEqual(present.sort());
  });

  it('is kept, with what it does not know behind', () => {
    const paths = ['long/readd', 'recovery', 'hosts', 'three-masters'].map(
      name => `/x/test/lab/scenarios/${name}.test.ts`,
    );
    const sorted = inOrder(paths, path => path).map(path => /scenarios\/(.*)\.test/.exec(path)?.[1]);
    expect(sorted).toEqual(['three-masters', 'recovery', 'hosts', 'long/readd']);
  });
});

describe('patience', () => {
  it.each([
    [undefined, 1],
    ['', 1],
    ['nonsense', 1],
    ['0.5', 1],
    ['2.5', 2.5],
    ['100', 5],
  ])('on a machine whose slowness is %j is %d', (given, expected) => {
    expect(slowness({ [SLOWNESS]: given })).toBe(expected);
  });

  it('multiplies a limit', () => {
    expect(patiently(1000)).toBe(Math.round(1000 * slowness()));
  });
});
