import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../source/arguments';
import { COMMANDS, OPTIONS } from '../../source/commands/names';
import { parseMembers, parseMetrics } from '../../source/kubernetes/etcd-cluster';
import { parseJoinCommand } from '../../source/kubernetes/join-configuration';
import { masterReport } from '../../source/kubernetes/master-state';
import { masters } from '../../source/observers/masters';
import { problemsText } from '../../source/renderers/failure-text';
import { Random } from '../support/random';
import { settings } from '../variables/told';
import { damaged, misshapen, ODD, tried } from './damage';
import { commandsOf, faultOf, MARK, WatchedHost } from './watched-host';

const SEED = 20_261_127;

describe('the words of a command line', () => {
  it('are arguments, or problems that say all', async () => {
    const random = new Random(SEED);
    const flags = Object.keys(OPTIONS).map(name => `--${name}`);
    const plain = [...Object.keys(COMMANDS), 'a', 'master1', 'plain', 'json', '1.20.2', '10', '-y', '--'];
    const seen = { arguments: 0, problems: 0, help: 0, version: 0 };
    for (let round = 0; round < 2500; round += 1) {
      const argv = random.several(0, 6, () => {
        const word = random.pick([flags, plain, ODD, flags, plain]);
        const one = random.pick(word);
        const joined = random.chance(20) ? `${one}=${random.pick([...plain, ...ODD])}` : one;
        return random.chance(15) ? damaged(Buffer.from(joined), random).toString() : joined;
      });
      await tried(
        () => {
          const parsed = parseArguments(argv, { terminal: random.chance(50) });
          seen[parsed.kind] += 1;
          if (parsed.kind === 'arguments') {
            expect(Object.hasOwn(COMMANDS, parsed.arguments.command)).toBe(true);
            expect(parsed.arguments.speed ?? 1).toBeGreaterThan(0);
          }
          if (parsed.kind !== 'problems') return;
          expect(parsed.problems.length).toBeGreaterThan(0);
          for (const { field, where, wrong, right } of parsed.problems) {
            expect([field, where, wrong, right].filter(part => part === '')).toEqual([]);
          }
          expect(problemsText(parsed.problems)).toContain('nothing was changed');
        },
        () => `round ${round}, seed ${SEED}: ${JSON.stringify(argv).slice(0, 2000)}`,
      );
    }
    expect(seen.arguments).toBeGreaterThan(100);
    expect(seen.problems).toBeGreaterThan(1000);
  });
});

describe('what a damaged host has or answers', () => {
  const report = {
    digest: 'a'.repeat(64),
    complete: true,
    missing: ['pki/ca.crt'],
    changed: [],
    etcd: 'wait',
    did: 'started',
    at: '2026-11-25T10:00:00Z',
  };
  const members = [
    { id: 1050, name: 'master1', peerURLs: ['https://10.0.0.1:2380'], clientURLs: [] },
    { id: 1051, name: '', peerURLs: ['https://10.0.0.2:2380'], isLearner: true },
  ];
  const node = (annotation: string) => ({
    metadata: { name: 'master2', annotations: { 'kube-el7-install/master': annotation } },
    status: { addresses: [], conditions: [{ type: 'Ready', status: 'True' }] },
  });

  it('is read as what it is, or not at all: the annotation of a node', async () => {
    const random = new Random(SEED + 1);
    const site = await settings({ vip: '10.0.0.100', masters: 'master1,master2,master3' });
    const observer = masters(site, { hostname: 'master1', address: '10.0.0.1' });
    for (let round = 0; round < 400; round += 1) {
      const text = JSON.stringify(report);
      const annotation = random.chance(50)
        ? damaged(Buffer.from(text), random).toString()
        : JSON.stringify(misshapen(report, random));
      await tried(
        async () => {
          const read = masterReport(node(annotation));
          if (read !== undefined) {
            expect([typeof read.complete, typeof read.etcd, typeof read.did]).toEqual([
              'boolean',
              'string',
              'string',
            ]);
            expect([...read.missing, ...read.changed].every(one => typeof one === 'string')).toBe(true);
          }
          const host = new WatchedHost().respond(/\/api\/v1\/nodes$/, {
            status: 200,
            headers: {},
            body: JSON.stringify({ items: [node(annotation)] }),
            roundTripMs: 1,
          });
          for (const event of await observer.observe(host)) {
            expect(event.type === 'master' && typeof (event.master.lastError ?? '')).toBe('string');
          }
        },
        () => `round ${round}, seed ${SEED + 1}: ${annotation.slice(0, 2000)}`,
      );
    }
  });

  it('is read as what it is, or not at all: etcd and the join command', async () => {
    const random = new Random(SEED + 2);
    const line = `kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:${'0f'.repeat(32)}\n`;
    const metrics = 'etcd_server_is_leader 1\netcd_mvcc_db_total_size_in_bytes 1.3e+06\n';
    let read = 0;
    for (let round = 0; round < 1000; round += 1) {
      const body = random.chance(50)
        ? damaged(Buffer.from(JSON.stringify(members)), random).toString()
        : JSON.stringify(misshapen(members, random));
      await tried(
        () => {
          const found = parseMembers(body);
          read += found === undefined ? 0 : 1;
          for (const { id, name, peerUrls, learner } of found ?? []) {
            expect(id).toMatch(/^[0-9a-f]{1,17}$/);
            expect([typeof name, typeof learner]).toEqual(['string', 'boolean']);
            expect(peerUrls.every(url => typeof url === 'string')).toBe(true);
          }
          const { databaseBytes = 0 } = parseMetrics(damaged(Buffer.from(metrics), random).toString());
          expect(Number.isNaN(databaseBytes)).toBe(false);
          const join = parseJoinCommand(damaged(Buffer.from(line), random).toString());
          expect(join?.caHash ?? 'sha256:').toMatch(/^sha256:/);
        },
        () => `round ${round}, seed ${SEED + 2}: ${body.slice(0, 2000)}`,
      );
    }
    expect(read).toBeGreaterThan(100);
  });
});

it('a shell that reads a value, and a value that is an option, would be seen', () => {
  const seen = (file: string, ...args: string[]) =>
    faultOf({ file, args }, ['-rf', 'evil name']) !== undefined;
  expect(seen('sh', '-c', `ping ${MARK}`)).toBe(true);
  expect(seen('timeout', '5', '/bin/bash', '-c', 'echo evil name')).toBe(true);
  expect(seen('sh', '-c', 'echo "$1"', 'sh', MARK, 'evil name')).toBe(false);
  expect(seen('rm', '-rf')).toBe(true);
  expect(seen('rm', '--', '-rf')).toBe(false);
  expect(seen(`/opt/${MARK}`)).toBe(true);
  const pod = 'spec:\n  containers:\n  - command: [sh, -c, ls zqx7]\n';
  const [command] = commandsOf({ kind: 'write', path: '/a.yaml', content: pod, mode: 0o600 });
  expect(command && faultOf(command, [])).toContain('a shell reads');
});
