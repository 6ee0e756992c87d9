import { describe, expect, it } from 'vitest';
import { changesOn } from '../../source/changes';
import { plan } from '../../source/engine/engine';
import { step, type Step } from '../../source/engine/step';
import { FakeHost } from '../support/fake-host';
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

describe('a run', () => {
  it('brings about what is wanted, with the intent on disk before each change', async () => {
    const fixture = new RunFixture();
    expect(await fixture.run([stage(fileStep('files', [file('/a'), file('/b')]))])).toBe('succeeded');
    expect(fixture.order).toEqual([
      'run-started',
      'step-started files',
      'step-planned files',
      'change-started files',
      'sync',
      'change-finished files',
      'change-started files',
      'sync',
      'change-finished files',
      'step-finished files',
      'sync',
      'run-finished',
      'sync',
    ]);
    expect(fixture.of('run-finished')[0]).toMatchObject({ outcome: 'succeeded', changed: 1, unchanged: 0 });
    expect(fixture.events.map(event => event.seq)).toEqual(fixture.events.map((_, index) => index + 1));
  });

  it('changes nothing the second time', async () => {
    const fixture = new RunFixture();
    const stages = [stage(fileStep('one', [file('/a')]), fileStep('two', [file('/b')], ['one']))];
    await fixture.run(stages);
    const before = fixture.host.changes.length;
    expect(before).toBe(2);
    expect(await fixture.run(stages)).toBe('succeeded');
    expect(fixture.host.changes).toHaveLength(before);
    expect(fixture.of('run-finished')[1]).toMatchObject({ changed: 0, unchanged: 2 });
  });

  it('of no steps succeeds', async () => {
    expect(await new RunFixture().run([])).toBe('succeeded');
  });

  it('refuses a list of steps that cannot be, before anything is done', async () => {
    const fixture = new RunFixture();
    const refused = (...steps: Parameters<typeof stage>) => expect(fixture.run([stage(...steps)])).rejects;
    await refused(fileStep('a', [], ['ghost'])).toThrow('comes after ghost');
    await refused(fileStep('a', [], ['b']), fileStep('b', [], ['a']), fileStep('c', [])).toThrow('a, b');
    await refused(fileStep('a', []), fileStep('a', [])).toThrow('two steps');
    expect(fixture.events).toEqual([]);
  });

  it('runs independent steps at the same time, and others after those they need', async () => {
    const fixture = new RunFixture();
    const pull = gate();
    fixture.host
      .answer('pull', async (_, host) => {
        await pull.opened;
        host.put('/done/images', '');
        return {};
      })
      .answer('sign', (_, host) => {
        host.put('/done/certificates', '');
        pull.open();
        return {};
      })
      .answer('init', (_, host) => {
        host.put('/done/init', '');
        return {};
      });
    const outcome = await fixture.run([
      stage(
        markedStep('images', [command('pull')]),
        markedStep('certificates', [command('sign')]),
        markedStep('init', [command('init')], { after: ['images', 'certificates'] }),
      ),
    ]);
    // The pull ends only after the signing has begun: in sequence this would never end.
    expect(outcome).toBe('succeeded');
    expect(fixture.host.executed).toEqual(['pull', 'sign', 'init']);
  });

  it('does not begin more steps at once than it may', async () => {
    const fixture = new RunFixture();
    const steps = ['a', 'b', 'c'].map(id => fileStep(id, [file(`/${id}`)]));
    await fixture.run([stage(...steps)], { concurrency: 1 });
    const marks = fixture.order.filter(one => /^step-(started|finished)/.test(one));
    expect(marks).toEqual(['a', 'b', 'c'].flatMap(id => [`step-started ${id}`, `step-finished ${id}`]));
  });
});

describe('a run on several hosts', () => {
  const other = () => new FakeHost({}, 'master2');
  const on = (host: string, one: Step): Step => ({ ...one, host });

  it('does each step on its host, and says in its outline which', async () => {
    const fixture = new RunFixture();
    const master2 = other();
    const hosts = new Map([['master2', { host: master2, changes: changesOn(master2) }]]);
    const stages = [stage(fileStep('here', [file('/a')]), on('master2', fileStep('there', [file('/b')])))];
    const planned = await plan(stages, {
      host: fixture.host,
      changes: changesOn(fixture.host),
      redactor: fixture.redactor,
      hosts,
    });
    expect(planned.map(one => one.changes.length)).toEqual([1, 1]);
    expect(await fixture.run(stages, { hosts })).toBe('succeeded');
    expect([fixture.host.text('/a'), fixture.host.text('/b')]).toEqual(['text', undefined]);
    expect([master2.text('/a'), master2.text('/b')]).toEqual([undefined, 'text']);
    expect(fixture.of('run-started')[0]?.stages[0]?.steps).toEqual([
      { id: 'here', title: 'Write here', after: [] },
      { id: 'there', title: 'Write there', host: 'master2', after: [] },
    ]);
  });

  it('says on which host something failed', async () => {
    const fixture = new RunFixture();
    const master2 = other().answer('init', { code: 1 });
    const hosts = new Map([['master2', { host: master2, changes: changesOn(master2) }]]);
    await fixture.run([stage(on('master2', markedStep('init', [command('init')])))], { hosts });
    expect(fixture.of('step-failed')[0]?.failure.message).toBe(
      'On master2: Run init: init ended with exit code 1.',
    );
  });

  it('refuses a host that it does not know, before anything is done', async () => {
    const fixture = new RunFixture();
    const stages = [stage(fileStep('here', [file('/a')]), on('master3', fileStep('there', [file('/b')])))];
    const { host, redactor } = fixture;
    await expect(fixture.run(stages)).rejects.toThrow('the step there is done on master3');
    await expect(plan(stages, { host, changes: changesOn(host), redactor })).rejects.toThrow('master3');
    expect(fixture.events).toEqual([]);
    expect(host.calls).toEqual([]);
  });
});

describe('verification', () => {
  it('fails a step whose end was not reached, and names what is left', async () => {
    const fixture = new RunFixture();
    fixture.host.answer('init', {});
    expect(await fixture.run([stage(markedStep('init', [command('init')]))])).toBe('failed');
    expect(fixture.of('step-failed')[0]?.failure).toMatchObject({
      code: 'not-verified',
      seen: ['still to do: Run init'],
    });
    expect(fixture.of('step-failed')[0]?.changed).toHaveLength(1);
  });

  it('looks again for a moment where the end is not to be seen at once, and makes nothing twice', async () => {
    const fixture = new RunFixture();
    let looks = 0;
    fixture.host.answer('init', {}).answer('look', () => {
      looks += 1;
      return looks < 4 ? { code: 1 } : {};
    });
    const late = step<boolean>({
      id: 'late',
      title: 'Do what is seen late',
      after: [],
      probe: async host => (await host.query({ file: 'look', args: [] })).code === 0,
      plan: done => (done ? [] : [command('init')]),
    });
    expect(await fixture.run([stage(late)])).toBe('succeeded');
    expect(looks).toBe(4);
    expect(fixture.host.executed).toEqual(['init']);
  });
});

describe('a plan', () => {
  it('shows every change in order and makes none', async () => {
    const fixture = new RunFixture();
    const { host } = fixture;
    const stages = [
      stage(
        fileStep('one', [file('/a', 'l1\nl2\n')]),
        markedStep('two', [command('init')], { after: ['one'] }),
      ),
    ];
    const planned = await plan(stages, { host, changes: changesOn(host), redactor: fixture.redactor });
    expect(planned).toEqual([
      { id: 'one', changes: [{ kind: 'write', title: '/a', detail: ['mode 0644', 'l1', 'l2'] }] },
      { id: 'two', changes: [{ kind: 'run', title: 'Run init', detail: ['init'] }] },
    ]);
    expect(host.changes).toEqual([]);
  });
});
