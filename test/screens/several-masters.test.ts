import { describe, expect, it } from 'vitest';
import type { Event } from '../../source/engine/event';
import { FakeInstaller, stream, type StreamName } from './support/fake-installer';
import { atPlan, atRun } from './support/opened';

/** An installer that is given a VIP and three masters, and replays a stream. */
function several(run: StreamName = 'several-masters'): FakeInstaller {
  const installer = new FakeInstaller();
  installer.defaults = {
    ...installer.defaults,
    vip: '10.160.24.100',
    masters: 'master1,master2,master3',
  };
  const [plan] = stream('several-masters-plan');
  if (plan?.type !== 'plan') throw new Error('the stream holds no plan');
  installer.plans = [() => Promise.resolve(plan)];
  installer.runs = [run];
  return installer;
}

const progress = (step: string, words: string) => (event: Event) =>
  event.type === 'wait-progress' && event.step === step && event.lastError.includes(words);
const behind = (event: Event) => event.type === 'member' && event.member.lag === 128;
const promoting = (event: Event) => event.type === 'output' && event.line.includes('in sync with leader');

describe.each([
  [80, 24],
  [120, 40],
])('several masters at %i by %i', (columns, rows) => {
  const file = (name: string) => `frames/masters-${name}-${columns}x${rows}.txt`;

  it('the plan says who becomes a master and how the VIP is brought', async () => {
    const screens = await atPlan({ installer: several(), columns, rows });
    await screens.sees('VIP 10.160.24.100 by keepalived · masters that join later: master2, master3');
    await expect(screens.frame).toMatchFileSnapshot(file('plan'));
  });

  it('a run says who is to join and how, then shows etcd growing, and at the end what there is', async () => {
    const screens = await atRun({ installer: several(), columns, rows });
    screens.play(progress('flannel', 'PodInitializing'));
    await screens.sees('Waiting for master2 and master3 to join');
    await expect(screens.frame).toMatchFileSnapshot(file('awaited'));
    screens.press('j');
    await screens.sees('how nodes join');
    await expect(screens.frame).toMatchFileSnapshot(file('join'));
    screens.press('escape').play(progress('join-master2', 'has not finished'));
    await screens.sees('Waiting for master3 to join');
    await expect(screens.frame).toMatchFileSnapshot(file('one-joined'));
    screens.play(behind);
    await screens.sees('128 behind');
    await expect(screens.frame).toMatchFileSnapshot(file('learner'));
    screens.play(event => event.type === 'step-finished' && event.step === 'etcd-promote-master3');
    screens.play(event => event.type === 'step-started' && event.step === 'etcd-swap-master2');
    await screens.sees('3 voters · quorum 2 · may lose 1');
    await expect(screens.frame).toMatchFileSnapshot(file('voters'));
    screens.play(event => event.type === 'member' && event.member.role === 'voter' && !event.member.healthy);
    await screens.sees('2 of 3 voters healthy · quorum 2 · may lose 0 more');
    await expect(screens.frame).toMatchFileSnapshot(file('swap'));
    screens.play();
    await screens.sees('Kubernetes is up: 3 masters, 1 worker');
    await expect(screens.frame).toMatchFileSnapshot(file('summary'));
  });

  it('a failure says what was put back', async () => {
    const screens = await atRun({ installer: several('several-masters-failed'), columns, rows });
    screens.play(({ type }) => type === 'step-withdrawn').play(({ type }) => type === 'change-started');
    await screens.sees('puts back what is half done');
    screens.play();
    await screens.sees('Put back');
    await expect(screens.frame).toMatchFileSnapshot(file('failure'));
  });
});

describe('several masters', () => {
  it('are shown in ASCII where nothing else can be', async () => {
    const screens = await atRun({ installer: several(), env: { LANG: 'C' } });
    screens.play(promoting);
    await screens.sees('can only promote');
    expect(screens.frame).toMatch(/^[\x20-\x7e\n]*$/);
    await expect(screens.frame).toMatchFileSnapshot('frames/masters-learner-ascii.txt');
  });
});
