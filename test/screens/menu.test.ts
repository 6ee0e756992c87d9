import { describe, expect, it } from 'vitest';
import type { Event, EventBody, RunCommand } from '../../source/engine/event';
import type { Standing } from '../../source/screens/state/menu-types';
import type { Offers } from '../../source/screens/state/offers';
import { gone, lost, replaced, whole } from './support/diagnoses';
import { FakeInstaller } from './support/fake-installer';
import { MASTER, Opened } from './support/opened';

interface At {
  readonly columns?: number;
  readonly rows?: number;
  readonly standing?: Standing;
  readonly offers?: Partial<Offers>;
  readonly env?: Readonly<Record<string, string>>;
}

function menu(at: At, ...diagnoses: FakeInstaller['diagnoses']): Opened {
  const { standing = MASTER, offers = {}, ...size } = at;
  const installer = new FakeInstaller();
  installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: 'r' };
  installer.diagnoses = diagnoses;
  return new Opened({
    ...size,
    installer,
    opening: { kind: 'menu', standing },
    offers: {
      supportBundle: () => Promise.resolve('/root/kube-el7-install-support.tar.gz'),
      standing: () => Promise.resolve(standing),
      ...offers,
    },
  });
}

/** A run of another command that changes one file. */
function runOf(command: RunCommand): readonly Event[] {
  const change = {
    kind: 'remove',
    title: 'remove /etc/kubernetes/manifests/etcd-init.yaml',
    detail: [],
  } as const;
  const step = 'take-back';
  const bodies: readonly EventBody[] = [
    {
      type: 'run-started',
      product: 'kube-el7-install 0.1.0',
      command,
      host: 'master1',
      values: [],
      stages: [{ id: 'back', title: 'Take it back', steps: [{ id: step, title: 'Files', after: [] }] }],
      log: '/var/log/kube-el7-install/2026-03-02T03-00-00',
      resumed: false,
    },
    { type: 'step-started', step },
    { type: 'step-planned', step, changes: [change] },
    { type: 'change-started', step, index: 0, change },
    { type: 'change-finished', step, index: 0, ms: 1 },
    { type: 'step-finished', step, outcome: 'changed', ms: 1000 },
    { type: 'run-finished', outcome: 'succeeded', changed: 1, unchanged: 0, ms: 2000 },
  ];
  return bodies.map((body, index) => ({
    v: 1,
    seq: index + 1,
    time: new Date(Date.UTC(2026, 2, 2, 3, 0, index)).toISOString(),
    run: 'r',
    ...body,
  }));
}

describe.each([
  [80, 24],
  [120, 40],
])('the menu at %i by %i', (columns, rows) => {
  const file = (name: string) => `frames/menu-${name}-${columns}x${rows}.txt`;

  it('says at once what the host is, then how etcd is, and puts recovery first where a member is gone', async () => {
    let answer: () => void = () => undefined;
    const asked = new Promise<typeof replaced>(resolve => {
      answer = () => {
        resolve(replaced);
      };
    });
    const screens = await menu({ columns, rows }, () => asked).sees('its members are being asked');
    expect(screens.frame).toContain('▸ 1 Check the installation and complete it');
    await expect(screens.frame).toMatchFileSnapshot(file('asking'));
    answer();
    await screens.sees('▸ 1 Put master2 back');
    await expect(screens.frame).toMatchFileSnapshot(file('gone'));
    screens.press('enter');
    await screens.sees('master2 can be put back now');
    expect(screens.installer.calls).toContain('open {"command":"readd-member"}');
    screens.press('b');
    await screens.sees('▸ 1 Put master2 back');
  });

  it('says in few words what is the matter with each member where more would not fit', async () => {
    const more = { detail: `dial tcp 10.0.0.12:2380: connect: no route to host${', and again'.repeat(5)}` };
    const members = lost.members.map((one, at) => ({ ...one, ...(at > 0 && more) }));
    const screens = await menu({ columns, rows }, { ...lost, members }).sees('nothing can be written');
    await expect(screens.frame).toMatchFileSnapshot(file('lost'));
    expect(/no route to host.*master3/s.test(screens.frame)).toBe(columns > 80);
  });

  it('shows what cannot be done with the reason, and says it again when it is chosen', async () => {
    const standing: Standing = { host: 'node7', kind: 'worker', underWay: false, undoable: false };
    const screens = await menu({ columns, rows, standing }).sees('a node of a cluster, and no master');
    screens.press('4');
    await screens.sees('reset this host');
    screens.press('b');
    await screens.sees('what to do');
    screens.press('3');
    await screens.sees(/▲ +Undo the last run: no run has left a record/);
    await expect(screens.frame).toMatchFileSnapshot(file('worker'));
  });

  it('undoes and resets without questions: checks, plan, run, and an end that says what was done', async () => {
    const screens = await menu({ columns, rows }, whole).sees('all are well');
    for (const [key, command] of [
      ['3', 'undo'],
      ['4', 'reset'],
    ] as const) {
      screens.installer.events = runOf(command);
      screens.press(key);
      await screens.sees('Enter shows the plan');
      expect(screens.frame).toContain(`preflight: ${command}`);
      screens.press('enter');
      await screens.sees('y do it');
      await expect(screens.frame).toMatchFileSnapshot(file(`${command}-plan`));
      screens.press('y');
      await screens.until(() => screens.installer.calls.includes('run'));
      screens.play();
      await screens.sees(command === 'undo' ? 'The last run on master1 is undone' : 'is reset to what');
      expect(screens.frame).not.toContain('Kubernetes is up');
      await expect(screens.frame).toMatchFileSnapshot(file(`${command}-end`));
      screens.installer.calls.length = 0;
      screens.press('b');
      await screens.sees('what to do');
    }
    screens.press('q');
    expect(await screens.exit).toBe(0);
  });
});

describe('the menu', () => {
  it('leads to the questions and back', async () => {
    const screens = await menu({}, whole).sees('all are well');
    screens.press('enter');
    await screens.sees('question 1 of 4');
    expect(screens.installer.calls).toContain('open {"command":"install"}');
    screens.press('escape');
    await screens.sees('what to do');
  });

  it('leaves the mark where somebody has moved it, whatever comes to be known', async () => {
    let answer: () => void = () => undefined;
    const asked = new Promise<typeof gone>(resolve => {
      answer = () => {
        resolve(gone);
      };
    });
    const screens = await menu({}, () => asked).sees('▸ 1 Check the installation');
    screens.press('down', 'down');
    await screens.sees('▸ 3 Undo the last run');
    answer();
    await screens.sees('2 See what is the matter with master2');
    expect(screens.frame).toContain('▸ 3 Undo the last run');
    screens.press('down');
    await screens.sees('▸ 4 Reset this host');
  });

  it('says of a lost quorum that nothing can be written', async () => {
    const screens = await menu({}, lost).sees('nothing can be written');
    await expect(screens.frame).toMatchFileSnapshot('frames/menu-lost.txt');
    screens.press('1');
    await screens.sees('newest first');
  });

  it('offers a run under way first, and leaves for it', async () => {
    let attached = 0;
    const screens = await menu(
      {
        standing: { ...MASTER, underWay: true },
        offers: {
          attach: () => {
            attached += 1;
            return Promise.resolve(7);
          },
        },
      },
      whole,
    ).sees('▸ 1 Show the run that is under way');
    await screens.sees('all are well');
    await expect(screens.frame).toMatchFileSnapshot('frames/menu-under-way.txt');
    expect(attached).toBe(0);
    screens.press('enter');
    expect(await screens.exit).toBe(7);
    expect(screens.terminal.alternate).toBe(false);
  });

  it('writes a support bundle and says where it is, also when it is left', async () => {
    const screens = await menu({}, whole).sees('all are well');
    screens.press('5');
    await screens.sees('/root/kube-el7-install-support.tar.gz');
    screens.press('q');
    await screens.exit;
    expect(screens.terminal.scrollback).toContain('Support bundle: /root/kube-el7-install-support.tar.gz');
  });

  it('does not go on where another command cannot be had', async () => {
    const { Failure } = await import('../../source/engine/failure');
    const failure = new Failure({ code: 'file-missing', message: 'The record cannot be read.' });
    const screens = await menu({ offers: { open: () => Promise.reject(failure) } }, whole).sees(
      'all are well',
    );
    screens.press('3');
    await screens.sees('It cannot be done: The record cannot be read.');
    screens.press('b');
    await screens.sees('what to do');
  });

  it('shows what is wrong with what was given, and reads it again', async () => {
    const screens = await menu({}, whole).sees('all are well');
    screens.installer.otherProblems = [
      {
        field: 'CLUSTER_DNS',
        value: 'x',
        where: 'variables:14',
        wrong: 'is no address',
        right: '10.96.0.10',
      },
    ];
    screens.press('4');
    await screens.sees('CLUSTER_DNS=x (variables:14)');
    screens.installer.otherProblems = [];
    screens.press('r');
    await screens.sees('Enter shows the plan');
  });

  it('is shown in ASCII where nothing else can be', async () => {
    const screens = await menu({ env: { LANG: 'C' } }, replaced).sees('> 1 Put master2 back');
    expect(screens.frame).toMatch(/^[\x20-\x7e\n]*$/);
    await expect(screens.frame).toMatchFileSnapshot('frames/menu-ascii.txt');
  });
});

describe('the failure card', () => {
  async function failed(offers?: Partial<Offers>): Promise<Opened> {
    const installer = new FakeInstaller();
    installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: 'r' };
    installer.runs = ['failed', 'succeeded'];
    const screens = new Opened({ installer, ...(offers === undefined ? {} : { offers }) });
    await screens.sees('1.19.16');
    screens.press('enter', 'enter', 'enter', 'enter');
    await screens.sees('Enter shows the plan');
    screens.press('enter');
    await screens.sees(/\d+ stages, \d+ changes/);
    screens.press('y');
    await screens.until(() => installer.calls.includes('run'));
    screens.play();
    return screens.sees('Cause');
  }

  it('has no key for what is not there', async () => {
    const screens = await failed();
    expect(screens.frame).not.toMatch(/undo|support bundle/);
    screens.press('u', 's');
    expect(screens.installer.calls.filter(call => call.startsWith('open'))).toEqual([]);
  });

  it('leads to the undoing of the run, and writes a support bundle', async () => {
    const screens = await failed({ supportBundle: () => Promise.resolve('/root/bundle.tar.gz') });
    expect(screens.frame).toContain('u undo this run');
    screens.press('s');
    await screens.sees('/root/bundle.tar.gz');
    await expect(screens.frame).toMatchFileSnapshot('frames/failure-offers.txt');
    screens.press('u');
    await screens.sees('preflight: undo the last run');
    expect(screens.installer.calls).toContain('open {"command":"undo"}');
  });

  it('ends a run that waits for an answer before it is undone', async () => {
    const screens = await failed({});
    screens.press('r');
    await screens.until(() => screens.installer.calls.filter(call => call === 'run').length === 2);
    screens.play(({ type }) => type === 'step-started');
    const answer = screens.installer.ask?.({
      id: 'failed-packages-1',
      step: 'packages',
      about: 'failure',
      text: 'It failed.',
      choices: [
        { id: 'retry', title: 'Try again' },
        { id: 'quit', title: 'Stop here' },
      ],
      otherwise: 'quit',
    });
    await screens.sees('end the run');
    screens.press('u');
    expect(await answer).toBe('quit');
  });
});
