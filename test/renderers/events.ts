import type { Event, EventBody } from '../../source/engine/event';

/** Gives bodies what the stream adds; each a second after the one before. */
export function events(bodies: readonly EventBody[]): Event[] {
  return bodies.map((body, index) => ({
    v: 1,
    seq: index + 1,
    time: new Date(Date.UTC(2026, 10, 23, 5, 24, index)).toISOString(),
    run: '20261123T052400Z-1a2b',
    ...body,
  }));
}

const stages = [
  { id: 'prepare', title: 'Prepare host', steps: [{ id: 'swap', title: 'Switch swap off', after: [] }] },
  {
    id: 'prepare-master2',
    title: 'Prepare master2',
    steps: [{ id: 'swap@master2', title: 'Switch swap off', host: 'master2', after: [] }],
  },
];
const change = { kind: 'write', title: '/etc/fstab', detail: ['mode 0644', '# no swap'] } as const;
const failure = {
  code: 'image-pull',
  message: 'The image cannot be pulled.',
  hint: 'Give DOCKER_REGISTRY_CA.',
  seen: ['x509: unknown authority'],
};

/** A run with one of everything. */
export const everything: readonly EventBody[] = [
  { type: 'check-started', id: 'swap', title: 'Swap' },
  {
    type: 'check-finished',
    id: 'swap',
    title: 'Swap',
    findings: [
      { level: 'ok', message: 'swap is off' },
      { level: 'warning', message: 'swap is on', fix: 'it will be switched off' },
      { level: 'fatal', message: 'no disk', fix: 'add one' },
    ],
  },
  { type: 'preflight-finished', fatal: 1, warnings: 1 },
  {
    type: 'run-started',
    product: 'kube-el7-install 0.1.0',
    command: 'install',
    host: 'master1',
    values: [{ name: 'KUBE_VERSION', value: '1.20.2', source: 'variables:3' }],
    stages,
    log: '/var/log/kube-el7-install/x',
    resumed: true,
  },
  { type: 'step-started', step: 'swap' },
  { type: 'step-started', step: 'swap@master2' },
  { type: 'step-planned', step: 'swap', changes: [change] },
  { type: 'change-started', step: 'swap', index: 0, change },
  { type: 'output', step: 'swap', stream: 'stdout', line: 'some output' },
  { type: 'change-finished', step: 'swap', index: 0, ms: 5 },
  { type: 'wait-started', step: 'swap', title: 'etcd answers', timeoutMs: 60_000 },
  { type: 'wait-progress', step: 'swap', title: 'etcd answers', elapsedMs: 1000, lastError: 'early' },
  { type: 'wait-progress', step: 'swap', title: 'etcd answers', elapsedMs: 16_000, lastError: 'refused' },
  { type: 'wait-finished', step: 'swap', title: 'etcd answers', ms: 17_000 },
  { type: 'step-finished', step: 'swap', outcome: 'changed', ms: 65_000 },
  { type: 'step-failed', step: 'swap', failure, changed: [change], ms: 4000 },
  { type: 'member', member: { name: 'master1', address: '10.0.0.1', role: 'leader', healthy: true } },
  {
    type: 'member',
    member: { name: 'master2', address: '10.0.0.2', role: 'learner', healthy: true, lag: 128 },
  },
  {
    type: 'master',
    master: {
      name: 'master2',
      address: '10.0.0.2',
      joined: true,
      files: 'incomplete',
      apiserver: 'absent',
      ready: false,
      lastError: 'pki/ca.crt is missing',
    },
  },
  { type: 'step-withdrawn', step: 'swap', changes: [change, change] },
  {
    type: 'question',
    question: {
      id: 'q',
      step: 'swap',
      text: 'Try again?',
      choices: [{ id: 'quit', title: 'Quit' }],
      otherwise: 'quit',
    },
  },
  { type: 'answer', id: 'q', choice: 'quit' },
  { type: 'run-finished', outcome: 'failed', changed: 1, unchanged: 0, ms: 5000, failure },
  {
    type: 'run-finished',
    outcome: 'succeeded',
    changed: 0,
    unchanged: 7,
    ms: 3_723_000,
    summary: {
      nodes: [{ name: 'master1', address: '10.0.0.1', roles: 'master', status: 'Ready', version: 'v1.20.2' }],
      kubeconfig: '/root/.kube/config',
      join: {
        command: 'kubeadm join 10.0.0.1:6443 --token [secret]',
        file: '/var/lib/kube-el7-install/join-worker',
      },
      certificates: [{ path: '/etc/kubernetes/pki/ca.crt', expires: '2036-11-20T05:24:15.000Z' }],
      notes: ['A note.'],
    },
  },
  {
    type: 'plan',
    values: [{ name: 'KUBE_VERSION', value: '1.20.2', source: 'variables:3' }],
    stages,
    steps: [{ id: 'swap', changes: [change] }],
    notes: ['Helm 3 needs nothing.'],
  },
];
