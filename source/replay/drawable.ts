import type { Event } from '../engine/event';
import { clean } from '../screens/state/clean';

const CONTROLS = /[\x00-\x1f\x7f-\x9f]/g;
/** A journal that was altered could turn the reading direction, or have halves of characters. */
const INVISIBLE =
  /[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** No line that is drawn is as long; wrapping one that is longer takes seconds. */
const LONGEST = 8192;

/** An event of which no text can do more to a terminal than be read: a journal may come from anywhere. */
export function drawable(event: Event): Event {
  return made(event, '') as Event;
}

function made(value: unknown, name: string): unknown {
  if (typeof value === 'string') {
    // Output has escape codes and tabs of its own, and a way to draw them.
    const part = value.slice(0, LONGEST);
    const text = name === 'line' ? clean(part) : part.replace(CONTROLS, ' ');
    return text.replace(INVISIBLE, '\ufffd');
  }
  if (Array.isArray(value)) return value.map(part => made(part, ''));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, made(part, key)]));
  }
  return value;
}
