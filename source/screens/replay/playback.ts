import type { Event } from '../../engine/event';
import { applyEvent } from '../state/run';
import { EMPTY_RUN, type RunState } from '../state/run-types';

/** Longer pauses are cut to this: the time that somebody watches nothing. */
const LONGEST_PAUSE_MS = 3000;
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const;

/** What a step is made of, rather than what happens. */
const MINOR: readonly string[] = [
  'output',
  'wait-progress',
  'wait-finished',
  'change-finished',
  'member',
  'master',
];

/** A recorded run that is being played. */
export interface Playback {
  readonly events: readonly Event[];
  /** How many of the events have happened; at least the first. */
  readonly at: number;
  /** Recorded ms since the last of them. */
  readonly into: number;
  readonly run: RunState;
  readonly playing: boolean;
  readonly speed: number;
}

function timeOf({ events }: Playback, index: number): number {
  return Date.parse(events[index]?.time ?? '');
}

/** The pause before the next event, in recorded ms, and how much of it is played. */
export function pauseOf(playback: Playback): { readonly whole: number; readonly played: number } {
  const { at, events, speed } = playback;
  if (at >= events.length) return { whole: 0, played: 0 };
  const whole = Math.max(0, timeOf(playback, at) - timeOf(playback, at - 1));
  return { whole, played: Math.min(whole, LONGEST_PAUSE_MS * speed) };
}

/** The moment of the recording that is shown, ms since 1970. */
export function momentOf(playback: Playback): number {
  return timeOf(playback, playback.at - 1) + playback.into;
}

function sought(playback: Playback, index: number): Playback {
  const { events, at, run } = playback;
  const to = Math.max(1, Math.min(index, events.length));
  const from = to < at ? 0 : at;
  const before = to < at ? EMPTY_RUN : run;
  return { ...playback, at: to, into: 0, run: events.slice(from, to).reduce(applyEvent, before) };
}

/** A recording at its first event. */
export function opened(
  events: readonly Event[],
  how: { readonly speed: number; readonly playing: boolean },
): Playback {
  return sought({ events, at: 0, into: 0, run: EMPTY_RUN, ...how }, 1);
}

/** After so many ms of watching it. */
export function advanced(playback: Playback, ms: number): Playback {
  if (!playback.playing) return playback;
  let { at, into } = playback;
  let left = ms * playback.speed;
  for (; at < playback.events.length; at += 1) {
    const rest = Math.max(0, pauseOf({ ...playback, at }).played - into);
    if (left < rest) break;
    left -= rest;
    into = 0;
  }
  const ended = at >= playback.events.length;
  const moved = at > playback.at ? sought(playback, at) : playback;
  return { ...moved, into: ended ? 0 : into + left, playing: !ended };
}

/** At the next event of note, or at the one before. */
export function stepped(playback: Playback, by: 1 | -1): Playback {
  const { events, at } = playback;
  let index = by === 1 ? at : at - 2;
  while (index > 0 && index < events.length && MINOR.includes(events[index]?.type ?? '')) index += by;
  const moved = sought(playback, index + 1);
  return moved.at >= events.length ? { ...moved, playing: false } : moved;
}

export function atStart(playback: Playback): Playback {
  return sought(playback, 1);
}

export function atEnd(playback: Playback): Playback {
  return { ...sought(playback, playback.events.length), playing: false };
}

/** Goes on or pauses; at its end it begins again. */
export function toggled(playback: Playback): Playback {
  const ended = playback.at >= playback.events.length;
  return ended ? { ...atStart(playback), playing: true } : { ...playback, playing: !playback.playing };
}

/** At the next speed of a row of them. */
export function sped(playback: Playback, by: 1 | -1): Playback {
  const { speed } = playback;
  const next = by === 1 ? SPEEDS.find(one => one > speed) : [...SPEEDS].reverse().find(one => one < speed);
  return { ...playback, speed: next ?? speed };
}
