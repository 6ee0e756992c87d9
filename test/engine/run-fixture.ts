import { changesOn } from '../../source/changes';
import { difference, observe, type Desired } from '../../source/changes/desired';
import type { Change } from '../../source/engine/change';
import { run, type RunOptions } from '../../source/engine/engine';
import type { Ask, Event, Question } from '../../source/engine/event';
import { EventStream } from '../../source/engine/events';
import { Redactor } from '../../source/engine/redact';
import { step, type Stage, type Step } from '../../source/engine/step';
import { FakeClock } from '../support/fake-clock';
import { FakeHost } from '../support/fake-host';

/** A step whose end is a list of files. */
export function fileStep(id: string, desired: readonly Desired[], after: readonly string[] = []): Step {
  return step({
    id,
    title: `Write ${id}`,
    after,
    probe: host => observe(host, desired),
    plan: observed => difference(desired, observed),
  });
}

/** A step that runs these changes until its mark is on the host. */
export function markedStep(
  id: string,
  changes: readonly Change[],
  options: { after?: readonly string[]; mark?: string } = {},
): Step {
  return step({
    id,
    title: `Do ${id}`,
    after: options.after ?? [],
    probe: async host => (await host.read(options.mark ?? `/done/${id}`)) !== undefined,
    plan: done => (done ? [] : changes),
  });
}

export function command(name: string): Change {
  return { kind: 'run', title: `Run ${name}`, command: { file: name, args: [] }, timeoutMs: 1000 };
}

export function stage(...steps: Step[]): Stage {
  return { id: 'stage', title: 'Stage', steps };
}

/** A run with everything in memory. */
export class RunFixture {
  readonly host = new FakeHost();
  readonly clock = new FakeClock();
  readonly redactor = new Redactor();
  readonly stream = new EventStream({ redactor: this.redactor, clock: this.clock, run: 'run' });
  readonly events: Event[] = [];
  readonly notes: string[] = [];
  readonly questions: Question[] = [];
  /** Events and syncs in order: what was on disk before what. */
  readonly order: string[] = [];
  readonly abort = new AbortController();
  answers: string[] = [];

  constructor() {
    this.stream.add(event => {
      this.events.push(event);
      this.order.push('step' in event ? `${event.type} ${event.step}` : event.type);
    });
  }

  ask: Ask = question => {
    this.questions.push(question);
    return Promise.resolve(this.answers.shift() ?? question.otherwise);
  };

  run(stages: readonly Stage[], more: Partial<RunOptions> = {}): ReturnType<typeof run> {
    return run(stages, {
      host: this.host,
      changes: changesOn(this.host),
      stream: this.stream,
      files: {
        log: '/log/run',
        journal: {
          resumed: false,
          sync: () => {
            this.order.push('sync');
            return Promise.resolve();
          },
        },
        note: (id, line) => this.notes.push(`${id}: ${line}`),
      },
      redactor: this.redactor,
      ask: this.ask,
      signal: this.abort.signal,
      start: { product: '0.1.0', command: 'install', values: [] },
      clock: this.clock,
      ...more,
    });
  }

  of<Type extends Event['type']>(type: Type): Extract<Event, { type: Type }>[] {
    return this.events.filter((event): event is Extract<Event, { type: Type }> => event.type === type);
  }
}
