import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../source/engine/event';
import { failureLines, problemsText } from '../../source/renderers/failure-text';
import { jsonListener } from '../../source/renderers/json';
import { duration, plainListener } from '../../source/renderers/plain';
import { events, everything } from './events';

function plain(bodies: readonly EventBody[]): string {
  let text = '';
  const listener = plainListener(more => {
    text += more;
  });
  for (const event of events(bodies)) listener(event);
  return text;
}

describe('json', () => {
  it('writes every event as it is, one a line', () => {
    const lines: string[] = [];
    const listener = jsonListener(text => lines.push(text));
    const all = events(everything);
    for (const event of all) listener(event);
    expect(lines).toHaveLength(all.length);
    for (const [index, line] of lines.entries()) {
      expect(line.endsWith('\n')).toBe(true);
      expect(line.slice(0, -1)).not.toContain('\n');
      expect(JSON.parse(line)).toEqual(all[index]);
    }
  });
});

describe('plain', () => {
  const text = plain(everything);

  it('says everything that happens', () => {
    for (const part of [
      'check Swap: ok swap is off',
      'check Swap: WARNING swap is on',
      'fix: it will be switched off',
      'check Swap: FATAL no disk',
      'preflight: 1 fatal, 1 warning\n',
      'install on master1 by kube-el7-install 0.1.0',
      'goes on where it stopped',
      'value KUBE_VERSION=1.20.2 (variables:3)',
      'begin Prepare host > Switch swap off',
      'do    Prepare host > Switch swap off: /etc/fstab',
      '| some output',
      'wait  until etcd answers, at most 1:00',
      'wait  0:16 until etcd answers; last error: refused',
      'done  Prepare host > Switch swap off: changed, 1:05',
      'FAIL  Prepare host > Switch swap off after 0:04',
      'seen: x509: unknown authority',
      'What to do: Give DOCKER_REGISTRY_CA.',
      '(image-pull)',
      'etcd  master1 10.0.0.1 leader: ok',
      'begin Prepare master2 > Switch swap off on master2',
      'etcd  master2 10.0.0.2 learner: ok; 128 entries behind the leader',
      'master master2 10.0.0.2: files incomplete; pki/ca.crt is missing',
      'back  Prepare host > Switch swap off failed; puts back what is half done: 2 changes',
      'failed after 0:05: 1 step changed, 0 as they should be',
      'Run the same command again',
      'succeeded after 1:02:03: 0 steps changed, 7 as they should be',
      'master1  10.0.0.1  master  Ready   v1.20.2',
      'kube-el7-install join-command',
      '/etc/kubernetes/pki/ca.crt  expires 2036-11-20',
      'A note.',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('does not repeat a wait more often than every 15 seconds', () => {
    expect(text).not.toContain('last error: early');
  });

  it('tells of a member and of a master only what has become of them', () => {
    const member = { name: 'm', address: '10.0.0.2', role: 'learner', healthy: true } as const;
    const lines = plain([
      ...[1284, 1100, 1042, 128, 0, 0].map(lag => ({ type: 'member' as const, member: { ...member, lag } })),
      ...[7, 9].map(roundTripMs => ({
        type: 'member' as const,
        member: { ...member, role: 'voter' as const, roundTripMs },
      })),
    ]);
    expect([...lines.matchAll(/(learner|voter): (.*)/g)].map(([whole]) => whole)).toEqual([
      'learner: ok; 1284 entries behind the leader',
      'learner: ok; 128 entries behind the leader',
      'learner: ok; 0 entries behind the leader',
      'voter: ok',
    ]);
    const master = { name: 'm', address: '10.0.0.2', joined: true, files: 'complete', ready: true } as const;
    const of = (apiserver: 'unhealthy' | 'healthy') =>
      ({ type: 'master', master: { ...master, apiserver } }) as const;
    expect(plain([of('unhealthy'), of('unhealthy'), of('healthy'), of('healthy')]).split('\n')).toHaveLength(
      3,
    );
  });

  it('puts the time of day and the time since the start before every line', () => {
    const stamped = text.split('Values\n')[0]?.trimEnd().split('\n') ?? [];
    expect(stamped.length).toBeGreaterThan(30);
    for (const line of stamped) expect(line).toMatch(/^05:24:\d\dZ +\d:\d\d/);
  });

  it('shows a plan whole, without stamps, with contents, sources and notes', () => {
    const shown = plain(everything.slice(-1));
    expect(shown).toMatch(/^Values\n {2}KUBE_VERSION {2}1\.20\.2 {2}\(variables:3\)/);
    expect(shown).toContain('| # no swap');
    expect(shown).toContain('Note: Helm 3 needs nothing.');
    expect(shown).toMatch(/1 change in 1 step of 1\. Nothing was changed\.\n$/);
  });

  it('has a line for every type of event but those that only open or close another', () => {
    const silent = everything.filter(body => plain([body]) === '').map(body => body.type);
    expect([...new Set(silent)].sort()).toEqual([
      'change-finished',
      'check-started',
      'wait-finished',
      'wait-progress',
    ]);
  });
});

it('shows durations as minutes and seconds', () => {
  expect([0, 999, 61_000, 3_600_000, -5].map(duration)).toEqual(['0:00', '0:00', '1:01', '1:00:00', '0:00']);
});

it('shows a failure and all problems in full', () => {
  expect(failureLines({ code: 'c', message: 'M.', hint: 'H.', seen: ['s'] })).toEqual([
    'M.',
    '  seen: s',
    'What to do: H.',
    '(c)',
  ]);
  const problem = {
    field: 'TILLER',
    value: 'maybe',
    where: 'variables:3',
    wrong: 'is neither yes nor no',
    right: 'yes or no',
  };
  const text = problemsText([problem, { ...problem, value: '' }]);
  expect(text).toContain('2 things are wrong');
  expect(text).toContain('  variables:3: TILLER "maybe" is neither yes nor no\n    right: yes or no');
});
