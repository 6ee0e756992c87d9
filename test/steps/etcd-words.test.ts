import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { etcdCause, etcdSaid } from '../../source/steps/etcd-words';

/** As real etcd said it, with the traces behind it. */
function logOf(name: string): string {
  return readFileSync(join(__dirname, '../fixtures/etcd-logs', `${name}.log`), 'utf8');
}

describe('why etcd does not run', () => {
  it.each([
    ['nosnap-3.4', 'etcd-database-missing', /snapshot file doesn't exist/],
    ['walzero-3.4', 'etcd-log-damaged', /^etcdmain: walpb: crc mismatch$/],
    ['walcrc-3.5', 'etcd-log-damaged', /^discovery failed: walpb: crc mismatch$/],
    ['zero-3.4', 'etcd-database-damaged', /freepages: failed to get all reachable pages/],
    ['zero-3.5', 'etcd-database-damaged', /Page expected to be/],
    ['cut-3.3', 'etcd-database-damaged', /^(?:fatal error: fault|unexpected fault address 0x\w+)$/],
    ['cut-3.4', 'etcd-database-damaged', /^(?:fatal error: fault|unexpected fault address 0x\w+)$/],
    [
      'invalid-3.5',
      'etcd-database-damaged',
      /^failed to open database: invalid database: |^panic: failed to open database/,
    ],
    ['memory-3.4', 'etcd-no-memory', /cannot allocate memory/],
    ['memory-3.5', 'etcd-no-memory', /cannot allocate memory/],
    ['newer-3.3', 'etcd-too-old', /3\.3\.25 is lower than determined cluster version: 3\.5/],
    ['newer-3.4', 'etcd-too-old', /3\.4\.23 is lower/],
    ['alone-3.5', 'etcd-no-company', /cannot fetch cluster info from peer urls/],
    ['address-3.4', 'etcd-address-gone', /cannot assign requested address/],
    ['flag-3.3', 'etcd-flag', /nonsense-flag/],
  ])('is read from the log %s', (name, code, line) => {
    const said = etcdSaid(logOf(name));
    expect(said?.code).toBe(code);
    expect(said?.line).toMatch(line);
    expect(said?.hint).not.toBe('');
    expect(said?.line.length).toBeLessThanOrEqual(201);
  });

  it.each([
    [
      'I | etcdserver: x\n2026-11-30 12:57:50.47 C | etcdserver: read wal error (wal: crc mismatch) and cannot be repaired',
      'etcd-log-damaged',
      true,
    ],
    ['2026-11-30 12:57:50.47 C | etcdmain: wal: max entry size limit exceeded', 'etcd-log-damaged', true],
    [
      'panic: tocommit(9) is out of range [lastIndex(3)]. Was the raft log corrupted, truncated, or lost?',
      'etcd-log-shortened',
      true,
    ],
    [
      '2026-11-30 12:57:50.47 C | etcdmain: member 8e9e05c52164694d has already been bootstrapped',
      'etcd-data-gone',
      false,
    ],
    [
      '2026-11-30 12:57:50.47 E | rafthttp: request cluster ID mismatch (got a want b)',
      'etcd-other-cluster',
      false,
    ],
    [
      '{"level":"warn","ts":"x","msg":"request sent was ignored by remote peer due to cluster ID mismatch"}',
      'etcd-other-cluster',
      false,
    ],
    [
      '2026-11-30 12:57:50.47 C | etcdserver: create wal error: mkdir /x: no space left on device',
      'etcd-disk-full',
      false,
    ],
    [
      '{"level":"fatal","msg":"failed to save Raft hard state and entries","error":"write /x: no space left on device"}',
      'etcd-disk-full',
      false,
    ],
    [
      '2026-11-30 12:57:50.47 C | etcdmain: cannot access data directory: open /var/lib/etcd/.touch: permission denied',
      'etcd-no-permission',
      false,
    ],
    [
      '2026-11-30 12:57:50.47 C | etcdmain: cannot write to WAL directory: open /x: read-only file system',
      'etcd-disk-broken',
      false,
    ],
    [
      '{"level":"info","msg":"db file is flocked by another process, or taking too long"}',
      'etcd-locked',
      false,
    ],
    [
      '2026-11-30 12:57:50.47 W | etcdserver: another etcd process is using "/x/db" and holds the file lock, or loading',
      'etcd-locked',
      false,
    ],
    [
      '2026-11-30 12:57:50.47 C | etcdmain: open /etc/kubernetes/pki/etcd/server.crt: no such file or directory',
      'etcd-certificate',
      false,
    ],
    [
      '2026-11-30 12:57:50.47 C | etcdmain: tls: private key does not match public key',
      'etcd-certificate',
      false,
    ],
    [
      '2026-11-30 12:57:50.47 C | etcdmain: listen tcp 10.0.0.1:2380: bind: address already in use',
      'etcd-port-taken',
      false,
    ],
    [
      '2026-11-30 12:57:50.47 E | rafthttp: the member has been permanently removed from the cluster',
      'etcd-removed',
      false,
    ],
    ['fatal error: runtime: out of memory', 'etcd-no-memory', false],
    ['panic: page 7 already freed', 'etcd-database-damaged', true],
    [
      'panic: cannot unmarshal event: proto: KeyValue: wiretype end group for non-group',
      'etcd-database-damaged',
      true,
    ],
    ['panic: something that nobody knows yet', 'etcd-ended', false],
  ])('is told by %s', (log, code, damaged) => {
    expect(etcdSaid(log)).toMatchObject({ code, damaged });
  });

  it.each([
    [
      "docker's own file",
      (line: string) => JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: 'x' }),
    ],
    ["the kubelet's", (line: string) => `2026-11-30T12:57:50.471298Z stderr F ${line}`],
    ['with the time in front', (line: string) => `2026-11-30T12:57:50.471298Z ${line}`],
    ['with a name in front', (line: string) => `etcd-1  | ${line}`],
    ['in colours', (line: string) => `\u001b[31m${line}\u001b[0m`],
  ])('is found in a log as %s has it', (_, wrap) => {
    for (const name of ['walzero-3.4', 'walcrc-3.5', 'zero-3.4']) {
      const whole = logOf(name);
      expect(etcdSaid(whole.split('\n').map(wrap).join('\n'))?.code).toBe(etcdSaid(whole)?.code);
    }
  });

  it('is nothing where etcd runs, and nothing of what other programs say', () => {
    expect(etcdSaid('2026-11-30 12:57:50.47 I | embed: ready to serve client requests')).toBeUndefined();
    expect(
      etcdSaid(
        '2026-11-30 12:57:50.47 I | embed: rejected connection (error "remote error: tls: bad certificate")',
      ),
    ).toBeUndefined();
    expect(etcdCause('panic: open /x: permission denied')).toBeUndefined();
  });

  it('is the same wherever the line stands before its trace, and whatever is cut off behind it', () => {
    const lines = logOf('zero-3.4').split('\n');
    const at = lines.findIndex(line => line.includes('freepages: failed'));
    for (let end = at + 1; end < lines.length; end += 9)
      expect(etcdSaid(lines.slice(0, end).join('\n'))?.code).toBe('etcd-database-damaged');
  });
});
