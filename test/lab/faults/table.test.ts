import { expect, it } from 'vitest';
import { tableOf } from './table';
import type { Made } from './table';

const made: Made = {
  name: 'ssh',
  fault: 'ssh dropped',
  product: 'abc, bundle 123',
  at: '2026-11-25T20:00:00Z',
  ms: 200_000,
  survived: true,
  times: 12,
  starts: 13,
  failures: 0,
  missed: [],
  detail: [],
  note: 'in 12 of 12 stages',
};

it('the table says what was tried, what was missed, and what was not survived with what was seen', () => {
  const lost = {
    ...made,
    fault: 'power cut',
    survived: false,
    failures: 2,
    missed: ['verify'],
    detail: ['a | b', 'two\nlines'],
  };
  const table = tableOf([made, lost]);
  expect(table).toContain('| ssh dropped | 12 | 13 | yes | in 12 of 12 stages | abc |');
  expect(table).toContain(
    '| power cut | 12 | 13, of which 2 failed | **no** | in 12 of 12 stages; not tried: verify | abc |',
  );
  expect(table).toContain('**power cut**: a \\| b; two lines');
  expect(tableOf([made])).toContain('Nothing was tried that was not survived.');
});
