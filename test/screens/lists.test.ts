import { describe, expect, it } from 'vitest';
import type { Question } from '../../source/engine/event';
import { FakeInstaller } from './support/fake-installer';
import { atRun, type Opened } from './support/opened';

function question(id: string, ...titles: readonly string[]): Question {
  const choices = titles.map(title => ({ id: title, title }));
  return { id, step: 'packages', text: `Question ${id}?`, choices, otherwise: titles[0] ?? '' };
}

function asked(screens: Opened, about: Question): Promise<string> {
  const answer = screens.installer.ask?.(about);
  if (answer === undefined) throw new Error('no run has begun');
  return answer;
}

async function atFailure(): Promise<Opened> {
  const installer = new FakeInstaller();
  installer.runs = ['failed', 'succeeded'];
  const screens = await atRun({ installer });
  screens.play();
  return screens.sees('Cause');
}

describe('keys for a list', () => {
  it('that come in one piece, as over a slow line, all count, each once', async () => {
    const screens = await atFailure();
    screens.press('b');
    await screens.sees('▸ ✘ Control plane');
    screens.press('\x1b[B\x1b[B\x1b[B\r');
    await screens.sees(/›\s+▾ Pull the images/);
  });

  it('are not forgotten when they come before it is drawn', async () => {
    const screens = await atFailure();
    screens.press('b\x1b[B\x1b[B\r');
    await screens.sees(/›\s+▾ Make the certificates of etcd/);
  });

  it('that are left when a question is answered do not answer the next one', async () => {
    const screens = await atRun();
    const first = asked(screens, question('one', 'yes', 'no'));
    await screens.sees('Question one?');
    screens.press('\r\r\r');
    expect(await first).toBe('yes');
    const second = asked(screens, question('two', 'go on', 'stop'));
    await screens.sees('Question two?');
    screens.press('down');
    await screens.sees('▸ 2 stop');
    screens.press('enter');
    expect(await second).toBe('stop');
  });
});

describe('a question', () => {
  it('is answered by its number, and by no number that it has not', async () => {
    const screens = await atRun();
    const answer = asked(screens, question('one', 'yes', 'no'));
    await screens.sees('Question one?');
    screens.press('3', '2');
    expect(await answer).toBe('no');
  });

  it('keeps its mark while it is asked whether to stop', async () => {
    const screens = await atRun();
    const answer = asked(screens, question('one', 'yes', 'no', 'later'));
    await screens.sees('Question one?');
    screens.press('up');
    await screens.sees('▸ 3 later');
    screens.press('ctrl-c');
    await screens.sees('stop it?');
    screens.press('g');
    await screens.sees('▸ 3 later');
    screens.press('enter');
    expect(await answer).toBe('later');
  });

  it('takes no key while the terminal is too small to show it', async () => {
    const screens = await atRun();
    const answer = asked(screens, question('one', 'yes', 'no'));
    await screens.sees('Question one?');
    screens.terminal.resize(60, 20);
    await screens.sees('Please make it');
    screens.press('enter', '1');
    screens.terminal.resize(80, 24);
    await screens.sees('▸ 1 yes');
    screens.press('2');
    expect(await answer).toBe('no');
  });
});
