import { describe, expect, it } from 'vitest';
import { isMet, median, ratio, table, type Figure } from './figures';

const startUp: Figure = {
  title: 'CPU to the first screen',
  unit: 'ms',
  ours: [90, 110, 100],
  anchor: { title: 'node -e 0', values: [50, 40, 45, 55] },
  goal: { kind: 'ratio', most: 3 },
};

describe('figures', () => {
  it('have the middle value as their median', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('compare medians with the anchor', () => {
    expect(ratio(startUp)).toBeCloseTo(100 / 47.5);
    expect(isMet(startUp)).toBe(true);
    expect(isMet({ ...startUp, goal: { kind: 'ratio', most: 2 } })).toBe(false);
  });

  it('are not met where nothing was measured', () => {
    expect(isMet({ title: 'memory', unit: 'MiB', ours: [], goal: { kind: 'value', most: 110 } })).toBe(false);
    expect(isMet({ title: 'memory', unit: 'MiB', ours: [110], goal: { kind: 'value', most: 110 } })).toBe(
      true,
    );
  });

  it('are shown with median, range, count and whether the goal is met', () => {
    const lines = table([
      startUp,
      { title: 'memory', unit: 'MiB', ours: [140], goal: { kind: 'value', most: 110 } },
    ]);
    const [, first, second] = lines.split('\n');
    expect(first).toContain('100 ms (90.0–110, n=3)');
    expect(first).toContain('node -e 0: 47.5 ms (40.0–55.0, n=4)');
    expect(first).toMatch(/2\.11\s+≤ 3 times\s+yes$/);
    expect(second).toMatch(/140 MiB \(140–140, n=1\)\s+≤ 110 MiB\s+NO$/);
  });
});
