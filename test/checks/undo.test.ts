import { describe, expect, it } from 'vitest';
import { takingBack } from '../../source/checks/undo';
import { UNDO } from '../../source/steps/paths';
import { ResetHost } from '../steps/reset/reset-host';
import { found } from './found';

const NODES = 'https://10.0.0.1:6443/api/v1/nodes';

function withRun(command: string, ...inverses: readonly object[]): ResetHost {
  const host = new ResetHost(1);
  host.put('/etc/kubernetes/manifests/kube-apiserver.yaml', '- --etcd-servers=https://10.0.0.1:2379\n');
  const header = { v: 1, run: 'run1', command, time: '2026-11-25T18:00:00Z', others: [] };
  const entries = inverses.map((inverse, index) => ({ n: index + 1, step: 's', title: 'S', inverse }));
  const lines = [header, ...entries].map(line => `${JSON.stringify(line)}\n`);
  host.put(`${UNDO}/run1.jsonl`, lines.join(''), 0o600);
  return nodes(host, ['master1']);
}

function nodes(host: ResetHost, names: readonly string[]): ResetHost {
  const items = names.map(name => ({ metadata: { name }, status: {} }));
  const body = JSON.stringify({ items });
  host.respond(NODES, { status: 200, headers: {}, body, roundTripMs: 1 });
  return host;
}

const cluster = { kind: 'cluster', finished: false };

describe('taking back', () => {
  it('is refused where there is nothing', async () => {
    const [finding] = await found(takingBack([]), new ResetHost());
    expect(finding).toMatchObject({ level: 'fatal' });
    expect(finding?.message).toContain('no run has changed anything');
  });

  it.each(['reset', 'readd-member'])('is refused for %s, and says which way back there is', async command => {
    const [finding] = await found(takingBack([]), withRun(command));
    expect(finding).toMatchObject({ level: 'fatal' });
    expect(finding?.fix).toMatch(command === 'reset' ? /join again/ : /reset on that master/);
  });

  it('is refused where it would break again what it had mended', async () => {
    const [finding] = await found(takingBack([]), withRun('install', { ...cluster, finished: true }));
    expect(finding).toMatchObject({ level: 'fatal' });
  });

  it('is not refused for a master that was joined over ssh, which its own reset takes out', async () => {
    const host = withRun('install', cluster, { ...cluster, finished: true });
    const path = `${UNDO}/run1.jsonl`;
    const joined = (host.text(path) ?? '').replace('"n":2', '"n":2,"host":"master2"');
    host.put(path, joined, 0o600);
    expect((await found(takingBack([]), host)).map(({ level }) => level)).toEqual(['ok', 'warning']);
  });

  it('is refused where others have joined, and names them', async () => {
    const host = nodes(withRun('install', cluster), ['master1', 'worker1', 'worker2']);
    const [finding] = await found(takingBack([]), host);
    expect(finding?.level).toBe('fatal');
    expect(finding?.message).toContain('worker1, worker2 have joined');
    expect(finding?.fix).toContain('kubectl delete node worker1 worker2');
  });

  it('is refused where the apiserver of a finished cluster does not say who has joined', async () => {
    const host = withRun('install', cluster);
    host.respond(NODES, { error: 'connect ECONNREFUSED' });
    expect((await found(takingBack([]), host))[0]?.level).toBe('fatal');
    host.drop('/var/lib/kube-el7-install/join-worker');
    expect((await found(takingBack([]), host))[0]?.level).toBe('ok');
  });

  it('goes on where an undo was interrupted', async () => {
    const host = withRun('install', cluster);
    host.respond(NODES, { error: 'connect ECONNREFUSED' });
    host.put('/var/lib/kube-el7-install/kept/x/unfinished', 'undo run1\n');
    expect((await found(takingBack([]), host))[0]?.level).toBe('ok');
  });

  it('is free for the master alone', async () => {
    expect((await found(takingBack([]), withRun('install', cluster)))[0]?.level).toBe('ok');
  });
});
