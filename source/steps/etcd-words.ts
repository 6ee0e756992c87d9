import { CAUSES, type EtcdCause } from './etcd-causes';

/** What etcd's own words come to. */
export interface EtcdSaid {
  /** Stable, such as "etcd-log-damaged". */
  readonly code: string;
  /** What is the case, as the end of a sentence about it: "its log is damaged". */
  readonly what: string;
  readonly hint: string;
  /** Its data cannot be used as it is. */
  readonly damaged: boolean;
  /** The line that says so, without time and trace. */
  readonly line: string;
}

/** What only etcd says. */
const OWN = CAUSES.filter(({ common }) => common !== true);

const LONGEST = 200;

/** How a container's log comes: docker's own file, a kubelet's, with the time in front, in colours. */
const WRAPPED = /^\{"log":"((?:[^"\\]|\\.)*)"/;
const PREFIX = /^(?:\d{4}-\d\d-\d\dT\S+ (?:(?:stdout|stderr) [FP] )?)?(?:[\w.-]*etcd[\w.-]*\s*\| )?/;
const COLOUR = /\u001b\[[0-9;]*m/g;

/** capnslog's form: "2026-11-30 12:57:50.471298 C | etcdmain: …". */
const CAPNSLOG = /^\d{4}[-/]\d\d[-/]\d\d \d\d:\d\d:\d\d(?:\.\d+)? ([A-Z]) \| (.*)$/;
const DEADLY =
  /^(?:panic: |fatal error: |unexpected fault address|runtime: out of memory|flag provided but|invalid value |error verifying flags)/;
/** Go's trace: nothing in it says why. */
const TRACE = /^(?:\[signal |goroutine \d+ |\s|\S+\(.*\)$|created by |exit status )/;
const NESTED = /invalid memory address/;

interface Line {
  readonly text: string;
  readonly deadly: boolean;
}

/** What etcd said why it ended, or does not get along; the line may have a long trace behind it. Undefined where it said nothing of the sort. */
export function etcdSaid(log: string): EtcdSaid | undefined {
  const lines = log.split('\n').flatMap(lineOf);
  const deadly = lines.filter(line => line.deadly);
  const known = first(deadly, CAUSES) ?? first(lines, OWN);
  if (known !== undefined) return known;
  const last = deadly.filter(({ text }) => !NESTED.test(text)).at(-1) ?? deadly.at(-1);
  if (last === undefined) return undefined;
  return {
    code: 'etcd-ended',
    what: 'it ends as it starts',
    hint: LOOK,
    damaged: false,
    line: short(last.text),
  };
}

/** The same of lines that may be those of other programs: what only etcd says. */
export function etcdCause(log: string): EtcdSaid | undefined {
  return first(log.split('\n').flatMap(lineOf), OWN);
}

/** A program's words without the trace that Go puts behind them. */
export function withoutTrace(lines: readonly string[]): readonly string[] {
  return lines.filter(line => !TRACE.test(line) || /^\s+panic: /.test(line));
}

const LOOK = 'Mend what its last line names, and look again.';

/** The newest line that tells a cause; causes that say more stand before those that say less. */
function first(lines: readonly Line[], causes: readonly EtcdCause[]): EtcdSaid | undefined {
  for (const cause of causes) {
    const found = [...lines].reverse().find(({ text }) => cause.pattern.test(text));
    if (found !== undefined) return said(cause, found.text);
  }
  return undefined;
}

function said({ code, what, hint, damaged = false }: EtcdCause, line: string): EtcdSaid {
  return { code, what, hint, damaged, line: short(line) };
}

function short(line: string): string {
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function lineOf(raw: string): readonly Line[] {
  const text = unwrapped(raw).replace(COLOUR, '').replace(PREFIX, '').trimEnd();
  if (text === '') return [];
  if (text.startsWith('{')) return jsonLine(text);
  const [, level, message] = CAPNSLOG.exec(text) ?? [];
  if (message !== undefined) return level === 'D' ? [] : [{ text: message, deadly: level === 'C' }];
  // What a panic in a panic says stands in from the margin.
  if (/^\tpanic: /.test(text)) return [{ text: text.trim(), deadly: true }];
  if (TRACE.test(text)) return [];
  return [{ text, deadly: DEADLY.test(text) }];
}

function unwrapped(raw: string): string {
  const inner = WRAPPED.exec(raw)?.[1];
  if (inner === undefined) return raw;
  try {
    return (JSON.parse(`"${inner}"`) as string).replace(/\n$/, '');
  } catch {
    return inner;
  }
}

/** zap's form: the message, and what it names as the error. */
function jsonLine(text: string): readonly Line[] {
  try {
    const { level, msg, error, path } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const parts = [msg, error, level === 'fatal' || level === 'panic' ? path : undefined];
    const words = parts.filter((one): one is string => typeof one === 'string' && one !== '');
    return [{ text: words.join(': '), deadly: level === 'fatal' || level === 'panic' || level === 'dpanic' }];
  } catch {
    // Cut off in its middle.
    return [{ text, deadly: /"level":"(?:fatal|panic)"/.test(text) }];
  }
}
