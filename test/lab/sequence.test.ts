import { expect, test } from 'vitest';
import { inSequence } from './sequence';

const sorted = (...names: string[]): string[] =>
  inSequence(
    names.map(name => `/lab/scenarios/${name}.test.ts`),
    path => path,
  ).map(path => path.replace(/^.*\/|\.test\.ts$/g, ''));

test('what goes on with three masters comes right after what raises them, from wherever it was', () => {
  expect(sorted('recovery', 'hosts', 'three-masters', 'undo')).toEqual([
    'hosts',
    'three-masters',
    'recovery',
    'undo',
  ]);
  expect(sorted('three-masters', 'hosts', 'recovery')).toEqual(['three-masters', 'recovery', 'hosts']);
});

test('alone it keeps its place', () => {
  expect(sorted('hosts', 'recovery')).toEqual(['hosts', 'recovery']);
});
