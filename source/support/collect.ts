import { shownText } from '../disclosure/words';
import type { HostReader } from '../engine/host';
import type { Redactor } from '../engine/redact';
import type { Entry } from './archive';
import type { Part } from './part';

/** What was to be had, masked, and why the rest was not. */
export interface Collected {
  readonly entries: readonly Entry[];
  readonly missing: readonly { readonly name: string; readonly why: string }[];
}

const AT_ONCE = 4;
const COMMAND_MS = 15_000;
/** Of a file, and of what a command prints: the end of it, which tells what happened last. */
const LONGEST = 1024 * 1024;
/** Of all parts together. */
const LARGEST = 64 * 1024 * 1024;

type Got = { readonly text: string } | { readonly why: string };

/** Gets all parts, some at a time, each with a time limit; one that cannot be got is named with its reason and fails nothing else. */
export async function collect(
  parts: readonly Part[],
  host: HostReader,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<Collected> {
  const entries = new Map<string, Entry>();
  const missing = new Map<string, string>();
  let bytes = 0;
  const queue = [...parts];
  const worker = async (): Promise<void> => {
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
      const { name } = part;
      const got = await attempt(part, host, signal);
      if ('why' in got) {
        missing.set(name, oneLine(redactor.text(got.why)));
        continue;
      }
      const content = Buffer.from(redactor.text(got.text));
      if (bytes + content.length > LARGEST) {
        missing.set(name, 'the bundle is large enough without it');
        continue;
      }
      bytes += content.length;
      entries.set(name, { name, content });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return {
    entries: parts.flatMap(({ name }) => entries.get(name) ?? []),
    missing: parts.flatMap(({ name }) => {
      const why = missing.get(name);
      return why === undefined ? [] : [{ name, why }];
    }),
  };
}

async function attempt(part: Part, host: HostReader, signal: AbortSignal): Promise<Got> {
  if (signal.aborted) return { why: 'interrupted' };
  try {
    return await got(part, host);
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}

async function got(part: Part, host: HostReader): Promise<Got> {
  switch (part.kind) {
    case 'text':
      return { text: shownText(part.text) };
    case 'missing':
      return { why: part.why };
    case 'file':
      return fileEnd(host, part);
    case 'request': {
      const answer = await host.request(part.request);
      if ('error' in answer) return { why: answer.error };
      return { text: `HTTP ${answer.status}\n${shownText(end(answer.body, LONGEST))}\n` };
    }
    case 'command': {
      const { command, timeoutMs = COMMAND_MS, shown } = part;
      const { code, stdout, stderr } = await host.query(command, { timeoutMs });
      if (code === 127) return { why: `there is no ${command.file}` };
      if (code !== 0 && stdout.trim() === '') {
        const late = code === 124 ? `no answer within ${timeoutMs / 1000} s` : `exit code ${code}`;
        return { why: [late, stderr.trim().split('\n').at(-1)?.slice(0, 300)].join(': ') };
      }
      const said = code === 0 ? '' : `exit code ${code}\n`;
      // docker logs and others write to both.
      if (shown !== undefined) return { text: said + end(shown(stdout), LONGEST) };
      return { text: said + shownText(end(stdout + (stderr === '' ? '' : `\n${stderr}`), LONGEST)) };
    }
  }
}

async function fileEnd(
  host: HostReader,
  { path, bytes = LONGEST, shown = shownText }: Extract<Part, { kind: 'file' }>,
): Promise<Got> {
  const found = await host.stat(path);
  if (found === undefined) return { why: 'is not there' };
  if (found.kind !== 'file') return { why: `is no file, but a ${found.kind}` };
  const { code, stdout, stderr } = await host.query(
    { file: 'tail', args: ['-c', String(bytes), '--', path] },
    { timeoutMs: COMMAND_MS },
  );
  if (code !== 0) return { why: stderr.trim().slice(0, 300) || `exit code ${code}` };
  return { text: shown(found.size > bytes ? fromLineStart(stdout) : stdout) };
}

/** The last part of a text, from the beginning of a line. */
function end(text: string, longest: number): string {
  return text.length <= longest ? text : fromLineStart(text.slice(-longest));
}

/** What was cut in the middle of a line begins with the next: half of a secret has no shape to be known by. */
function fromLineStart(text: string): string {
  const at = text.indexOf('\n');
  return `[the beginning is left out]\n${at === -1 ? '' : text.slice(at + 1)}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 400);
}
