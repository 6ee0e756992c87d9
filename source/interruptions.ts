const INTERRUPTED = 130;
/** How long what stops at once may take to say so. */
const AT_ONCE_MS = 1000;

/** How this process is told from outside to come to an end. */
export interface Interruptions {
  /** Aborted by the first SIGINT or SIGTERM: a run stops after its current change. */
  readonly signal: AbortSignal;
  /** Aborted by the second: everything ends at once, and so does this process. */
  readonly now: AbortSignal;
  /** Aborted by SIGHUP: the terminal is gone. A run of another process goes on without this one. */
  readonly hangUp: AbortSignal;
}

/** Listens to signals from now on. The third one does not wait for anything. */
export function interruptions(): Interruptions {
  const [stop, now, hangUp] = [new AbortController(), new AbortController(), new AbortController()];
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (now.signal.aborted) process.exit(INTERRUPTED);
      if (stop.signal.aborted) {
        now.abort();
        setTimeout(() => process.exit(INTERRUPTED), AT_ONCE_MS).unref();
      }
      stop.abort();
    });
  }
  process.on('SIGHUP', () => {
    hangUp.abort();
  });
  return { signal: stop.signal, now: now.signal, hangUp: hangUp.signal };
}

/** Aborted as soon as one of them is. */
export function either(...signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    controller.abort();
  };
  for (const signal of signals) {
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
  }
  return controller.signal;
}
