import type { ChangeSummary } from '../engine/change';
import type { Finding } from '../engine/check';
import type { Event, Listener, MasterStatus, MemberStatus, StageOutline } from '../engine/event';
import { masterWords } from '../screens/state/masters';
import { planText } from '../screens/state/plan-text';
import { stepTitle } from '../screens/state/stage';
import { failureLines } from './failure-text';
import { memberState } from './status-text';
import { summaryLines } from './summary-text';

/** Waits are reported again only after this much time: a log is read later, not watched. */
const WAIT_EVERY_MS = 15_000;

/** "1:02", "1:00:02" */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function count(number: number, thing: string, things = `${thing}s`): string {
  return `${number} ${number === 1 ? thing : things}`;
}

function findingLines(title: string, { level, message, fix }: Finding): readonly string[] {
  const word = { ok: 'ok', warning: 'WARNING', fatal: 'FATAL' }[level];
  return [`check ${title}: ${word} ${message}`, ...(fix === undefined ? [] : [`      fix: ${fix}`])];
}

function changeLine({ title }: ChangeSummary): string {
  return `  ${title}`;
}

/** Turns events into lines for logs and pipes: everything that happens, each with the time of day and the time since the start. */
class PlainLines {
  #began: number | undefined;
  readonly #titles = new Map<string, string>();
  readonly #waits = new Map<string, number>();
  /** What was said last of each member and master. */
  readonly #said = new Map<string, string>();

  text(event: Event): string {
    if (event.type === 'plan') return this.plan(event);
    const at = Date.parse(event.time);
    this.#began ??= at;
    const stamp = `${event.time.slice(11, 19)}Z ${duration(at - this.#began).padStart(6)}  `;
    return this.lines(event)
      .map(line => `${stamp}${line}`.trimEnd() + '\n')
      .join('');
  }

  private plan(event: Extract<Event, { type: 'plan' }>): string {
    const changes = event.steps.reduce((sum, step) => sum + step.changes.length, 0);
    const changing = event.steps.filter(step => step.changes.length > 0).length;
    return `${planText(event)}\n${count(changes, 'change')} in ${count(changing, 'step')} of ${event.steps.length}. Nothing was changed.\n`;
  }

  private remember(stages: readonly StageOutline[]): void {
    for (const stage of stages) {
      for (const step of stage.steps) this.#titles.set(step.id, `${stage.title} > ${stepTitle(step)}`);
    }
  }

  private title(step: string): string {
    return this.#titles.get(step) ?? step;
  }

  private lines(event: Exclude<Event, { type: 'plan' }>): readonly string[] {
    switch (event.type) {
      case 'run-started':
        this.remember(event.stages);
        return [
          `${event.command} on ${event.host} by ${event.product}, run ${event.run}`,
          ...(event.resumed ? ['an earlier run did not end; this one goes on where it stopped'] : []),
          ...event.values.map(({ name, value, source }) => `value ${name}=${value} (${source})`),
          `log ${event.log}`,
        ];
      case 'check-started':
      case 'change-finished':
      case 'wait-finished':
        return [];
      case 'check-finished':
        return event.findings.flatMap(finding => findingLines(event.title, finding));
      case 'preflight-finished':
        return [`preflight: ${event.fatal} fatal, ${count(event.warnings, 'warning')}`];
      case 'step-started':
        return [`begin ${this.title(event.step)}`];
      case 'step-planned':
        return event.changes.length === 0 ? [] : [`plan  ${count(event.changes.length, 'change')}`];
      case 'change-started':
        return [`do    ${this.title(event.step)}: ${event.change.title}`];
      case 'output':
        return [`      | ${event.line}`];
      case 'wait-started':
        this.#waits.set(event.step, 0);
        return [`wait  until ${event.title}, at most ${duration(event.timeoutMs)}`];
      case 'wait-progress':
        return this.progress(event);
      case 'step-finished':
        return [`done  ${this.title(event.step)}: ${event.outcome}, ${duration(event.ms)}`];
      case 'step-failed':
        return [
          `FAIL  ${this.title(event.step)} after ${duration(event.ms)}`,
          ...failureLines(event.failure).map(line => `      ${line}`),
          ...(event.changed.length === 0 ? [] : ['      changed by this step before it failed:']),
          ...event.changed.map(change => `    ${changeLine(change)}`),
        ];
      case 'member':
        return this.ifNew(`etcd ${event.member.name}`, memberLine(event.member), coarse(event.member));
      case 'master':
        return this.ifNew(`master ${event.master.name}`, masterLine(event.master));
      case 'step-withdrawn': {
        const number = count(event.changes.length, 'change');
        return [`back  ${this.title(event.step)} failed; puts back what is half done: ${number}`];
      }
      case 'question':
        return [`asked ${event.question.text}`];
      case 'answer':
        return [`answer ${event.choice}`];
      case 'run-finished':
        return finishedLines(event);
      default:
        // Of a type that a later version writes.
        return [];
    }
  }

  /** Members and masters are looked at every few seconds; only what has become of one is told. */
  private ifNew(about: string, line: string, what = line): readonly string[] {
    if (this.#said.get(about) === what) return [];
    this.#said.set(about, what);
    return [line];
  }

  private progress(event: Extract<Event, { type: 'wait-progress' }>): readonly string[] {
    const last = this.#waits.get(event.step) ?? 0;
    if (event.elapsedMs - last < WAIT_EVERY_MS) return [];
    this.#waits.set(event.step, event.elapsedMs);
    const error = event.lastError === '' ? '' : `; last error: ${event.lastError}`;
    return [`wait  ${duration(event.elapsedMs)} until ${event.title}${error}`];
  }
}

function memberLine(member: MemberStatus): string {
  const { name, address, role, lag } = member;
  const behind = lag === undefined ? '' : `; ${count(lag, 'entry', 'entries')} behind the leader`;
  return `etcd  ${name} ${address} ${role}: ${memberState(member)}${behind}`;
}

/** What a member's line is about: how far it is behind moves all the time, so only its order of magnitude. */
function coarse({ lag, ...member }: MemberStatus): string {
  const magnitude = lag === undefined || lag === 0 ? lag : String(lag).length * 10;
  return memberLine({ ...member, ...(magnitude === undefined ? {} : { lag: magnitude }) });
}

function masterLine(master: MasterStatus): string {
  const { name, address, lastError } = master;
  return `master ${name} ${address}: ${masterWords(master)}${lastError === undefined ? '' : `; ${lastError}`}`;
}

function finishedLines(event: Extract<Event, { type: 'run-finished' }>): readonly string[] {
  const counts = `${count(event.changed, 'step')} changed, ${event.unchanged} as they should be`;
  return [
    `${event.outcome} after ${duration(event.ms)}: ${counts}`,
    ...(event.failure === undefined ? [] : failureLines(event.failure)),
    ...(event.outcome === 'succeeded' ? [] : ['Run the same command again to go on from here.']),
    ...(event.summary === undefined ? [] : ['', ...summaryLines(event.summary)]),
  ];
}

/** Readable lines for logs and pipes. */
export function plainListener(write: (text: string) => void): Listener {
  const lines = new PlainLines();
  return event => {
    const text = lines.text(event);
    if (text !== '') write(text);
  };
}
