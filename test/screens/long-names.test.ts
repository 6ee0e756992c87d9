import { describe, expect, it } from 'vitest';
import { memberRows } from '../../source/screens/run/member-rows';
import { barRows, foldedRows, wholeRows } from '../../source/screens/summary/rows';
import { applyEvent } from '../../source/screens/state/run';
import { EMPTY_RUN, type RunState } from '../../source/screens/state/run-types';
import { textWidth } from '../../source/screens/terminal/width';
import { events } from '../renderers/events';

/** The end of a run whose hosts have a name, and with a stage for one of them. */
function ended(name: string): RunState {
  const node = { name, address: '10.160.100.211', roles: 'control-plane,master', status: 'Ready' };
  return events([
    {
      type: 'run-started',
      product: 'kube-el7-install 0.1.0',
      command: 'readd-member',
      host: name,
      values: [],
      stages: [
        {
          id: 'out',
          title: `Take ${name} and ${name} out of etcd`,
          steps: [{ id: 'a', title: 'A', after: [] }],
        },
        { id: 'verify', title: 'Verify', steps: [{ id: 'b', title: 'B', after: [] }] },
      ],
      log: '/var/log/kube-el7-install/x',
      resumed: false,
    },
    ...(['a', 'b'] as const).flatMap(step => [
      { type: 'step-started' as const, step },
      { type: 'step-finished' as const, step, outcome: 'changed' as const, ms: 900 },
    ]),
    {
      type: 'run-finished',
      outcome: 'succeeded',
      changed: 2,
      unchanged: 0,
      ms: 5000,
      summary: {
        nodes: [{ ...node, version: 'v1.20.2' }],
        kubeconfig: '/etc/kubernetes/admin.conf',
        join: { command: 'kubeadm join vip.lab:6443', file: '/var/lib/kube-el7-install/join-worker' },
        certificates: [{ path: '/etc/kubernetes/pki/ca.crt', expires: '2036-11-20T05:24:15.000Z' }],
        notes: [],
      },
    },
  ]).reduce(applyEvent, EMPTY_RUN);
}

const NAMES = [
  'm',
  'master1',
  'ip-172-31-100-211.eu-central-1.compute.internal',
  `${'a'.repeat(31)}.${'b'.repeat(31)}`,
];

describe.each([80, 100, 120])('the end of a run on %i columns', columns => {
  it.each(NAMES)('is drawn within them where a host is called %s', name => {
    const run = ended(name);
    for (const rows of [
      barRows(run, columns),
      foldedRows(run, columns),
      wholeRows(run, Date.now(), columns),
    ]) {
      const widths = rows.map(row => textWidth(row.map(({ text }) => text).join('')));
      expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    }
    const told = foldedRows(run, columns).map(row => row.map(({ text }) => text).join(''));
    expect(told.join('\n')).toContain(name.slice(0, 14));
  });
});

describe.each([80, 120])('the pane of etcd on %i columns', columns => {
  it.each([
    [
      ['master1', 'master2', 'master3'],
      ['master1 ', 'master2 ', 'master3 '],
    ],
    [
      ['211', '212', '213'].map(end => `ip-172-31-100-${end}.eu-central-1.compute.internal`),
      ['172-31-100-211 ', '172-31-100-212 ', '172-31-100-213 '],
    ],
    [['a', 'b'].map(end => `${'x'.repeat(60)}${end}`), ['xa ', 'xb ']],
  ])('tells members apart whatever they are called: %j', (names, shown) => {
    const members = names.map((name, at) => ({
      ...{ name, address: `10.0.0.${at}`, healthy: true, roundTripMs: 1, databaseBytes: 1000 },
      role: 'voter' as const,
    }));
    const [, ...rows] = memberRows({ ...EMPTY_RUN, members }, columns);
    const lines = rows.map(row => row.map(({ text }) => text).join(''));
    for (const [at, text] of shown.entries()) expect(lines[at]).toContain(text);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
  });
});
