import type { Listener } from '../engine/event';

/** One event a line, as it is: docs/events.md describes them. */
export function jsonListener(write: (text: string) => void): Listener {
  return event => {
    write(`${JSON.stringify(event)}\n`);
  };
}
