import type { Event } from '../../engine/event';
import { ListKeys } from '../session/list-keys';
import type { ShownSession } from '../session/shown-session';
import { openingState, type ScreensState } from '../state/screens';
import type { Key } from '../terminal/keys';
import type { Size } from '../terminal/painter';
import { pressedReplay } from './keys';
import { advanced, opened, type Playback } from './playback';
import { withPlayback } from './shown';

const FRAME_MS = 100;
const NO_ANSWERS = { KUBE_VERSION: '', DOCKER_REGISTRY: '', vip: '', masters: '' };

interface ReplayOptions {
  readonly events: readonly Event[];
  /** Lines of the journal that said nothing. */
  readonly leftOut: number;
  readonly product: string;
  readonly speed: number;
  readonly playing: boolean;
  readonly size: Size;
  /** ms since 1970; tests give one of their own. */
  readonly clock: () => number;
}

/** What lives between a recording and the screens: moves it on with the time, and takes the keys. */
export class ReplaySession implements ShownSession {
  /** Once somebody leaves; rejects for a bug. */
  readonly exit: Promise<void>;
  readonly listKeys = new ListKeys();
  readonly #leftOut: number;
  readonly #clock: () => number;
  readonly #listeners = new Set<() => void>();
  #leave: { readonly resolve: () => void; readonly reject: (reason: unknown) => void } | undefined;
  #playback: Playback;
  #state: ScreensState;
  #timer: NodeJS.Timeout | undefined;
  #watched: number;
  #told = false;

  constructor({ events, leftOut, product, speed, playing, size, clock }: ReplayOptions) {
    this.#leftOut = leftOut;
    this.#clock = clock;
    this.#watched = clock();
    this.#playback = opened(events, { speed, playing });
    this.#state = withPlayback(openingState(product, size, 0, NO_ANSWERS), this.#playback, leftOut);
    this.exit = new Promise((resolve, reject) => {
      this.#leave = { resolve, reject };
    });
  }

  /** Events that have been shown. */
  get at(): number {
    return this.#playback.at;
  }

  open(): void {
    this.#watched = this.#clock();
    this.#timer = setInterval(() => {
      this.tick();
    }, FRAME_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#listeners.clear();
  }

  /** Moves the recording on by the time that has passed. */
  tick(): void {
    const now = this.#clock();
    const passed = Math.max(0, now - this.#watched);
    this.#watched = now;
    this.#show(advanced(this.#playback, passed), this.#state);
  }

  press(key: Key): void {
    this.tick();
    const pressed = pressedReplay(this.#playback, this.#state, key);
    if ('quit' in pressed) this.quit();
    else if ('playback' in pressed) this.#show(pressed.playback, this.#state);
    else this.#show(this.#playback, pressed.screens);
  }

  resize(size: Size): void {
    this.#show(this.#playback, { ...this.#state, size });
  }

  readonly quit = (): void => {
    this.#leave?.resolve();
  };

  readonly fail = (reason: unknown): void => {
    this.#leave?.reject(reason);
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): ScreensState => this.#state;

  /** A list on the screen belongs to the recording: nothing is chosen from it. */
  readonly dispatch = (): void => undefined;

  #show(playback: Playback, screens: ScreensState): void {
    if (playback === this.#playback && screens === this.#state) return;
    this.#playback = playback;
    this.#state = withPlayback(screens, playback, this.#leftOut);
    if (this.#told) return;
    this.#told = true;
    queueMicrotask(this.#tell);
  }

  /** One frame for all keys that came at once. */
  readonly #tell = (): void => {
    this.#told = false;
    this.#listeners.forEach(listener => {
      listener();
    });
  };
}
