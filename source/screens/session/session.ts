import type { Event, Question } from '../../engine/event';
import type { Installer, RunOptions } from '../../installer';
import { perform, type Asking, type Subject } from './effects';
import { ListKeys } from './list-keys';
import { attachedState, openingState, type Action, type Effect, type ScreensState } from '../state/screens';
import { looks } from '../state/examination';
import { offered, type Offers, type Opening } from '../state/offers';
import { openedWith } from '../state/opening';
import { update } from '../state/update';
import type { Size } from '../terminal/painter';

/** At most so many frames a second come from events, however fast a step prints. */
const BURST_MS = 100;
/** Elapsed times and what only repeats a wait move once a second. */
const TICK_MS = 1000;
/** What only moves a wait, or the figures of a member or a master, waits for the next tick. */
const QUIET: ReadonlySet<Event['type']> = new Set(['wait-progress', 'member', 'master']);

type SessionOptions = Subject & {
  readonly product: string;
  readonly size: Size;
  /** ms since 1970; tests give one of their own. */
  readonly clock: () => number;
  /** The wizard unless given. */
  readonly opening?: Opening;
  readonly offers?: Offers;
};

/** What lives between the installer and the screens: holds the state, does what updates set going, and batches events. */
export class Session {
  /** The exit code, once somebody leaves; rejects for a bug in what was called. */
  readonly exit: Promise<number>;
  /** The keys of the list on the screen. */
  readonly listKeys = new ListKeys();
  #subject: Subject;
  readonly #offers: Offers | undefined;
  readonly #clock: () => number;
  readonly #listeners = new Set<() => void>();
  #state: ScreensState;
  #events: Event[] = [];
  #burst: NodeJS.Timeout | undefined;
  #tick: NodeJS.Timeout | undefined;
  #leave:
    { readonly resolve: (code: number) => void; readonly reject: (reason: unknown) => void } | undefined;
  #answer: ((choice: string) => void) | undefined;
  #stop = new AbortController();
  #now = new AbortController();
  #pause: NodeJS.Timeout | undefined;
  #validating: NodeJS.Timeout | undefined;
  #told = false;

  constructor(options: SessionOptions) {
    this.#clock = options.clock;
    const { product, size, clock } = options;
    const offers = offered(options.offers);
    this.#state =
      'follow' in options
        ? { ...attachedState(product, size, clock()), offers }
        : openedWith(
            openingState(product, size, clock(), options.installer.defaults),
            options.opening ?? { kind: 'wizard' },
            offers,
          );
    this.#subject = options;
    this.#offers = options.offers;
    this.exit = new Promise((resolve, reject) => {
      this.#leave = { resolve, reject };
    });
  }

  get state(): ScreensState {
    return this.#state;
  }

  /** Starts asking and ticking. */
  open(): void {
    this.#tick = setInterval(() => {
      this.#onTick();
    }, TICK_MS);
    this.dispatch({ type: 'opened' });
  }

  /** Ends every timer; what is still under way may end unheard. */
  close(): void {
    clearInterval(this.#tick);
    clearTimeout(this.#burst);
    clearTimeout(this.#pause);
    clearTimeout(this.#validating);
    this.#listeners.clear();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): ScreensState => this.#state;

  readonly dispatch = (action: Action): void => {
    const [state, ...effects] = update(this.#state, action);
    const changed = state !== this.#state;
    this.#state = state;
    if (changed && !this.#told) {
      this.#told = true;
      queueMicrotask(this.#tell);
    }
    effects.forEach(effect => {
      this.#start(effect);
    });
  };

  /** An event of preflight or of the run. */
  readonly listen = (event: Event): void => {
    this.#events.push(event);
    if (!QUIET.has(event.type)) {
      this.#burst ??= setTimeout(this.flush, BURST_MS);
    }
  };

  /** Shows the events that came since the last time. */
  readonly flush = (): void => {
    clearTimeout(this.#burst);
    this.#burst = undefined;
    const events = this.#events;
    this.#events = [];
    if (events.length > 0) {
      this.dispatch({ type: 'events', events, now: this.#clock() });
    }
  };

  /** The engine's question; resolves with the choice that is made on the screen. */
  readonly ask = (question: Question): Promise<string> => {
    this.flush();
    this.dispatch({ type: 'asked', question });
    return new Promise(resolve => {
      this.#answer = resolve;
    });
  };

  /** From now on this installer is asked. */
  use(installer: Installer): void {
    if ('follow' in this.#subject) return;
    this.#subject = { ...this.#subject, installer };
    this.dispatch({ type: 'installer', defaults: installer.defaults });
  }

  /** ms since 1970. */
  now(): number {
    return this.#clock();
  }

  /** How the screens take part in a run. */
  runOptions(): RunOptions {
    this.#stop = new AbortController();
    this.#now = new AbortController();
    const { listen: listener, ask } = this;
    return { listener, ask, signal: this.#stop.signal, now: this.#now.signal };
  }

  readonly fail = (reason: unknown): void => {
    this.#leave?.reject(reason);
  };

  /** One frame for all that came at once: a paste is many keys. */
  readonly #tell = (): void => {
    this.#told = false;
    this.#listeners.forEach(listener => {
      listener();
    });
  };

  #start(effect: Effect): void {
    switch (effect.kind) {
      case 'exit':
        this.#leave?.resolve(effect.code);
        return;
      case 'stop':
        this.#stop.abort();
        return;
      case 'stop-now':
        this.#now.abort();
        return;
      case 'answer':
        this.#answer?.(effect.choice);
        return;
      case 'list-key':
        this.listKeys.give(effect.key);
        return;
      case 'ask-registry':
        clearTimeout(this.#pause);
        this.#pause = this.#later(effect);
        return;
      case 'validate':
        clearTimeout(this.#validating);
        // Names are looked up: not of every beginning of one that is being typed.
        if (effect.answers.vip === '' && effect.answers.masters === '') this.#perform(effect);
        else this.#validating = this.#later(effect);
        return;
      default:
        this.#perform(effect);
    }
  }

  #perform(effect: Asking): void {
    perform(effect, this.#subject, this, this.#offers).catch(this.fail);
  }

  /** Does it once typing pauses. */
  #later(effect: Asking): NodeJS.Timeout {
    return setTimeout(() => {
      this.#perform(effect);
    }, 3 * BURST_MS);
  }

  #onTick(): void {
    const { running, screen, run } = this.#state;
    this.flush();
    const checking = screen === 'preflight' && run.preflight === undefined;
    if (running || checking || looks(this.#state)) {
      this.dispatch({ type: 'tick', now: this.#clock() });
    }
  }
}
