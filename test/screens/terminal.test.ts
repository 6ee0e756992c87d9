import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { mayColour, needsAscii, toAscii } from '../../source/screens/terminal/glyphs';
import { readKeys } from '../../source/screens/terminal/keys';
import { Terminal } from '../../source/screens/terminal/terminal';
import { characterWidth, cut, ends, textWidth, wrap } from '../../source/screens/terminal/width';
import { atRun, Opened } from './support/opened';
import { VirtualTerminal } from './support/virtual-terminal';

class Input extends EventEmitter {
  setRawMode = vi.fn();
  setEncoding = vi.fn();
  resume = vi.fn();
  pause = vi.fn();
}

function entered() {
  const input = new Input();
  const output = new VirtualTerminal(80, 24);
  const program = new EventEmitter();
  const keys: string[] = [];
  const onGone = vi.fn();
  const terminal = new Terminal({ input, output, env: { LANG: 'C.UTF-8' }, program });
  terminal.enter({ onKey: key => keys.push(key), onResize: () => undefined, onGone });
  return { input, output, program, keys, terminal, onGone };
}

describe('the terminal', () => {
  it('is given back when the program exits without leaving it, as after a throw', () => {
    const { input, output, program } = entered();
    expect(output).toMatchObject({ alternate: true, cursorShown: false });
    program.emit('exit');
    expect(output).toMatchObject({ alternate: false, cursorShown: true });
    expect(input.setRawMode).toHaveBeenLastCalledWith(false);
  });

  it('is given back once only', () => {
    const { output, terminal } = entered();
    terminal.leave();
    const { written } = output;
    terminal.leave();
    expect(output.written).toBe(written);
  });

  it.each(['end', 'error'])('says that its line is lost, on %s, but not after it was given back', event => {
    const { input, terminal, onGone } = entered();
    input.emit(event, new Error('read EIO'));
    expect(onGone).toHaveBeenCalledTimes(1);
    terminal.leave();
    input.emit(event, new Error('read EIO'));
    expect(onGone).toHaveBeenCalledTimes(1);
  });

  it('waits with the next frame while a slow line has not taken the last one', () => {
    const { output, terminal } = entered();
    const write = vi.spyOn(output, 'write').mockReturnValueOnce(false);
    terminal.draw('one');
    terminal.draw('two');
    terminal.draw('three');
    expect(write).toHaveBeenCalledTimes(1);
    output.emit('drain');
    expect(output.lines[0]).toContain('three');
  });

  it('takes a lone escape for the key when nothing follows, and a torn sequence for what it is', async () => {
    const { input, keys } = entered();
    input.emit('data', '\x1b');
    input.emit('data', '[A');
    expect(keys).toEqual(['up']);
    input.emit('data', '\x1b');
    await vi.waitUntil(() => keys.length === 2);
    expect(keys).toEqual(['up', 'escape']);
  });
});

describe('keys', () => {
  it.each([
    ['abc\r', ['a', 'b', 'c', 'enter']],
    ['\x1b[A\x1bOB\x1b[5~\x1b[1;5C', ['up', 'down', 'pageup']],
    ['\x03\x15', ['ctrl-c', 'ctrl-u']],
    ['é日', ['é', '日']],
    ['\x1b[200~x', ['x']],
  ])('%j is %j', (chunk, keys) => {
    expect(readKeys(chunk)).toEqual({ keys, rest: '' });
  });

  it('keeps a beginning for the next chunk', () => {
    expect(readKeys('a\x1b[')).toEqual({ keys: ['a'], rest: '\x1b[' });
  });
});

describe('widths', () => {
  it('cut, fit and break by columns', () => {
    expect(textWidth('日本 é✔')).toBe(7);
    expect(cut('日本日本', 5)).toBe('日本…');
    expect(ends('left', 'right', 12)).toBe('left   right');
    expect(wrap('10.160.24.5:5000/kube-apiserver:v1.20.2 is missing', 30)).toEqual([
      '10.160.24.5:5000/',
      'kube-apiserver:v1.20.2 is',
      'missing',
    ]);
  });

  it('never exceed the width when breaking', () => {
    for (let width = 3; width < 40; width++) {
      const lines = wrap('pull 10.160.24.5:5000/some/long/path:v1.20.2, 日本語日本語 and more words', width);
      expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
      expect(lines.join('').replaceAll(' ', '')).toBe(
        'pull10.160.24.5:5000/some/long/path:v1.20.2,日本語日本語andmorewords',
      );
    }
  });
});

describe('ASCII and colour', () => {
  it.each([
    [{ LANG: 'C' }, true],
    [{ LANG: 'POSIX', TERM: 'xterm' }, true],
    [{}, true],
    [{ LANG: 'en_US.UTF-8' }, false],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, true],
    [{ LANG: 'C.utf8', LC_ALL: '' }, false],
    [{ LANG: 'en_US.UTF-8', TERM: 'linux' }, true],
  ])('%j needs ASCII: %s', (env, ascii) => {
    expect(needsAscii(env)).toBe(ascii);
  });

  it('keeps columns when it replaces', () => {
    expect(toAscii('✔ a…日\x1b[1mb\n', characterWidth)).toBe('+ a~??\x1b[1mb\n');
  });

  it('obeys NO_COLOR unless it is empty', () => {
    expect([mayColour({ NO_COLOR: '1' }), mayColour({ NO_COLOR: '' }), mayColour({})]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each(['C', 'POSIX'])('a run with LANG=%s is drawn and printed in ASCII alone', async lang => {
    const screens = await atRun({ env: { LANG: lang } });
    screens.play(event => event.type === 'wait-progress');
    await screens.sees('connection refused');
    await expect(screens.frame).toMatchFileSnapshot('frames/run-wait-ascii.txt');
    screens.play();
    await screens.sees('Kubernetes is up');
    screens.press('q');
    await screens.exit;
    expect(screens.terminal.written).toMatch(/^[\x00-\x7f]*$/);
  });
});

describe('sizes', () => {
  it.each([
    [79, 24],
    [80, 23],
    [20, 5],
    [1, 1],
  ])('%i by %i asks for more room, and nothing is lost', async (columns, rows) => {
    const screens = await new Opened({}).sees('1.21.14');
    screens.terminal.resize(columns, rows);
    await screens.until(() => !screens.frame.includes('KUBE'));
    if (columns >= 20) {
      expect(screens.frame.replace(/\s+/g, ' ')).toContain(
        'Please make it at least 80 by 24.'.slice(0, columns - 8),
      );
    }
    screens.press('x', 'enter');
    screens.terminal.resize(80, 24);
    await screens.sees('question 1 of 4');
    expect(screens.frame).toContain('1.20.2');
  });

  it('follows a resize in the middle of a run', async () => {
    const screens = await atRun();
    screens.play(event => event.type === 'wait-progress');
    await screens.sees('connection refused');
    const small = screens.frame;
    screens.terminal.resize(132, 50);
    await screens.until(() => screens.terminal.lines[1] === '─'.repeat(132));
    screens.terminal.resize(80, 24);
    await screens.until(() => screens.terminal.lines[1] === '─'.repeat(80));
    expect(screens.frame).toBe(small);
  });
});
