import { describe, expect, it } from 'vitest';
import type { Change } from '../../source/engine/change';
import { markedStep, RunFixture, stage } from './run-fixture';

const promote: Change = {
  kind: 'run',
  title: 'Promote',
  command: { file: 'promote', args: [] },
  timeoutMs: 1000,
  again: { while: 'in sync with leader', withinMs: 30_000 },
};

/** A run of one step whose command is refused so many times with these words. */
function refusedRun(times: number, stderr: string) {
  const fixture = new RunFixture();
  let tries = 0;
  fixture.host.answer('promote', (_, host) => {
    tries += 1;
    if (tries <= times) return { code: 1, stderr };
    host.put('/done/promote', '');
    return {};
  });
  return fixture;
}

describe('a command that is run again', () => {
  it('is tried every second until it is accepted, and says what it was refused with once', async () => {
    const fixture = refusedRun(7, 'Error: can only promote a learner in sync with leader\n');
    expect(await fixture.run([stage(markedStep('promote', [promote]))])).toBe('succeeded');
    expect(fixture.host.executed).toHaveLength(8);
    expect(fixture.clock.elapsed()).toBe(7000);
    expect(fixture.of('output').map(event => event.line)).toEqual([
      'Error: can only promote a learner in sync with leader',
      'still refused after 5 s, tried for 30 s',
    ]);
    expect(fixture.of('change-started')).toHaveLength(1);
    expect(fixture.notes.filter(note => note.includes('in sync with leader'))).toHaveLength(6);
  });

  it('fails with the last refusal when its time is over', async () => {
    const fixture = refusedRun(1000, 'not in sync with leader\n');
    expect(await fixture.run([stage(markedStep('promote', [promote]))])).toBe('failed');
    expect(fixture.host.executed).toHaveLength(31);
    expect(fixture.of('step-failed')[0]?.failure).toMatchObject({
      code: 'command-failed',
      seen: ['not in sync with leader'],
    });
  });

  it('is not tried again after another error', async () => {
    const fixture = refusedRun(1, 'member not found\n');
    expect(await fixture.run([stage(markedStep('promote', [promote]))])).toBe('failed');
    expect(fixture.host.executed).toHaveLength(1);
  });

  it('ends when the run is interrupted', async () => {
    const fixture = refusedRun(1000, 'not in sync with leader\n');
    fixture.stream.add(event => {
      if (event.type === 'output') fixture.abort.abort();
    });
    expect(await fixture.run([stage(markedStep('promote', [promote]))])).toBe('interrupted');
    expect(fixture.host.executed).toHaveLength(1);
  });
});
