import { defineConfig } from 'vitest/config';
import { patiently } from './test/lab/patience';
import { Sequence } from './test/lab/sequence';

const lab = {
  globalSetup: ['test/lab/scenarios/setup.ts'],
  pool: 'forks' as const,
  poolOptions: { forks: { singleFork: true } },
  testTimeout: patiently(20 * 60 * 1000),
  hookTimeout: patiently(30 * 60 * 1000),
};

export default defineConfig({
  test: {
    minWorkers: 1,
    maxWorkers: 2,
    sequence: { sequencer: Sequence },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/lab/scenarios/**', 'test/package/**'],
          environment: 'node',
          env: { NO_COLOR: '1' },
          // Against hangs only: a busy machine takes seconds to make a key or to start a process.
          testTimeout: patiently(60_000),
          hookTimeout: patiently(60_000),
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          pool: 'forks' as const,
          poolOptions: { forks: { singleFork: true } },
          testTimeout: patiently(60 * 1000),
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/scenarios/*.test.ts'],
          ...lab,
        },
      },
      {
        test: {
          name: 'lab-long',
          include: ['test/lab/scenarios/long/*.test.ts'],
          ...lab,
        },
      },
    ],
  },
});
