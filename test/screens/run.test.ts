import { describe, expect, it } from 'vitest';
import { Failure } from '../../source/engine/failure';
import { FakeInstaller, stream } from './support/fake-installer';
import { atPlan, atRun, Opened } from './support/opened';

const waits = (step: string) => (event: { type: string; step?: string }) =>
  event.type === 'wait-progress' && event.step === step;

describe.each([
  [80, 24],
  [120, 40],
])('at %i by %i', (columns, rows) => {
  const file = (name: string) => `frames/${name}-${columns}x${rows}.txt`;

  it('preflight groups what it found with what to do, and does not go on with fatal ones', async () => {
    const installer = new FakeInstaller();
    installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: '10.160.24.5:5000' };
    installer.preflights = ['preflight-fatal', 'preflight-warning'];
    const screens = await new Opened({ installer, columns, rows }).sees('1.19.16');
    screens.press('enter', 'enter', 'enter', 'enter');
    await screens.sees('2 fatal, 1 warning');
    await expect(screens.frame).toMatchFileSnapshot(file('preflight-fatal'));
    screens.press('enter');
    expect(installer.calls).not.toContain('plan');
    screens.press('r');
    await screens.sees('Nothing fatal, 1 warning');
    await expect(screens.frame).toMatchFileSnapshot(file('preflight-warning'));
    screens.press('q');
    expect(await screens.exit).toBe(130);
  });

  it('the plan opens down to the content of a file', async () => {
    const screens = await atPlan({ columns, rows });
    await expect(screens.frame).toMatchFileSnapshot(file('plan'));
    screens.press('down', 'down', 'enter', 'down', 'enter', 'down', 'enter');
    await screens.sees('| apiVersion: v1');
    await expect(screens.frame).toMatchFileSnapshot(file('plan-open'));
    screens.press('v');
    await screens.sees('all values');
    await expect(screens.frame).toMatchFileSnapshot(file('plan-values'));
  });

  it('a run shows what happens, what is awaited and why, the log and help', async () => {
    const screens = await atRun({ columns, rows });
    screens.play(event => event.type === 'step-finished' && event.step === 'etcd-certificates');
    await screens.sees('Pull the images');
    await expect(screens.frame).toMatchFileSnapshot(file('run-images'));
    screens.play(waits('etcd-manifest'));
    await screens.sees('connection refused');
    screens.press('enter');
    await screens.sees('hide steps');
    await expect(screens.frame).toMatchFileSnapshot(file('run-wait'));
    screens.press('l');
    await screens.sees('newest');
    await expect(screens.frame).toMatchFileSnapshot(file('log'));
    screens.press('l', '?');
    await screens.sees('What the signs mean');
    await expect(screens.frame).toMatchFileSnapshot(file('help'));
    screens.press('x', 'ctrl-c');
    await screens.sees('or stop it?');
    await expect(screens.frame).toMatchFileSnapshot(file('run-stop'));
    screens.press('g').play();
    await screens.sees('Kubernetes is up');
  });

  it('the summary has all that is needed next, and stays in the scrollback', async () => {
    const screens = await atRun({ columns, rows });
    screens.play();
    await screens.sees('Kubernetes is up');
    await expect(screens.frame).toMatchFileSnapshot(file('summary'));
    screens.press('end', 'q');
    expect(await screens.exit).toBe(0);
    await expect(screens.terminal.scrollback).toMatchFileSnapshot(file('summary-scrollback'));
  });

  it('a failure shows cause, what was seen, the fix, what was changed; and is retried', async () => {
    const installer = new FakeInstaller();
    installer.runs = ['failed', 'succeeded'];
    const screens = await atRun({ installer, columns, rows });
    screens.play();
    await screens.sees('Cause');
    await expect(screens.frame).toMatchFileSnapshot(file('failure'));
    screens.press('b');
    await screens.sees('Choose a step');
    await expect(screens.frame).toMatchFileSnapshot(file('failure-steps'));
    screens.press('down', 'enter');
    await screens.sees('write /etc/kubernetes/manifests/etcd-init.yaml');
    screens.press('y');
    await screens.until(() => installer.calls.filter(call => call === 'run').length === 2);
    screens.play();
    await screens.sees('Kubernetes is up');
  });
});

describe('a run', () => {
  it('that changed nothing says so', async () => {
    const installer = new FakeInstaller();
    installer.runs = ['unchanged'];
    const screens = await atRun({ installer });
    screens.play();
    await screens.sees('Everything is as it should be on master1   0 steps changed, 13 unchanged');
  });

  it('is stopped after its change by Ctrl-C and s, and says how to go on', async () => {
    const screens = await atRun();
    screens.play(waits('etcd-manifest'));
    await screens.sees('connection refused');
    screens.press('ctrl-c', 's');
    await screens.sees('Stopping after this change');
    expect(screens.installer.signal?.aborted).toBe(true);
    screens.breakOff();
    expect(await screens.exit).toBe(130);
    expect(screens.terminal.scrollback).toContain('Start kube-el7-install again');
  });

  it('is left at once by a second Ctrl-C', async () => {
    const screens = await atRun();
    screens.press('ctrl-c', 'ctrl-c');
    expect(await screens.exit).toBe(130);
    expect(screens.terminal.scrollback).toContain('may be half done');
  });

  it('is stopped after its change by a signal', async () => {
    const screens = await atRun();
    screens.abort();
    expect(screens.installer.signal?.aborted).toBe(true);
    screens.breakOff();
    expect(await screens.exit).toBe(130);
  });

  it('is left alone when the terminal is gone', async () => {
    const screens = await atRun();
    screens.program.emit('SIGHUP');
    expect(await screens.exit).toBe(129);
    expect(screens.installer.signal?.aborted).toBe(false);
  });

  it('is left alone by d, which says how to come back', async () => {
    const screens = await atRun();
    screens.play(waits('etcd-manifest'));
    await screens.sees('connection refused');
    screens.press('d');
    expect(await screens.exit).toBe(0);
    expect(screens.installer.signal?.aborted).toBe(false);
    expect(screens.terminal.scrollback).toContain('The run on master1 goes on without this terminal.');
    expect(screens.terminal.scrollback).toContain('kube-el7-install attach');
  });

  it('goes on where Ctrl-C was answered by g, and is stopped at once by n', async () => {
    const screens = await atRun();
    screens.press('ctrl-c');
    await screens.sees('Leave the run to itself, or stop it?');
    screens.press('g');
    await screens.until(() => !screens.frame.includes('or stop it?'));
    expect(screens.installer.signal?.aborted).toBe(false);
    screens.press('ctrl-c', 'n');
    expect(await screens.exit).toBe(130);
    expect(screens.terminal.scrollback).toContain('may be half done');
  });

  it('that is refused shows the reason on the failure card', async () => {
    const installer = new FakeInstaller();
    installer.run = () =>
      Promise.reject(
        new Failure({
          code: 'locked',
          message: 'Another run is at work: process 4711.',
          hint: 'wait for it',
        }),
      );
    const screens = await atPlan({ installer });
    screens.press('y');
    await screens.sees('Another run is at work: process 4711.');
    screens.press('q');
    expect(await screens.exit).toBe(1);
  });

  it('that breaks by a bug gives the terminal back and the error on', async () => {
    const installer = new FakeInstaller();
    installer.run = () => Promise.reject(new TypeError('a bug'));
    const screens = await atPlan({ installer });
    screens.press('y');
    await expect(screens.exit).rejects.toThrow('a bug');
    expect(screens.terminal).toMatchObject({ alternate: false, cursorShown: true });
  });

  it("shows the engine's question and answers it", async () => {
    const screens = await atRun();
    screens.play(event => event.type === 'step-started');
    const answer = screens.installer.ask?.({
      id: 'q1',
      step: 'packages',
      text: 'The repository offers kubelet 1.20.4 only. Take it?',
      choices: [
        { id: 'yes', title: 'take it' },
        { id: 'no', title: 'stop here' },
      ],
      otherwise: 'no',
    });
    await screens.sees('Take it?');
    await expect(screens.frame).toMatchFileSnapshot('frames/question.txt');
    screens.press('down', 'enter');
    expect(await answer).toBe('no');
    await screens.sees('Install packages');
  });

  it('follows what happens until a stage is chosen, and again on f', async () => {
    const screens = await atRun();
    screens.play(waits('etcd-manifest'));
    await screens.sees('▸● etcd');
    screens.press('up', 'up');
    await screens.sees('▸✔ Prepare host');
    screens.play(event => event.type === 'step-started' && event.step === 'kubeadm-init');
    await screens.sees('● Control plane');
    expect(screens.frame).toContain('▸✔ Prepare host');
    screens.press('f');
    await screens.sees('▸● Control plane');
  });
});

describe('the plan', () => {
  it('is written to a file as a whole', async () => {
    const screens = await atPlan();
    screens.press('w');
    await screens.sees('The plan is in /root/kube-el7-install-plan.txt.');
    await expect(screens.saved).toMatchFileSnapshot('frames/plan-file.txt');
  });

  it('that cannot be made says why, and is tried again', async () => {
    const installer = new FakeInstaller();
    const { plans } = installer;
    installer.plans = [() => Promise.reject(new Error('docker does not answer')), ...plans];
    installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: 'r' };
    const screens = await new Opened({ installer }).sees('1.19.16');
    screens.press('enter', 'enter', 'enter', 'enter');
    await screens.sees('Enter shows the plan');
    screens.press('enter');
    await screens.sees('The plan could not be made: docker does not answer');
    screens.press('r');
    await screens.sees('8 stages');
  });
});

describe('preflight', () => {
  it('is left with 2 where something is fatal', async () => {
    const installer = new FakeInstaller();
    installer.preflights = ['preflight-fatal'];
    installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: 'r' };
    const screens = await new Opened({ installer }).sees('1.19.16');
    screens.press('enter', 'enter', 'enter', 'enter');
    await screens.sees('2 fatal');
    screens.press('q');
    expect(await screens.exit).toBe(2);
  });
});

describe('the streams', () => {
  it('are events of one version, counted from 1', () => {
    const events = stream('succeeded');
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(new Set(events.map(({ v }) => v))).toEqual(new Set([1]));
  });
});
