import type { Event, EventBody, MasterStatus, MemberStatus } from '../../../source/engine/event';
import { rowText } from '../../../source/screens/frame/rows';
import { applyEvent } from '../../../source/screens/state/run';
import { EMPTY_RUN, type RunState } from '../../../source/screens/state/run-types';
import { stream } from './fake-installer';

function event(body: EventBody): Event {
  return { v: 1, seq: 1, time: '2026-03-02T03:00:00.000Z', run: 'r', ...body };
}

/** A run after some more events, all at one moment. */
export function after(bodies: readonly EventBody[], before: RunState = EMPTY_RUN): RunState {
  return bodies.map(event).reduce(applyEvent, before);
}

/** A run of a stream, up to and with the first event that fits. */
export function upTo(
  name: 'several-masters' | 'several-masters-failed',
  last: (event: Event) => boolean,
): RunState {
  const events = stream(name);
  return events.slice(0, events.findIndex(last) + 1).reduce(applyEvent, EMPTY_RUN);
}

/** Rows without their tones. */
export const texts = (rows: Parameters<typeof rowText>[0][]) => rows.map(rowText);

/** An etcd member that is well, unless said otherwise. */
export function member(
  name: string,
  role: MemberStatus['role'],
  more: Partial<MemberStatus> = {},
): MemberStatus {
  return { name, address: '10.0.0.1', role, healthy: true, ...more };
}

/** The event of a master of which nothing is there, unless said otherwise. */
export function master(name: string, more: Partial<MasterStatus> = {}): EventBody {
  const status = { name, address: '10.0.0.2', joined: false, ready: false } as const;
  return { type: 'master', master: { ...status, files: 'absent', apiserver: 'absent', ...more } };
}
