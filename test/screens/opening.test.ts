import { expect, it, vi } from 'vitest';
import { show } from '../../source/screens/app';
import { Session } from '../../source/screens/session/session';
import { paint } from '../../source/screens/terminal/painter';
import { Terminal } from '../../source/screens/terminal/terminal';
import { openingFrame } from '../../source/screens/wizard/opening';
import { FakeInstaller } from './support/fake-installer';

// Ink's colours are decided when it is loaded, and there is no terminal here.
vi.hoisted(() => {
  process.env['FORCE_COLOR'] = '1';
});

it.each([
  [80, 24, true],
  [80, 24, false],
  [120, 40, true],
])(
  'the frame before Ink is there is the one that Ink draws: %i by %i, colour %s',
  (columns, rows, colour) => {
    const size = { columns, rows };
    const session = new Session({
      installer: new FakeInstaller(),
      product: 'kube-el7-install 0.1.0',
      savePlan: () => Promise.reject(new Error('not asked for')),
      size,
      clock: () => 0,
    });
    const frames: string[] = [];
    const terminal = { size, colour, draw: (frame: string) => frames.push(frame) };
    const app = show(session, terminal as unknown as Terminal);
    app.close();
    const opening = openingFrame(session.state, colour);
    expect(opening).toContain('KUBE_VERSION');
    expect(paint(paint(undefined, opening ?? '', size).painted, frames[0] ?? '', size).codes).toBe('');
  },
);

it('a terminal that is too small gets no frame before Ink', () => {
  const session = new Session({
    installer: new FakeInstaller(),
    product: 'p',
    savePlan: () => Promise.reject(new Error('not asked for')),
    size: { columns: 79, rows: 24 },
    clock: () => 0,
  });
  expect(openingFrame(session.state, true)).toBeUndefined();
});
