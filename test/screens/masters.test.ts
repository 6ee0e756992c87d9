import { describe, expect, it } from 'vitest';
import type { Event, EventBody } from '../../source/engine/event';
import { failureRows } from '../../source/screens/failure/rows';
import { commandRows } from '../../source/screens/frame/command-rows';
import { blockTop } from '../../source/screens/frame/scroll';
import { joinRows } from '../../source/screens/overlay/join-rows';
import { paneRows } from '../../source/screens/run/pane-rows';
import { stageRows } from '../../source/screens/run/stage-rows';
import { awaitedMasters } from '../../source/screens/state/awaited';
import { masterWords } from '../../source/screens/state/masters';
import { EMPTY_RUN, type RunState } from '../../source/screens/state/run-types';
import { stepTitle } from '../../source/screens/state/stage';
import { stream } from './support/fake-installer';
import { after, master, texts, upTo } from './support/runs';

/** A run that prepares and joins two other hosts itself. */
function reachingOthers(): RunState {
  const step = (id: string, title: string, host?: string) => ({
    id,
    title,
    after: [],
    ...(host === undefined ? {} : { host }),
  });
  const [started] = stream('several-masters');
  if (started?.type !== 'run-started') throw new Error('the stream does not begin with its run');
  return after([
    {
      ...started,
      stages: [
        { id: 'prepare', title: 'Prepare host', steps: [step('packages', 'Install packages')] },
        ...['master2', 'master3'].map(name => ({
          id: `prepare-${name}`,
          title: `Prepare ${name}`,
          steps: [step(`packages@${name}`, 'Install packages', name)],
        })),
        {
          id: 'clients',
          title: 'Client certificates',
          steps: [step('join-command', 'Write the command for nodes to join')],
        },
        { id: 'masters', title: 'Masters', steps: [step('join@master2', 'Join master2', 'master2')] },
      ],
    },
  ]);
}

describe('a master', () => {
  it.each([
    [{}, 'not joined'],
    [{ joined: true }, 'joined, no files'],
    [{ joined: true, files: 'incomplete' }, 'files incomplete'],
    [{ joined: true, files: 'complete' }, 'no apiserver'],
    [{ joined: true, files: 'complete', apiserver: 'unhealthy' }, 'apiserver starts'],
    [{ joined: true, files: 'complete', apiserver: 'healthy' }, 'not Ready'],
    [{ joined: true, files: 'complete', apiserver: 'healthy', ready: true }, 'Ready'],
  ] as const)('%j is "%s"', (more, words) => {
    const { masters } = after([master('master2', more)]);
    expect(masters.map(masterWords)).toEqual([words]);
  });

  it('is in sight beside the stage at work, also when there are five at 80 by 24', () => {
    const names = ['master1', 'master2', 'master3', 'master4', 'master5'];
    const run = after(
      names.map(name => master(name)),
      upTo('several-masters', ({ type }) => type === 'run-started'),
    );
    // 24 rows less frame (5), wait (3), two rules, quorum and five members.
    const height = 24 - 5 - 3 - 2 - 6;
    for (const id of ['masters', 'grow', 'swap', 'verify']) {
      const chosen = run.stages.findIndex(stage => stage.id === id);
      const { rows, first, last } = stageRows(run, chosen, false, 0, 34);
      const top = blockTop(first, last, rows.length, height);
      const shown = texts(rows.slice(top, top + height)).join('\n');
      for (const name of [...names, `▸· ${run.stages[chosen]?.title ?? 'none'}`])
        expect(shown).toContain(name);
    }
    const masters = run.stages.find(({ id }) => id === 'masters');
    const pane = texts([...paneRows(run, masters, true, 43, height)]);
    expect(pane).toHaveLength(height);
    for (const name of names) expect(pane.join('\n')).toContain(name);
  });
});

describe('masters that somebody has to join', () => {
  it('are those that are not in the cluster, once there is a command for it', () => {
    const made = (event: Event) => event.type === 'step-finished' && event.step === 'join-command';
    const names = (run: RunState) => awaitedMasters(run).map(({ name }) => name);
    expect(
      names(upTo('several-masters', event => event.type === 'step-started' && event.step === 'join-command')),
    ).toEqual([]);
    const run = upTo('several-masters', made);
    expect(names(run)).toEqual(['master2', 'master3']);
    expect(names(after([master('master3', { joined: true })], run))).toEqual(['master2']);
  });

  it('are none where the run reaches the hosts itself', () => {
    const run = after(
      [
        { type: 'step-finished', step: 'join-command', outcome: 'unchanged', ms: 1 },
        master('master2'),
        master('master4'),
      ],
      reachingOthers(),
    );
    expect(awaitedMasters(run).map(({ name }) => name)).toEqual(['master4']);
  });

  it('are told the command as it was written, its token masked, and where nothing was written how to have it printed', () => {
    const written = upTo(
      'several-masters',
      event => event.type === 'step-finished' && event.step === 'join-command',
    );
    const whole = texts([...joinRows(written, 120)]).join('\n');
    expect(written.join?.file).toBe('/var/lib/kube-el7-install/join-worker');
    expect(whole).toContain(
      'kubeadm join 10.160.24.100:6443 --token [secret] --discovery-token-ca-cert-hash',
    );
    const unchanged = after(
      [
        { type: 'step-planned', step: 'join-command', changes: [] },
        { type: 'step-finished', step: 'join-command', outcome: 'unchanged', ms: 1 },
        master('master2'),
      ],
      reachingOthers(),
    );
    const again = texts([...joinRows(unchanged, 80)]).join('\n');
    expect(again).toContain('kube-el7-install join-command');
    expect(again).not.toContain('kubeadm join');
    expect(texts([...joinRows(EMPTY_RUN, 80)]).join()).toContain('Nothing can join yet');
  });
});

describe('a command', () => {
  const words = `kubeadm join 10.0.0.1:6443 --token [secret] --discovery-token-ca-cert-hash sha256:${'a'.repeat(64)}`;

  it.each([
    [80, '   '],
    [71, ''],
    [200, '   '],
  ])('in %i columns stays the same to a shell', (columns, indent) => {
    const lines = texts([...commandRows(words, columns, indent)]);
    expect(lines.every(line => line.length <= columns)).toBe(true);
    expect(
      lines
        .join('\n')
        .replace(/\\\n/g, '')
        .split(/ +/)
        .filter(word => word !== '')
        .join(' '),
    ).toBe(words);
  });

  it('is not broken inside a word to make it fit', () => {
    const run = upTo(
      'several-masters',
      event => event.type === 'step-finished' && event.step === 'join-command',
    );
    const masters = run.stages.find(({ id }) => id === 'masters');
    const pane = (width: number) => texts([...paneRows(run, masters, true, width, 26)]).join('\n');
    expect(pane(71)).toMatch(/^sha256:[0-9a-f]{64}$/m);
    expect(pane(70)).not.toContain('kubeadm join');
  });
});

describe('several hosts at work', () => {
  const output = (step: string, line: string): EventBody => ({
    type: 'output',
    step,
    stream: 'stdout',
    line,
  });
  const run = after(
    [
      { type: 'step-started', step: 'packages' },
      { type: 'step-started', step: 'packages@master2' },
      output('packages@master2', 'Installing : kubelet'),
      { type: 'step-started', step: 'packages@master3' },
    ],
    reachingOthers(),
  );

  it('have each a part of the pane while nobody chose a stage', () => {
    const [stage] = run.stages;
    const pane = texts([...paneRows(run, stage, true, 43, 10)]);
    expect(pane).toEqual([
      '● master1: Install packages',
      '  looking at what is there',
      '● master2: Install packages',
      '  looking at what is there',
      '  Installing : kubelet',
      '● master3: Install packages',
      '  looking at what is there',
    ]);
    expect(texts([...paneRows(run, stage, true, 43, 3)]).filter(line => line.startsWith('●'))).toHaveLength(
      3,
    );
    expect(texts([...paneRows(run, stage, false, 43, 10)])[0]).toBe('Install packages');
  });

  it('are named with their steps where the title does not', () => {
    expect(stepTitle({ title: 'Install packages', host: 'master2' })).toBe('Install packages on master2');
    expect(stepTitle({ title: 'Join master2', host: 'master2' })).toBe('Join master2');
    expect(stepTitle({ title: 'Install packages' })).toBe('Install packages');
  });
});

describe('what a failed step puts back', () => {
  it('is not among what was changed, and is on the card', () => {
    const run = upTo('several-masters-failed', ({ type }) => type === 'run-finished');
    expect(run.changed.filter(({ step }) => step === 'etcd-start-master2')).toEqual([]);
    expect(run.changed.filter(({ step }) => step === 'etcd-add-master2')).toHaveLength(1);
    const card = texts([...failureRows(run, 80)]).join('\n');
    expect(card).toContain(' Put back  Remove master2 from etcd\n           Let etcd on master2 wait');
    expect(card).not.toContain('Half done');
  });

  it('and could not, is left half done and said to be', () => {
    const before = upTo('several-masters-failed', ({ type }) => type === 'step-withdrawn');
    const run = after(
      [
        {
          type: 'step-failed',
          step: 'etcd-start-master2',
          failure: { code: 'timed-out', message: 'It did not start.' },
          changed: [{ kind: 'run', title: 'Let etcd on master2 start', detail: [] }],
          ms: 1,
        },
      ],
      before,
    );
    const card = texts([...failureRows(run, 80)]).join('\n');
    expect(card).toContain(' Half done Remove master2 from etcd\n           Let etcd on master2 wait');
    expect(card).not.toContain('Put back');
    expect(run.changed.some(({ title }) => title === 'Let etcd on master2 start')).toBe(true);
  });
});

describe('the rows in sight', () => {
  it.each([
    [0, 0, 0],
    [4, 6, 2],
    [2, 8, 2],
    [12, 14, 8],
    [1, 14, 1],
  ])('from %i to %i of 15 begin at %i of 7', (first, last, top) => {
    expect(blockTop(first, last, 15, 7)).toBe(top);
  });
});
