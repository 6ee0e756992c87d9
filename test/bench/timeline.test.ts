import { expect, it } from 'vitest';
import { timeline } from './timeline';

it('tells when each step worked, and leaves out those that took no time', () => {
  const line = (second: number, type: string, step?: string): string =>
    JSON.stringify({ time: new Date(second * 1000).toISOString(), type, step });
  const output = [
    line(100, 'run-started'),
    line(101, 'step-started', 'etcd'),
    line(101, 'step-started', 'sysctls'),
    line(101.1, 'step-finished', 'sysctls'),
    line(104.5, 'step-finished', 'etcd'),
    '',
  ].join('\n');
  expect(timeline(output)).toBe('   1.0 –   4.5    3.5 s  etcd');
});
