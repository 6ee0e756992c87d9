import { Box, Text } from 'ink';
import { cleanup, render } from 'ink-testing-library';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Frame } from '../../source/screens/frame/frame';
import { Line } from '../../source/screens/frame/line';
import { Lines } from '../../source/screens/frame/lines';
import { plain } from '../../source/screens/frame/rows';
import { List } from '../../source/screens/list/list';
import { renderWithKeys } from './support/list-input';

afterEach(cleanup);

describe('a line', () => {
  it('that is too long is cut, and never takes a second one', () => {
    const { lastFrame } = render(
      <Box width={12}>
        <Line row={[{ text: 'write ' }, { text: '/etc/sysconfig', bold: true }]} />
      </Box>,
    );
    expect(lastFrame()).toBe('write /etc/…');
  });
});

describe('lines', () => {
  it('begin where they are scrolled to, end with the room, and keep the empty ones between', () => {
    const rows = [plain('one'), [], plain('three'), plain('four')];
    const { lastFrame, rerender } = render(<Lines rows={rows} height={3} />);
    expect(lastFrame()).toBe('one\n\nthree');
    rerender(<Lines rows={rows} height={3} top={1} />);
    expect(lastFrame()).toBe('\nthree\nfour');
  });
});

describe('a frame', () => {
  const size = { columns: 40, rows: 10 };
  const shown = (keys: readonly (readonly [string, string])[]) =>
    render(
      <Frame size={size} left="left" right="0:14" keys={keys}>
        <Text>{Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\n')}</Text>
      </Frame>,
    )
      .lastFrame()
      ?.split('\n') ?? [];

  it('leaves the last row of the terminal free, however much is in it', () => {
    const lines = shown([['q', 'quit']]);
    expect(lines).toHaveLength(size.rows - 1);
    expect(lines[0]).toBe(` left${' '.repeat(30)}0:14`);
    expect(lines.filter(line => line.startsWith('line'))).toHaveLength(size.rows - 5);
  });

  it('leaves out keys that do not fit, the last ones first', () => {
    const foot = shown([
      ['enter', 'next'],
      ['esc', 'back'],
      ['Ctrl-C', 'quit, nothing is changed'],
    ])[size.rows - 2];
    expect(foot).toBe(' enter next   esc back');
  });
});

describe('a list', () => {
  const texts = ['kubeadm init', 'etcd', 'certificates', 'images', 'packages'];

  function opened(height = 5, marked = 0) {
    const onMark = vi.fn();
    const onChoose = vi.fn();
    const list = (now: number) => (
      <List texts={texts} marked={now} height={height} onMark={onMark} onChoose={onChoose} />
    );
    const instance = renderWithKeys(list(marked));
    onMark.mockImplementation((index: number) => {
      instance.rerender(list(index));
    });
    return { ...instance, onMark, onChoose };
  }

  it('says which line is marked and which is chosen, by its place', async () => {
    const { press, lastFrame, onMark, onChoose } = opened();
    await press('down', 'down', 'enter');
    expect(onMark.mock.calls).toEqual([[1], [2]]);
    expect(onChoose.mock.calls).toEqual([[2]]);
    expect(lastFrame()).toBe('   kubeadm init\n   etcd\n ▸ certificates\n   images\n   packages');
  });

  it('begins at the line that was marked before, and goes on at the other end', async () => {
    const { press, onMark, onChoose } = opened(5, 4);
    await press('down', 'up', 'enter');
    expect(onMark.mock.calls).toEqual([[0], [4]]);
    expect(onChoose.mock.calls).toEqual([[4]]);
  });

  it('that is longer than the room shows the marked line with what is around it', async () => {
    const { press, lastFrame } = opened(3);
    expect(lastFrame()).toBe(' ▸ kubeadm init\n   etcd\n   certificates');
    await press('down', 'down', 'down');
    expect(lastFrame()).toBe('   certificates\n ▸ images\n   packages');
    await press('down', 'down');
    expect(lastFrame()).toBe(' ▸ kubeadm init\n   etcd\n   certificates');
  });
});
