import { describe, expect, it } from 'vitest';
import { EntryNames, entryNames } from './entries';

const journal = (...entries: readonly object[]): string =>
  entries.map(entry => `${JSON.stringify({ v: 1, run: 'r', ...entry })}\n`).join('');

const wait = { kind: 'await', title: 'wait until it is healthy' };
const swap = { kind: 'run', title: 'swap it' };
const started = (index: number, change: object): object => ({
  type: 'change-started',
  step: 'etcd',
  index,
  change,
});
const finished = (index: number): object => ({ type: 'change-finished', step: 'etcd', index, ms: 1 });

describe('the names of entries', () => {
  it('are the same where a run goes on from the middle of a step', () => {
    const whole = entryNames(
      journal(
        { type: 'step-planned', step: 'etcd', changes: [wait, swap, wait] },
        ...[started(0, wait), finished(0), started(1, swap), finished(1), started(2, wait), finished(2)],
      ),
    );
    const rest = entryNames(
      journal(
        { type: 'step-planned', step: 'etcd', changes: [swap, wait] },
        ...[started(0, swap), finished(0), started(1, wait), finished(1)],
      ),
    );
    expect(whole).toEqual([
      'step-planned etcd',
      'change-started etcd: wait until it is healthy (1 more to come)',
      'change-finished etcd: wait until it is healthy (1 more to come)',
      ...rest.slice(1),
    ]);
    expect(rest).toContain('change-finished etcd: wait until it is healthy');
  });

  it('do not tell the time, and leave out what was only seen', () => {
    const names = entryNames(
      journal(
        { type: 'run-started' },
        started(0, { title: 'Save etcd to /x/20261125T174131Z-before-master2.db' }),
        { type: 'wait-started', step: 'etcd', title: 'it answers' },
        { type: 'output', step: 'etcd', line: 'hello' },
        { type: 'member', member: {} },
      ),
    );
    const title = 'Save etcd to /x/[time]-before-master2.db';
    expect(names).toEqual(['run-started', `change-started etcd: ${title}`, `wait-started etcd: ${title}`]);
  });

  it('of lines of output only the told ones have, in their step and from their beginning', () => {
    const names = new EntryNames(['output kubeadm-init: [kubeconfig] Writing']);
    const output = (step: string, line: string): string | undefined =>
      names.name(JSON.stringify({ type: 'output', step, line }));
    expect(output('kubeadm-init', '[kubeconfig] Writing "admin.conf" kubeconfig file')).toBe(
      'output kubeadm-init: [kubeconfig] Writing',
    );
    expect(output('kubeadm-init', 'it says [kubeconfig] Writing')).toBeUndefined();
    expect(output('packages', '[kubeconfig] Writing')).toBeUndefined();
  });

  it('are of whole lines', () => {
    expect(entryNames('{"type":"run-started"}\n{"type":"run-fin')).toEqual(['run-started']);
  });
});
