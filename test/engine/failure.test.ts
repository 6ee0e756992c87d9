import { describe, expect, it } from 'vitest';
import { changesOn } from '../../source/changes';
import { Failure } from '../../source/engine/failure';
import { step } from '../../source/engine/step';
import { command, fileStep, markedStep, RunFixture, stage } from './run-fixture';

const file = (path: string, content = 'text') => ({ kind: 'file', path, content, mode: 0o644 }) as const;

/** A gate that opens by hand. */
function gate() {
  let open = () => {
    // Replaced at once.
  };
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  return { opened, open };
}

describe('a failure', () => {
  it('stops what has not begun, lets what runs finish its change, and asks once', async () => {
    const fixture = new RunFixture();
    const slow = gate();
    fixture.host
      .answer('slow', async () => {
        await slow.opened;
        return {};
      })
      .answer('broken', { code: 2, stderr: 'boom' });
    fixture.stream.add(event => {
      if (event.type === 'step-failed') slow.open();
    });
    const outcome = await fixture.run([
      stage(
        markedStep('long', [command('slow'), command('never')]),
        markedStep('bad', [command('broken')]),
        markedStep('later', [command('never')], { after: ['long'] }),
      ),
    ]);
    expect(outcome).toBe('failed');
    expect(fixture.host.executed).toEqual(['slow', 'broken']);
    expect(fixture.order).toContain('change-finished long');
    expect(fixture.questions.map(one => one.choices.map(choice => choice.id))).toEqual([['retry', 'quit']]);
    expect(fixture.of('run-finished')[0]).toMatchObject({
      outcome: 'failed',
      failure: { code: 'command-failed', seen: ['boom'] },
    });
  });

  it('is retried where the answer says so, from the step that failed', async () => {
    const fixture = new RunFixture();
    fixture.answers = ['retry'];
    let tries = 0;
    fixture.host.answer('flaky', (_, host) => {
      tries += 1;
      if (tries > 1) host.put('/done/flaky', '');
      return { code: tries > 1 ? 0 : 1 };
    });
    const stages = [
      stage(fileStep('first', [file('/a')]), markedStep('flaky', [command('flaky')], { after: ['first'] })),
    ];
    expect(await fixture.run(stages)).toBe('succeeded');
    expect(fixture.of('step-started').map(event => event.step)).toEqual(['first', 'flaky', 'flaky']);
    expect(fixture.of('answer')[0]).toMatchObject({ choice: 'retry' });
  });

  it('can go back to an earlier step and all that follows from it', async () => {
    const fixture = new RunFixture();
    let tries = 0;
    fixture.host.answer('init', (_, host) => {
      tries += 1;
      if (tries > 1) host.put('/done/init', '');
      return { code: tries > 1 ? 0 : 1 };
    });
    fixture.ask = question => {
      fixture.host.put('/a', 'spoilt');
      return Promise.resolve(question.choices.some(one => one.id === 'back:first') ? 'back:first' : 'quit');
    };
    const outcome = await fixture.run([
      stage(
        fileStep('first', [file('/a')]),
        fileStep('aside', [file('/b')]),
        markedStep('init', [command('init')], { after: ['first'] }),
      ),
    ]);
    expect(outcome).toBe('succeeded');
    expect(fixture.host.text('/a')).toBe('text');
    expect(fixture.of('step-started').map(event => event.step)).toEqual([
      'first',
      'aside',
      'init',
      'first',
      'init',
    ]);
  });

  it('tells what diagnosis found, and survives a diagnosis that fails', async () => {
    for (const diagnosed of [true, false]) {
      const fixture = new RunFixture();
      fixture.host.answer('init', { code: 1 });
      const bad = {
        ...markedStep('init', [command('init')]),
        diagnose: () =>
          diagnosed
            ? Promise.resolve({ code: 'image-missing', message: 'why' })
            : Promise.reject(new Error('x')),
      };
      await fixture.run([stage(bad)]);
      expect(fixture.of('step-failed')[0]?.failure.code).toBe(diagnosed ? 'image-missing' : 'command-failed');
    }
  });

  it('of another kind is a bug with its stack, also in a probe', async () => {
    const fixture = new RunFixture();
    const broken = step({
      id: 'b',
      title: 'B',
      after: [],
      probe: () => Promise.reject(new TypeError('oops')),
      plan: () => [],
    });
    expect(await fixture.run([stage(broken)])).toBe('failed');
    const { failure } = fixture.of('step-failed')[0] ?? {};
    expect(failure).toMatchObject({ code: 'bug' });
    expect(failure?.seen?.join('\n')).toContain('failure.test.ts');
  });

  it('of the journal stops the change that it could not record', async () => {
    const fixture = new RunFixture();
    const journal = {
      resumed: false,
      sync: () => Promise.reject(new Failure({ code: 'journal-not-written', message: 'full' })),
    };
    const files = { log: '', journal, note: () => undefined };
    // What a step makes of its programs' failures is no word on this one.
    const one = {
      ...fileStep('a', [file('/a')]),
      diagnose: () => Promise.resolve({ code: 'image-pull-failed', message: 'A disk is full.' }),
    };
    expect(await fixture.run([stage(one)], { files })).toBe('failed');
    expect(fixture.host.changes).toEqual([]);
    expect(fixture.of('step-failed')[0]?.failure).toEqual({ code: 'journal-not-written', message: 'full' });
  });

  it('of the one who is asked counts as the answer that is safe', async () => {
    const fixture = new RunFixture();
    fixture.host.answer('init', { code: 1 });
    fixture.ask = () => Promise.reject(new Error('screen is gone'));
    expect(await fixture.run([stage(markedStep('init', [command('init')]))])).toBe('failed');
    expect(fixture.of('answer')[0]).toMatchObject({ choice: 'quit' });
  });
});

describe('interruption', () => {
  it('finishes the change that runs, begins no other, and says so', async () => {
    const fixture = new RunFixture();
    fixture.host.answer('init', () => {
      fixture.abort.abort();
      return {};
    });
    const outcome = await fixture.run([stage(markedStep('init', [command('init'), command('never')]))]);
    expect(outcome).toBe('interrupted');
    expect(fixture.host.executed).toEqual(['init']);
    expect(fixture.of('change-finished')).toHaveLength(1);
    expect(fixture.questions).toEqual([]);
    expect(fixture.of('run-finished')[0]?.outcome).toBe('interrupted');
  });

  it('goes on where it was when run again', async () => {
    const fixture = new RunFixture();
    const stages = [stage(fileStep('files', [file('/a'), file('/b')]))];
    fixture.stream.add(event => {
      if (event.type === 'change-finished') fixture.abort.abort();
    });
    expect(await fixture.run(stages)).toBe('interrupted');
    expect(fixture.host.changes.map(call => call.what)).toEqual(['/a']);
    expect(await fixture.run(stages, { signal: new AbortController().signal })).toBe('succeeded');
    expect(fixture.host.changes.map(call => call.what)).toEqual(['/a', '/b']);
  });

  it('stops a wait at once, and ends an open question', async () => {
    const fixture = new RunFixture();
    const wait = {
      kind: 'await',
      condition: { kind: 'command', title: 'it is up', command: { file: 'up', args: [] } },
      timeoutMs: 600_000,
    } as const;
    fixture.host.answer('up', { code: 1 });
    fixture.stream.add(event => {
      if (event.type === 'wait-progress') fixture.abort.abort();
    });
    expect(await fixture.run([stage(markedStep('wait', [wait]))])).toBe('interrupted');
    expect(fixture.clock.elapsed()).toBeLessThan(10_000);

    const asking = new RunFixture();
    asking.host.answer('init', { code: 1 });
    asking.ask = () => {
      asking.abort.abort();
      return new Promise(() => undefined);
    };
    expect(await asking.run([stage(markedStep('init', [command('init')]))])).toBe('interrupted');
  });

  it('at any change leaves what a second run completes', async () => {
    const wanted = ['/a', '/b', '/c', '/d'];
    const stages = [
      stage(fileStep('one', [file('/a'), file('/b')]), fileStep('two', [file('/c'), file('/d')], ['one'])),
    ];
    for (let killed = 0; killed < wanted.length; killed += 1) {
      const fixture = new RunFixture();
      const changes = changesOn(fixture.host);
      let count = 0;
      const dying = {
        ...changes,
        perform: (...asked: Parameters<typeof changes.perform>) =>
          count++ === killed ? Promise.reject(new Error('killed')) : changes.perform(...asked),
      };
      expect(await fixture.run(stages, { changes: dying })).toBe('failed');
      expect(await fixture.run(stages)).toBe('succeeded');
      expect(fixture.host.changes.map(call => call.what)).toEqual(wanted);
    }
  });
});
