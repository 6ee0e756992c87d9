import { describe, expect, it } from 'vitest';
import { cells } from '../../source/screens/terminal/cells';
import { paint, type Painted } from '../../source/screens/terminal/painter';
import { VirtualTerminal } from './support/virtual-terminal';

const SIZE = { columns: 30, rows: 6 };

/** A terminal that shows what the painter writes, frame after frame. */
function shown() {
  const terminal = new VirtualTerminal(SIZE.columns, SIZE.rows);
  terminal.write('\x1b[?1049h');
  let painted: Painted | undefined;
  return {
    terminal,
    draw: (frame: string): string => {
      const result = paint(painted, frame, SIZE);
      painted = result.painted;
      terminal.write(result.codes);
      return result.codes;
    },
  };
}

/** Pseudo-random but the same each time. */
function chooser(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

const PIECES = [
  'a',
  'kubelet',
  ' ',
  '     ',
  '✔',
  '…',
  '日本',
  '\x1b[32mok\x1b[39m',
  '\x1b[1m\x1b[31mx\x1b[39m bold\x1b[22m',
  '0:04',
  '─',
];

describe('the painter', () => {
  it('turns any frame into any other, styles included', () => {
    const choose = chooser(7);
    const { terminal, draw } = shown();
    for (let round = 0; round < 400; round++) {
      const frame = Array.from({ length: choose(SIZE.rows) }, () =>
        Array.from({ length: choose(7) }, () => PIECES[choose(PIECES.length)] ?? '').join(''),
      ).join('\n');
      draw(frame);
      const wanted = Array.from({ length: SIZE.rows }, (_, row) =>
        cells(frame.split('\n')[row] ?? '', SIZE.columns),
      );
      const found = wanted.map((_, row) =>
        terminal.styled(row).flatMap(({ text, style }) => Array.from(text).map(() => style)),
      );
      expect(terminal.lines).toEqual(
        wanted.map(row =>
          row
            .map(({ character }) => character)
            .join('')
            .trimEnd(),
        ),
      );
      expect(found).toEqual(
        wanted.map(row => row.filter(({ character }) => character !== '').map(({ style }) => style)),
      );
    }
  });

  it('writes nothing for an equal frame', () => {
    const { draw } = shown();
    draw('one\ntwo');
    expect(draw('one\ntwo')).toBe('');
  });

  it('writes only the figure that moved on', () => {
    const { draw } = shown();
    draw('Prepare host          0:04\netcd');
    expect(draw('Prepare host          0:05\netcd')).toBe('\x1b[1;26H5');
  });

  it('clears the end of a line with one code', () => {
    const { draw } = shown();
    draw('a long line of some output');
    expect(draw('a')).toBe('\x1b[1;3H\x1b[K');
  });

  it('paints everything anew after a change of size', () => {
    const { painted } = paint(undefined, 'one', SIZE);
    expect(paint(painted, 'one', { columns: 31, rows: 6 }).codes).toBe('\x1b[m\x1b[H\x1b[2J\x1b[1;1Hone');
  });
});
