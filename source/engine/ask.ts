import { sentenceOf } from './answer';
import type { NextAnswer, Question } from './change';
import { Failure } from './failure';
import type { HostReader } from './host';

/** Why something is not so, in one line. */
export interface Unmet {
  readonly error: string;
  /** The answer to it comes when this may be otherwise. */
  readonly next?: NextAnswer;
}

/** Asks once. Undefined where it is so; throws where it never will be. */
export async function ask(
  host: HostReader,
  question: Question,
  timeoutMs: number,
): Promise<Unmet | undefined> {
  return question.kind === 'command'
    ? askCommand(host, question, timeoutMs)
    : askRequest(host, question, timeoutMs);
}

async function askCommand(
  host: HostReader,
  { command, matches: pattern, unmet }: Extract<Question, { readonly kind: 'command' }>,
  timeoutMs: number,
): Promise<Unmet | undefined> {
  const { code, stdout, stderr } = await host.query(command, { timeoutMs });
  if (code === 124) return { error: sentenceOf(stderr) ?? `${command.file} gave no answer in time` };
  if (code !== 0) {
    const said = sentenceOf(stderr) ?? sentenceOf(stdout);
    return { error: said ?? `${command.file} ended with exit code ${code}` };
  }
  if (matches(pattern, stdout)) return undefined;
  return { error: unmet ?? sentenceOf(stdout) ?? 'an empty answer' };
}

async function askRequest(
  host: HostReader,
  question: Extract<Question, { readonly kind: 'request' }>,
  timeoutMs: number,
): Promise<Unmet | undefined> {
  const { never, unmet, status, lacks, changed } = question;
  const outcome = await host.request({ timeoutMs, ...question.request });
  if ('error' in outcome) return { error: outcome.error };
  const said = sentenceOf(outcome.body);
  if (never !== undefined && matches(never, outcome.body)) throw hopeless(question);
  if (outcome.status !== status) {
    return { error: unmet ?? `HTTP ${outcome.status}${said ? `: ${said}` : ''}` };
  }
  const known = matches(question.matches, outcome.body);
  if (lacks === undefined && changed === undefined) {
    return known ? undefined : { error: unmet ?? said ?? 'an empty answer' };
  }
  const body = parsed(outcome.body);
  if (body === undefined) return { error: 'the answer is something other than JSON' };
  const lacking = known ? lacks?.(body) : (unmet ?? said ?? 'an empty answer');
  if (lacking === undefined) return undefined;
  const next = changed?.(body);
  return { error: unmet ?? lacking, ...(next === undefined ? {} : { next }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function hopeless({ title }: Question): Failure {
  return new Failure({
    code: 'timed-out',
    message: `Waiting until ${title} has no prospect any more: the answer shows that it cannot happen.`,
  });
}

/** Whether a text matches a regular expression; any does where there is none. */
export function matches(pattern: string | undefined, text: string): boolean {
  return pattern === undefined || new RegExp(pattern).test(text);
}
