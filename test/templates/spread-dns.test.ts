import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const script = join(__dirname, '../../templates/spread-dns.sh');
const shells = ['/bin/sh', '/bin/dash', '/bin/busybox sh'].filter(shell =>
  existsSync(shell.split(' ')[0] ?? ''),
);
const PATCH = '{"spec":{"template":{}}}';

/** Stands in for kubectl: what it is asked is noted, and what it says lies in files. A watch goes on until it is ended. */
const KUBECTL = `#!/bin/sh
printf '%s\\n' "$*" >>"$CLUSTER/asked"
if [ -e "$CLUSTER/away" ]; then echo 'The connection to the server was refused' >&2; exit 1; fi
case "$*" in
*' patch deployment coredns '*) exit 0 ;;
*'get deployment coredns '*) cat "$CLUSTER/deployment" 2>/dev/null || { echo 'Error from server (NotFound)' >&2; exit 1; } ;;
*' --watch '*)
  echo $$ >"$CLUSTER/watcher"
  cat "$CLUSTER/nodes"
  while :; do
    [ -e "$CLUSTER/event" ] && cat "$CLUSTER/event" && rm "$CLUSTER/event"
    [ -e "$CLUSTER/ends" ] && rm "$CLUSTER/ends" && exit 0
    sleep 0.02
  done ;;
*'get nodes '*) cat "$CLUSTER/nodes" ;;
esac
`;

let directory: string;
let child: ChildProcess | undefined;
let output: string;
const at = (name: string): string => join(directory, name);
const asked = (): readonly string[] =>
  existsSync(at('asked')) ? readFileSync(at('asked'), 'utf8').trim().split('\n') : [];
const patches = (): number => asked().filter(line => line.includes(' patch ')).length;
const watches = (): number => asked().filter(line => line.includes(' --watch ')).length;

function set(name: string, text: string): void {
  writeFileSync(at(`${name}.new`), text);
  renameSync(at(`${name}.new`), at(name));
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spread-dns-'));
  for (const name of ['bin', 'work']) mkdirSync(at(name));
  writeFileSync(at('bin/kubectl'), KUBECTL, { mode: 0o755 });
  output = '';
  set('deployment', '2');
  set('nodes', 'master1 True role/master\n');
});

afterEach(() => {
  if (child?.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  child = undefined;
  rmSync(directory, { recursive: true, force: true });
});

function start(shell: string, more: Readonly<Record<string, string>> = {}): Promise<number | null> {
  const [file = 'sh', ...words] = shell.split(' ');
  const started = spawn(file, [...words, script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...{ PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`, CLUSTER: directory, WORK: at('work') },
      ...{ RETRY: '0.05', PATCH, SPARE: '0', SELECTOR: 'os=linux', TOLERATED: 'Critical role/master', ...more },
    },
  });
  child = started;
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  return new Promise(resolve => started.once('close', resolve));
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 20 });

describe.each(shells)('keeping CoreDNS apart with %s', shell => {
  it('sleeps in one watch until another node can hold a replica, sets the rule and ends, and its watch with it', async () => {
    const ended = start(shell);
    await until(() => {
      expect(existsSync(at('watcher'))).toBe(true);
    });
    for (const line of ['worker1 False', 'worker2 True dedicated', 'master1 True role/master']) {
      set('event', `${line}\n`);
      await until(() => {
        expect(existsSync(at('event'))).toBe(false);
      });
    }
    expect(patches()).toBe(0);
    expect(watches()).toBe(1);
    set('nodes', 'master1 True role/master\nworker1 True\n');
    set('event', 'worker1 True\n');
    expect(await ended).toBe(0);
    expect(asked().at(-1)).toContain(
      `--namespace kube-system patch deployment coredns --type strategic --patch ${PATCH}`,
    );
    const watcher = Number(readFileSync(at('watcher'), 'utf8'));
    expect(() => process.kill(watcher, 0)).toThrow();
    expect(output).toContain('1 of 2 nodes can hold a replica');
  });

  it('looks again when the watch ends, and waits out an API that is away', async () => {
    const ended = start(shell);
    await until(() => {
      expect(watches()).toBe(1);
      expect(existsSync(at('watcher'))).toBe(true);
    });
    set('ends', '');
    await until(() => {
      expect(watches()).toBe(2);
    });
    set('away', '');
    set('ends', '');
    await until(() => {
      expect(output).toContain('coredns cannot be read: The connection');
    });
    set('nodes', 'master1 True role/master\nworker1 True\n');
    rmSync(at('away'));
    expect(await ended).toBe(0);
    expect(patches()).toBe(1);
  });

  it.each([
    ['has a rule of an operator', 'rule 2', /has a rule/],
    ['has one replica', '1', /1 replicas/],
  ])('leaves a Deployment alone that %s', async (_, deployment, why) => {
    set('deployment', deployment);
    set('nodes', 'master1 True role/master\nworker1 True\n');
    expect(await start(shell)).toBe(0);
    expect(output).toMatch(why);
    expect(patches()).toBe(0);
  });

  it('ends where there is no such Deployment', async () => {
    rmSync(at('deployment'));
    expect(await start(shell)).toBe(0);
    expect(patches()).toBe(0);
  });

  it('asks for a node for each replica, and for more where it is told so', async () => {
    set('nodes', 'master1 True role/master\nworker1 True\nworker2 True\n');
    set('deployment', '3');
    expect(await start(shell)).toBe(0);
    expect(patches()).toBe(1);
    void start(shell, { SPARE: '1' });
    await until(() => {
      expect(output).toContain('3 of 4 nodes');
    });
    expect(patches()).toBe(1);
  });

  it('counts nodes with any taint where all are tolerated', async () => {
    set('nodes', 'master1 True role/master\nworker1 True dedicated other\n');
    expect(await start(shell, { TOLERATED: 'all' })).toBe(0);
    expect(patches()).toBe(1);
  });
});
