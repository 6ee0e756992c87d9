import { plain, type Row } from '../frame/rows';
import type { RunState } from '../state/run-types';
import { clock } from '../state/units';
import { wrap } from '../terminal/width';

const WHY =
  'An earlier run was killed or cut off while programs that it had started were at work. They are left to come to their end, since cutting them short would leave more to mend; what takes too long is ended. Then this run begins by itself and does the rest. Nothing is to be done here.';

/** What fills a run's body until its stages are known: what is awaited before anything is begun, whole, and why. */
export function beforeRows({ before }: RunState, now: number, columns: number): readonly Row[] {
  if (before === undefined) {
    return [plain(' Nothing has begun yet')];
  }
  const { title, since, timeoutMs } = before;
  const so = `for ${clock(Math.max(0, now - since))} now, at most ${clock(timeoutMs)}`;
  return [
    [
      { text: ' ● ', tone: 'accent' },
      { text: `Before anything is begun: waiting ${so}, until`, bold: true },
    ],
    ...wrap(title, columns - 4).map(text => plain(`   ${text}`)),
    [],
    ...wrap(WHY, columns - 4).map(text => plain(`   ${text}`)),
  ];
}
