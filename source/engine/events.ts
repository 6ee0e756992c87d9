import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from './clock';
import { EVENT_VERSION, type Event, type EventBody, type Listener } from './event';
import type { Redactor } from './redact';

/** Sorts by time, and is different for two runs of one second: 20261123T052415Z-1a2b. */
export function newRunId(date: Date): string {
  const second = date.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${second}-${randomBytes(2).toString('hex')}`;
}

/** How far a run's events have come: what follows has the next number. */
export interface RunPosition {
  readonly run: string;
  readonly seq: number;
}

/** Turns what happens into events: numbered, dated, masked, plain JSON, and the same frozen copy for every listener. */
export class EventStream {
  readonly run: string;
  readonly #redactor: Redactor;
  readonly #clock: Clock;
  #listeners: readonly Listener[] = [];
  #seq: number;

  /** `seq` is the number of the run's last event where its first ones came from another process. */
  constructor(options: { readonly redactor: Redactor; readonly clock?: Clock } & Partial<RunPosition>) {
    this.#redactor = options.redactor;
    this.#seq = options.seq ?? 0;
    this.#clock = options.clock ?? systemClock;
    this.run = options.run ?? newRunId(this.#clock.date());
  }

  /** Calls the listener for every event from now on; the first ones are called first. Returns how to end it. */
  add(listener: Listener, order: 'first' | 'last' = 'last'): () => void {
    this.#listeners = order === 'first' ? [listener, ...this.#listeners] : [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter(other => other !== listener);
    };
  }

  /** A listener that throws is called no more, and the fault is reported as a warning of the process: a broken screen does not stop an installation. */
  emit(body: EventBody): Event {
    this.#seq += 1;
    const event: Event = frozen({
      v: EVENT_VERSION,
      seq: this.#seq,
      time: this.#clock.date().toISOString(),
      run: this.run,
      ...this.#redactor.copy(body),
    });
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#listeners = this.#listeners.filter(other => other !== listener);
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
    return event;
  }
}

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}
