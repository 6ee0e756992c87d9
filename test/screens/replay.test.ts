import { EventEmitter } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Event } from '../../source/engine/event';
import { openReplay } from '../../source/screens/replay/open';
import { stream } from './support/fake-installer';
import { Keyboard, NAMED } from './support/opened';
import { VirtualTerminal } from './support/virtual-terminal';

/** A replay on a virtual terminal, with a clock that moves when the test says so. */
class Replayed {
  readonly terminal: VirtualTerminal;
  readonly keyboard = new Keyboard();
  readonly ended: Promise<number>;
  now = 0;

  constructor(
    events: readonly Event[],
    {
      columns = 80,
      rows = 24,
      ...how
    }: { columns?: number; rows?: number; speed?: number; playing?: boolean; leftOut?: number } = {},
  ) {
    const outside = new AbortController();
    this.terminal = new VirtualTerminal(columns, rows);
    this.ended = openReplay({
      events,
      leftOut: 0,
      product: 'kube-el7-install 0.1.0',
      speed: 1,
      playing: false,
      ...how,
      signal: outside.signal,
      clock: () => this.now,
      ports: {
        input: this.keyboard,
        output: this.terminal,
        env: { LANG: 'en_US.UTF-8', TERM: 'xterm', NO_COLOR: '1' },
        program: new EventEmitter(),
      },
    });
    onTestFinished(() => {
      outside.abort();
    });
  }

  press(...keys: readonly string[]): this {
    for (const key of keys) this.keyboard.emit('data', NAMED[key] ?? key);
    return this;
  }

  get frame(): string {
    return this.terminal.text;
  }

  async sees(text: string | RegExp): Promise<this> {
    const shown = () => (typeof text === 'string' ? this.frame.includes(text) : text.test(this.frame));
    try {
      await vi.waitUntil(shown, { timeout: 30_000, interval: 5 });
    } catch {
      expect.fail(`never came, the last frame is\n${this.frame}`);
    }
    return this;
  }
}

function event(second: number, body: Record<string, unknown>): Event {
  const time = new Date(Date.UTC(2026, 2, 2, 3, 0, second)).toISOString();
  return { v: 1, seq: second + 1, time, run: 'r', ...body } as never;
}

const [started = event(0, {})] = stream('succeeded');

describe.each([
  [80, 24],
  [120, 40],
])('at %i by %i', (columns, rows) => {
  const file = (name: string) => `frames/replay-${name}-${columns}x${rows}.txt`;

  it('a recorded run goes on event by event, to its summary', async () => {
    const replayed = await new Replayed(stream('several-masters'), { columns, rows }).sees('paused');
    replayed.press(...Array.from({ length: 80 }, () => 'right'));
    await replayed.sees(/\d\d\d\/\d+/);
    await expect(replayed.frame).toMatchFileSnapshot(file('step'));
    replayed.press('?');
    await replayed.sees('Keys of the replay');
    await expect(replayed.frame).toMatchFileSnapshot(file('help'));
    replayed.press('x', 'end');
    await replayed.sees('Kubernetes is up');
    await expect(replayed.frame).toMatchFileSnapshot(file('summary'));
    replayed.press('q');
    expect(await replayed.ended).toBe(stream('several-masters').length);
    expect(replayed.terminal.alternate).toBe(false);
  });

  it('a failed run ends on its failure, from which nothing can be retried', async () => {
    const replayed = await new Replayed(stream('failed'), { columns, rows, leftOut: 3 }).sees('paused');
    replayed.press('end');
    await replayed.sees('Cause');
    await expect(replayed.frame).toMatchFileSnapshot(file('failure'));
    const before = replayed.frame;
    replayed.press('r', 'b', 'y', 'enter', 's', 'l');
    await replayed.sees('newest');
    replayed.press('escape');
    await replayed.sees('Cause');
    expect(replayed.frame).toBe(before);
  });
});

describe('playing', () => {
  const two = [started, event(10, { type: 'step-started', step: 'a' }), event(100, { type: 'hello' })];

  it('takes the time that it took, and shows a long pause as shortened', async () => {
    const replayed = await new Replayed(two, { playing: true }).sees('1/3');
    await replayed.sees('pause of 0:10 shortened');
    replayed.now = 2900;
    await replayed.sees('0:02');
    expect(replayed.frame).toContain('1/3');
    replayed.now = 3100;
    await replayed.sees('2/3');
    await replayed.sees('pause of 1:30 shortened');
    replayed.now = 6100;
    await replayed.sees('the record ends here');
    expect(replayed.frame).toContain('3/3');
  });

  it('goes as fast as was asked for, and pauses', async () => {
    const replayed = await new Replayed(two, { playing: true, speed: 5 }).sees('×5');
    expect(replayed.frame).not.toContain('shortened');
    replayed.now = 1000;
    await replayed.sees('0:05');
    replayed.press(' ');
    await replayed.sees('paused');
    replayed.now = 100_000;
    replayed.press('+');
    await replayed.sees('1/3');
    expect(replayed.frame).toContain('0:05');
    replayed.press(' ');
    await replayed.sees('×10');
    replayed.press('-', '-');
    await replayed.sees('×2');
    replayed.press('home', 'left');
    await replayed.sees('1/3');
    replayed.press('right', 'right', 'right');
    await replayed.sees('3/3');
    replayed.press('left');
    await replayed.sees('2/3');
  });
});
