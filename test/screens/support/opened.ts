import { EventEmitter } from 'node:events';
import { onTestFinished } from 'vitest';
import type { Event, Listener } from '../../../source/engine/event';
import { openScreens } from '../../../source/screens/index';
import type { Standing } from '../../../source/screens/state/menu-types';
import type { Offers, Opening } from '../../../source/screens/state/offers';
import { FakeInstaller } from './fake-installer';
import { VirtualTerminal } from './virtual-terminal';

/** What a terminal sends for the keys that have names. */
export const NAMED: Readonly<Record<string, string>> = {
  enter: '\r',
  escape: '\x1b',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  pageup: '\x1b[5~',
  pagedown: '\x1b[6~',
  end: '\x1b[F',
  home: '\x1b[H',
  tab: '\t',
  backtab: '\x1b[Z',
  backspace: '\x7f',
  'ctrl-c': '\x03',
  'ctrl-u': '\x15',
};

/** A keyboard that tests type on. */
export class Keyboard extends EventEmitter {
  raw = false;

  setRawMode(raw: boolean): void {
    this.raw = raw;
  }

  setEncoding(): void {
    // Chunks are strings already.
  }

  resume(): void {
    // Nothing is ever held back.
  }

  pause(): void {
    // Nothing is ever held back.
  }
}

/** A master on which nothing is at work. */
export const MASTER: Standing = { host: 'master1', kind: 'master', underWay: false, undoable: true };

interface OpenedOptions {
  readonly installer?: FakeInstaller;
  readonly columns?: number;
  readonly rows?: number;
  /** The run was begun elsewhere. */
  readonly attached?: boolean;
  /** How events come, where not by `play`. */
  readonly replay?: FakeInstaller['replay'];
  readonly env?: Readonly<Record<string, string>>;
  readonly opening?: Opening;
  readonly offers?: Partial<Offers>;
}

/** Screens on a virtual terminal, driven as a person would: by keys, and by waiting until something is to be read. */
export class Opened {
  readonly installer: FakeInstaller;
  readonly terminal: VirtualTerminal;
  readonly keyboard = new Keyboard();
  readonly program = new EventEmitter();
  readonly exit: Promise<number>;
  readonly #outside = new AbortController();
  /** The time that the screens see: that of the last event. */
  #now = Date.parse('2026-03-02T03:00:00.000Z');
  #held: Event[] = [];
  #listener: Listener = () => undefined;
  #played: () => void = () => undefined;
  /** The plan's text, once written. */
  saved: string | undefined;

  constructor(options: OpenedOptions) {
    const { installer = new FakeInstaller(), columns = 80, rows = 24, env = {} } = options;
    this.installer = installer;
    this.terminal = new VirtualTerminal(columns, rows);
    installer.replay =
      options.replay ??
      ((events, listener) => {
        if (events[0]?.type !== 'run-started') {
          events.forEach(listener);
          return Promise.resolve();
        }
        this.#held = [...events];
        this.#listener = listener;
        return new Promise(resolve => {
          this.#played = resolve;
        });
      });
    this.exit = openScreens({
      ...(options.attached === true
        ? { follow: installer.follow }
        : {
            installer,
            savePlan: text => {
              this.saved = text;
              return Promise.resolve('/root/kube-el7-install-plan.txt');
            },
          }),
      product: 'kube-el7-install 0.1.0',
      ...(options.opening === undefined ? {} : { opening: options.opening }),
      ...(options.offers === undefined ? {} : { offers: this.#offers(options.offers) }),
      signal: this.#outside.signal,
      clock: () => this.#now,
      ports: {
        input: this.keyboard,
        output: this.terminal,
        env: { LANG: 'en_US.UTF-8', TERM: 'xterm', NO_COLOR: '1', ...env },
        program: this.program,
      },
    });
    onTestFinished(() => {
      this.#outside.abort();
      this.press('ctrl-c', 'ctrl-c');
    });
  }

  /** Everything is offered by the same installer, which notes what it is opened for. */
  #offers(offers: Partial<Offers>): Offers {
    return {
      commands: ['install', 'readd-member', 'undo', 'reset'],
      open: changes => {
        this.installer.calls.push(`open ${JSON.stringify(changes)}`);
        return Promise.resolve(this.installer);
      },
      standing: () => Promise.resolve(MASTER),
      ...offers,
    };
  }

  /** Time goes by. */
  pass(ms: number): this {
    this.#now += ms;
    return this;
  }

  /** Presses keys one by one; a word that names no key is typed letter by letter. */
  press(...keys: readonly string[]): this {
    for (const key of keys) {
      this.keyboard.emit('data', NAMED[key] ?? key);
    }
    return this;
  }

  /** Waits until the text is to be seen. */
  async sees(text: string | RegExp): Promise<this> {
    await this.until(() => (typeof text === 'string' ? this.frame.includes(text) : text.test(this.frame)));
    return this;
  }

  async until(condition: () => boolean): Promise<void> {
    const { expect, vi } = await import('vitest');
    try {
      await vi.waitUntil(condition, { timeout: 30_000, interval: 5 });
    } catch {
      expect.fail(`never came, the last frame is\n${this.frame}`);
    }
  }

  /** What is seen now. */
  get frame(): string {
    return this.terminal.text;
  }

  /** Lets the run go on up to and with the first event that fits; without one, to its end. */
  play(fits?: (event: Event) => boolean): this {
    const index = fits === undefined ? -1 : this.#held.findIndex(fits);
    const events = this.#held.splice(0, index < 0 ? this.#held.length : index + 1);
    for (const event of events) {
      this.#now = Math.max(this.#now, Date.parse(event.time));
      this.#listener(event);
    }
    if (this.#held.length === 0) {
      this.#played();
    }
    return this;
  }

  /** Hears an event that is not in the stream. */
  get listener(): Listener {
    return this.#listener;
  }

  /** The installer's run returns without having come to the end of its stream. */
  breakOff(): void {
    this.#held = [];
    this.#played();
  }

  /** A signal from outside. */
  abort(): void {
    this.#outside.abort();
  }
}

/** Screens that have come as far as the plan, all questions answered by enter. */
export async function atPlan(options: OpenedOptions = {}): Promise<Opened> {
  const installer = options.installer ?? new FakeInstaller();
  const { DOCKER_REGISTRY } = installer.defaults;
  installer.defaults = {
    ...installer.defaults,
    DOCKER_REGISTRY: DOCKER_REGISTRY === '' ? '10.160.24.5:5000' : DOCKER_REGISTRY,
  };
  const screens = new Opened({ ...options, installer });
  await screens.sees('1.19.16');
  screens.press('enter', 'enter', 'enter', 'enter');
  await screens.sees('Enter shows the plan');
  screens.press('enter');
  return screens.sees(/\d+ stages, \d+ changes/);
}

/** Screens with a run begun and its events held back. */
export async function atRun(options: OpenedOptions = {}): Promise<Opened> {
  const screens = await atPlan(options);
  screens.press('y');
  await screens.until(() => screens.installer.calls.includes('run'));
  return screens;
}
