import type { Event } from '../engine/event';
import type { FailureReport } from '../engine/failure';
import type { Outcome } from '../installer';

/** Raised when an older program could not take part in a newer one's run any more. */
export const PROTOCOL_VERSION = 1;

/** What an engine says first of itself. */
export interface Hello {
  readonly kind: 'hello';
  readonly v: typeof PROTOCOL_VERSION;
  readonly run: string;
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Whether it waits for answers; without, as with --yes, it answers its questions itself. */
  readonly asks: boolean;
  /** How many events have been so far: they come first. */
  readonly past: number;
}

/** How it ended: what an engine says last. */
export type Final =
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  /** It could not begin, or broke off, for a foreseen reason. */
  | { readonly kind: 'refused'; readonly report: FailureReport }
  | { readonly kind: 'fault'; readonly stack: string };

export type ToClient = Hello | Final | { readonly kind: 'event'; readonly event: Event };

/** What those who take part in a run may say. */
export type ToEngine =
  | { readonly kind: 'answer'; readonly id: string; readonly choice: string }
  | { readonly kind: 'stop' | 'stop-now' };

/** A message as one line. */
export function encode(message: ToClient | ToEngine): string {
  return `${JSON.stringify(message)}\n`;
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What a client says; undefined for anything else. */
export function readToEngine(line: string): ToEngine | undefined {
  const { kind, id, choice } = parsed(line) ?? {};
  if (kind === 'stop' || kind === 'stop-now') return { kind };
  return kind === 'answer' && typeof id === 'string' && typeof choice === 'string'
    ? { kind, id, choice }
    : undefined;
}

const FROM_ENGINE: readonly unknown[] = ['hello', 'event', 'ended', 'refused', 'fault'];

/** What an engine says; undefined for what a newer one may say beside. */
export function readToClient(line: string): ToClient | undefined {
  const value = parsed(line);
  return value !== undefined && FROM_ENGINE.includes(value['kind'])
    ? (value as unknown as ToClient)
    : undefined;
}

/** Cuts what comes in pieces into lines; a line that grows beyond `longest` is forgotten. */
export class Lines {
  #rest = '';

  constructor(private readonly longest = Infinity) {}

  take(piece: string): readonly string[] {
    const lines = (this.#rest + piece).split('\n');
    const rest = lines.pop() ?? '';
    this.#rest = rest.length > this.longest ? '' : rest;
    return lines.filter(line => line !== '' && line.length <= this.longest);
  }
}
