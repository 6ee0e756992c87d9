import { describe, expect, it } from 'vitest';
import type { Event, EventBody, Question } from '../../source/engine/event';
import { Failure } from '../../source/engine/failure';
import { FakeInstaller } from './support/fake-installer';
import { atRun, Opened } from './support/opened';

const QUESTION: Question = {
  id: 'failed-kubeadm-init-1',
  step: 'kubeadm-init',
  about: 'failure',
  text: 'kubeadm init failed',
  choices: [
    { id: 'retry', title: 'Try again from here' },
    { id: 'back:etcd-manifest', title: 'Begin again at: Start etcd' },
    { id: 'quit', title: 'Stop here' },
  ],
  otherwise: 'quit',
};

/** Screens whose run has failed and waits for an answer, and what is answered on them. */
async function atQuestion(options: { attached?: boolean; columns?: number; rows?: number } = {}) {
  const installer = new FakeInstaller();
  installer.runs = ['failed'];
  const screens =
    options.attached === true
      ? new Opened({ ...options, installer })
      : await atRun({ ...options, installer });
  await screens.until(() => installer.ask !== undefined);
  let listener: (event: Event) => void = () => undefined;
  const answers: string[] = [];
  screens.play(({ type }) => type === 'step-failed');
  listener = screens.listener;
  void installer.ask?.(QUESTION).then(answer => answers.push(answer));
  await screens.sees('Cause');
  let seq = 1000;
  return {
    screens,
    answers,
    tell: (body: EventBody) => {
      seq += 1;
      listener({ v: 1, seq, time: '2026-03-02T03:04:46.000Z', run: 'failed', ...body });
    },
  };
}

describe.each([
  [80, 24],
  [120, 40],
])('a failure that the engine asks about, at %i by %i', (columns, rows) => {
  const file = (name: string) => `frames/${name}-${columns}x${rows}.txt`;

  it('is shown on its card, with what can be answered, here and where one is attached', async () => {
    const { screens } = await atQuestion({ columns, rows });
    await expect(screens.frame).toMatchFileSnapshot(file('failure-asked'));
    screens.press('ctrl-c');
    await screens.sees('leave or stop?');
    await expect(screens.frame).toMatchFileSnapshot(file('failure-stop'));
    const attached = await atQuestion({ columns, rows, attached: true });
    await expect(attached.screens.frame).toMatchFileSnapshot(file('failure-attached'));
    attached.screens.press('b');
    await attached.screens.sees('at once');
    await expect(attached.screens.frame).toMatchFileSnapshot(file('failure-attached-steps'));
  });
});

describe('a failure that the engine asks about', () => {
  it('is tried again by r, in the same run', async () => {
    const { screens, answers, tell } = await atQuestion();
    screens.press('r');
    await screens.until(() => answers.length > 0);
    expect(answers).toEqual(['retry']);
    expect(screens.installer.calls.filter(call => call === 'run')).toHaveLength(1);
    tell({ type: 'question', question: QUESTION });
    tell({ type: 'answer', id: QUESTION.id, choice: 'retry' });
    tell({ type: 'step-started', step: 'kubeadm-init' });
    await screens.sees('▸● Control plane');
    expect(screens.frame).not.toContain('Cause');
  });

  it('begins again at an earlier step once its plan was seen, or at once where there are no settings', async () => {
    const { screens, answers } = await atQuestion();
    const step = async (one: Opened, title: string) => {
      one.press('b');
      await one.sees('Choose a step');
      while (!one.frame.split('\n').some(line => line.includes('▸') && line.includes(title))) {
        const before = one.frame;
        one.press('down');
        await one.until(() => one.frame !== before);
      }
      one.press('enter');
    };
    await step(screens, 'etcd ›');
    await screens.sees('y begin again here');
    expect(answers).toEqual([]);
    screens.press('q');
    await screens.sees('Cause');
    await step(screens, 'etcd ›');
    await screens.sees('y begin again here');
    screens.press('y');
    await screens.until(() => answers.length > 0);
    expect(answers).toEqual(['back:etcd-manifest']);
    const attached = await atQuestion({ attached: true });
    await step(attached.screens, 'etcd ›');
    await attached.screens.until(() => attached.answers.length > 0);
    expect(attached.answers).toEqual(['back:etcd-manifest']);
  });

  it('ends the run by q, and the screens with it', async () => {
    const { screens, answers, tell } = await atQuestion();
    screens.press('q');
    await screens.until(() => answers.length > 0);
    expect(answers).toEqual(['quit']);
    tell({ type: 'answer', id: QUESTION.id, choice: 'quit' });
    screens.play();
    expect(await screens.exit).toBe(1);
    expect(screens.terminal.scrollback).toContain('Cause');
  });

  it('goes on waiting when the screens are left by d', async () => {
    const { screens, answers } = await atQuestion();
    screens.press('d');
    expect(await screens.exit).toBe(0);
    expect(answers).toEqual([]);
    expect(screens.terminal.scrollback).toContain('waits for an answer, and goes on waiting');
  });

  it('is gone from the screen once somebody else has answered', async () => {
    const { screens, tell } = await atQuestion();
    tell({ type: 'question', question: QUESTION });
    tell({ type: 'answer', id: QUESTION.id, choice: 'retry' });
    tell({ type: 'step-started', step: 'kubeadm-init' });
    await screens.sees('▸● Control plane');
  });
});

describe('screens that are attached to a run', () => {
  it('show it as those that began it do', async () => {
    const installer = new FakeInstaller();
    const attached = new Opened({ attached: true, installer });
    await attached.until(() => installer.ask !== undefined);
    const began = await atRun();
    for (const screens of [attached, began]) {
      screens.play(event => event.type === 'wait-progress' && event.step === 'etcd-manifest');
      await screens.sees('connection refused');
    }
    await expect(attached.frame).toMatchFileSnapshot('frames/attached-80x24.txt');
    const rest = (screens: Opened) => screens.frame.split('\n').slice(1);
    expect(rest(attached)).toEqual(rest(began));
    attached.play();
    await attached.sees('Kubernetes is up');
    attached.press('q');
    expect(await attached.exit).toBe(0);
  });

  it('tell plainly that the engine is gone, offer no retry, and end with 1', async () => {
    const installer = new FakeInstaller();
    installer.replay = () =>
      Promise.reject(new Failure({ code: 'engine-gone', message: 'It is gone.', hint: 'Run it again.' }));
    const screens = new Opened({ attached: true, installer, replay: installer.replay });
    await screens.sees('It is gone.');
    expect(screens.frame).not.toContain('r retry');
    screens.press('r', 'b', 'q');
    expect(await screens.exit).toBe(1);
    expect(screens.terminal.scrollback).toContain('Run it again.');
  });
});
