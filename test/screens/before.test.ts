import { describe, expect, it } from 'vitest';
import type { Event, EventBody } from '../../source/engine/event';
import { applyEvent } from '../../source/screens/state/run';
import { EMPTY_RUN } from '../../source/screens/state/run-types';
import { waits } from '../../source/screens/state/stage';
import { FakeInstaller, stream } from './support/fake-installer';
import { atPlan } from './support/opened';

const STEP = 'interrupted-run';
const TITLE =
  'what an interrupted run had started has ended: kubeadm init --config=/var/lib/kube-el7-install/kubead, docker pull 10.160.24.5:5000/coredns:1.7.0';

function event(seq: number, second: number, body: EventBody): Event {
  return { v: 1, seq, time: `2026-03-02T02:59:${second}.000Z`, run: 'succeeded', ...body };
}

const started = event(1, 10, { type: 'wait-started', step: STEP, title: TITLE, timeoutMs: 360_000 });
const progress = event(2, 52, {
  type: 'wait-progress',
  step: STEP,
  title: TITLE,
  elapsedMs: 42_000,
  lastError: 'one is still at work',
});
const finished = event(3, 55, { type: 'wait-finished', step: STEP, title: TITLE, ms: 45_000 });

describe('programs of an interrupted run', () => {
  it('are what is waited for until they have ended or the run begins', () => {
    const waiting = [started, progress].reduce(applyEvent, EMPTY_RUN);
    expect(waits(waiting)[0]).toEqual({
      title: TITLE,
      since: Date.parse(started.time),
      timeoutMs: 360_000,
      lastError: 'one is still at work',
    });
    expect(waits(applyEvent(waiting, finished))).toEqual([]);
    const [begun] = stream('succeeded');
    expect(waits(applyEvent(waiting, begun as Event))).toEqual([]);
  });

  it.each([
    [80, 24],
    [120, 40],
  ])('are named on the run screen with how long they may take, at %i by %i', async (columns, rows) => {
    const installer = new FakeInstaller();
    const screens = await atPlan({ installer, columns, rows });
    let listen: (event: Event) => void = () => undefined;
    installer.run = (_settings, { listener }) => {
      listen = listener;
      return new Promise(() => undefined);
    };
    screens.press('y');
    await screens.sees('Getting ready');
    listen(started);
    await screens.sees('kubeadm init');
    await expect(screens.frame).toMatchFileSnapshot(`frames/before-${columns}x${rows}.txt`);
    screens.press('down', 'up', 'enter');
    listen(finished);
    stream('succeeded').slice(0, 12).forEach(listen);
    await screens.sees('▸● Prepare host');
    expect(screens.frame).not.toContain('interrupted');
  });
});
