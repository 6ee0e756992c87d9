import type { Event } from '../../source/engine/event';

/** What a step was busy with, in seconds since the run began. */
interface Stretch {
  readonly step: string;
  readonly from: number;
  readonly to: number;
}

/** When each step of a run worked, those that took less than `least` seconds left out, in the order of their ends. */
function stretches(events: readonly Event[], least = 0.3): readonly Stretch[] {
  const begun = Date.parse(events[0]?.time ?? '');
  const seconds = (time: string): number => (Date.parse(time) - begun) / 1000;
  const starts = new Map<string, number>();
  return events.flatMap(event => {
    if (event.type === 'step-started') starts.set(event.step, seconds(event.time));
    if (event.type !== 'step-finished') return [];
    const [from, to] = [starts.get(event.step) ?? 0, seconds(event.time)];
    return to - from < least ? [] : [{ step: event.step, from, to }];
  });
}

/** The same as text, of the lines that the installer printed: when each step began and ended, and how long it took. */
export function timeline(output: string): string {
  const events = output
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Event);
  const number = (value: number): string => value.toFixed(1).padStart(6);
  return stretches(events)
    .map(({ step, from, to }) => `${number(from)} –${number(to)} ${number(to - from)} s  ${step}`)
    .join('\n');
}
