import { describe, expect, it } from 'vitest';
import { nextKey, runScreen } from './terminal';
import { whileWaiting } from './waiting';

describe('what waiting costs', () => {
  it('is counted between two looks that both found it waiting, and nowhere else', () => {
    const sample = (seconds: number, bytes: number, cpu: number, waiting: boolean) => ({
      seconds,
      bytes,
      cpu,
      waiting,
    });
    const cost = whileWaiting([
      sample(0, 0, 0, false),
      sample(1, 5000, 500, true),
      sample(2, 5100, 505, true),
      sample(4, 5400, 525, true),
      sample(5, 9000, 900, false),
      sample(6, 9100, 910, true),
    ]);
    expect(cost).toEqual({ seconds: 3, bytesPerSecond: 400 / 3, cpuPercent: 25 / 10 / 3 });
  });
});

describe('the screens, as they are gone through', () => {
  it('get the key that their foot names, once what they ask has been answered', () => {
    expect(nextKey(' ▸ DOCKER_REGISTRY   r:5000\n enter next   esc back')).toBe('Enter');
    expect(nextKey(' · asking the registry …\n enter next   esc back')).toBeUndefined();
    expect(nextKey(' enter open   y run it   b back')).toBe('y');
    expect(nextKey(' b back to the questions   q quit')).toBeUndefined();
  });

  it('are told apart by their foot', () => {
    expect(runScreen(' Waiting until the node is Ready, 4 s\n\n ↑↓ stage   ? help   Ctrl-C stop\n')).toBe(
      'waiting',
    );
    expect(runScreen(' Now: Pull images\n ↑↓ stage   ? help   Ctrl-C stop')).toBe('running');
    expect(runScreen(' r retry from here   q quit')).toBe('failed');
    expect(runScreen(' master1 Ready\n q quit   l log\n')).toBe('summary');
    expect(runScreen(' r check again   b back   q quit')).toBeUndefined();
  });
});
