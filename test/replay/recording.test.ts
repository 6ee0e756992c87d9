import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseArguments } from '../../source/arguments';
import { replay } from '../../source/commands/replay';

const journal = readFileSync('test/fixtures/runs/failed.jsonl');
const lines = journal.toString().split('\n').length - 1;
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'replay-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Replays a file of this content as a command does, without a terminal. */
async function replayed(content: string | Buffer | undefined, ...flags: readonly string[]) {
  const path = join(directory, 'journal');
  rmSync(path, { force: true, recursive: true });
  if (content !== undefined) writeFileSync(path, content);
  const parsed = parseArguments(['replay', 'journal', ...flags], { terminal: false });
  if (parsed.kind !== 'arguments') throw new Error(JSON.stringify(parsed));
  const said = { code: 0, printed: '', complained: '' };
  said.code = await replay(parsed.arguments, {
    workingDirectory: directory,
    product: 'kube-el7-install 0.1.0',
    signal: new AbortController().signal,
    print: text => (said.printed += text),
    complain: text => (said.complained += text),
  });
  return said;
}

describe('a journal', () => {
  it('is printed as lines at once, as a live run would have', async () => {
    const { code, printed, complained } = await replayed(journal);
    expect([code, complained]).toEqual([0, '']);
    expect(printed).toContain('install on master1 by kube-el7-install 0.1.0');
    expect(printed).toContain('FAIL  Control plane > Initialize the control plane');
  });

  it('is printed as the events that it holds', async () => {
    const { printed } = await replayed(journal, '--output', 'json');
    expect(printed.split('\n').filter(line => line !== '')).toHaveLength(lines);
    expect(JSON.parse(printed.split('\n')[0] ?? '')).toEqual(
      JSON.parse(journal.toString().split('\n')[0] ?? ''),
    );
  });

  it('may be gzipped, and that one cut short', async () => {
    expect((await replayed(gzipSync(journal))).printed).toBe((await replayed(journal)).printed);
    const cut = await replayed(gzipSync(journal).subarray(0, 2000));
    expect(cut.code).toBe(0);
    expect(cut.printed).toContain('install on master1');
  });

  it('with torn and altered lines is played without those, which are counted', async () => {
    const [first = '', second = '', ...rest] = journal.toString().split('\n');
    const wrong = second.replace('"type"', '"typ"');
    const { code, complained } = await replayed([first.slice(0, -20), wrong, first, ...rest].join('\n'));
    expect(code).toBe(0);
    expect(complained).toBe('2 lines are left out, which say nothing: cut off, or altered.\n');
  });

  it('cannot do anything to the terminal', async () => {
    const { printed } = await replayed(
      journal.toString().replaceAll('Initialize the control plane', 'Init\\u001b[2J\\u009b1A\\u202e\\ud800x'),
    );
    expect(printed).toContain('Control plane > Init');
    expect(printed).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800]/);
  });
});

describe('what is no journal', () => {
  it.each([
    ['is not there', undefined],
    ['is empty', ''],
    ['is no journal: none of its 1 line is an event', '\0\x01\x02'],
    ['is no journal: none of its 2 lines is an event', 'a\nb\n'],
    ['is compressed, and cannot be unpacked', gzipSync(Buffer.alloc(80 * 1024 * 1024))],
    ['was written by a later version of this program', journal.toString().replaceAll('"v":1', '"v":2')],
    ['is larger than 64 MiB', Buffer.alloc(65 * 1024 * 1024)],
  ])('is refused with the reason: %s', async (reason, content) => {
    const { code, printed, complained } = await replayed(content);
    expect([code, printed]).toEqual([3, '']);
    expect(complained).toContain(reason);
    expect(complained).toContain('right: a journal of this program');
  });

  it('is refused where it is a folder', async () => {
    const path = join(directory, 'folder');
    mkdirSync(path);
    const parsed = parseArguments(['replay', path], { terminal: false });
    let complained = '';
    const code = await replay((parsed as never as { arguments: never }).arguments, {
      workingDirectory: '/',
      product: '',
      signal: new AbortController().signal,
      print: () => undefined,
      complain: text => (complained += text),
    });
    expect(code).toBe(3);
    expect(complained).toContain('is a folder');
  });
});
