import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { mastersObjects } from '../../source/kubernetes/master-objects';
import { settings as load } from '../variables/told';

const script = new URL('../../templates/leave-silent-members.sh', import.meta.url).pathname;
const shells = ['/bin/sh', '/bin/dash', '/bin/busybox sh'].filter(shell =>
  existsSync(shell.split(' ')[0] ?? ''),
);
/** Keeps rules as lines of a file, and refuses to delete what is not there. */
const iptables = `#!/bin/sh
rules=$(dirname "$0")/rules
shift
[ ! -e "$(dirname "$0")/refusing" ] || { echo 'iptables: Read-only file system' >&2; exit 2; }
echo "$*" >>"$rules.calls"
case $1 in
-D) grep -q '^JUMP' "$rules" || exit 1; sed -i '/^JUMP/d' "$rules" ;;
-F) sed -i '/^REJECT/d' "$rules" ;;
-I) echo JUMP >>"$rules" ;;
-A) echo "REJECT $6 $*" >>"$rules" ;;
esac
`;

/** A socket as /proc/net/tcp has it: with that remote end, sent again so often. */
function socket(remote: string, again: number, state = '01'): string {
  const timer = again === 0 ? '00:00000000' : '01:00000014';
  return `   0: 0200000A:C350 ${remote} ${state} 00000054:00000000 ${timer} 0000000${again}     0        0 1 1\n`;
}

class Trial {
  readonly root = mkdtempSync(join(tmpdir(), 'kube-el7-install-silent-'));
  output = '';
  readonly #child: ChildProcess;

  constructor(shell: string, rules = '', refusing = false) {
    this.refusing = refusing;
    writeFileSync(join(this.root, 'iptables'), iptables);
    chmodSync(join(this.root, 'iptables'), 0o755);
    writeFileSync(join(this.root, 'rules'), rules);
    this.sockets = '';
    const [file = '', ...args] = shell.split(' ');
    this.#child = spawn(file, [...args, script], {
      env: {
        PATH: `${this.root}:${process.env['PATH'] ?? ''}`,
        NET: this.root,
        PAUSE: '0.05',
        ABLE: join(this.root, 'able'),
        HOST_IP: '10.0.0.2',
        MASTERS: '10.0.0.40 10.0.0.1 10.0.0.2 10.0.0.30',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** Whether iptables takes no rule. */
  set refusing(refuses: boolean) {
    if (refuses) writeFileSync(join(this.root, 'refusing'), '');
    else rmSync(join(this.root, 'refusing'), { force: true });
  }

  /** What the kubelet takes for ready. */
  get able(): boolean {
    return existsSync(join(this.root, 'able'));
  }

  set sockets(lines: string) {
    // All at once: the script may be reading it.
    writeFileSync(join(this.root, 'tcp.new'), lines);
    renameSync(join(this.root, 'tcp.new'), join(this.root, 'tcp'));
  }

  get rules(): readonly string[] {
    return readFileSync(join(this.root, 'rules'), 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => line.split(' ').slice(0, 2).join(' '));
  }

  async until(met: () => boolean): Promise<void> {
    while (!met()) await delay(20);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = new Promise(resolve => this.#child.once('exit', resolve));
      this.#child.kill('SIGTERM');
      await ended;
    }
  }

  async remove(): Promise<void> {
    await this.end();
    rmSync(this.root, { recursive: true });
  }
}

let trial: Trial;
afterEach(() => trial.remove());

it('is seen by the kubelet, and so by the verification, where it can do its work', async () => {
  trial = new Trial('/bin/sh');
  const settings = await load({ vip: '10.0.0.100', masters: 'master1,master2,master3' });
  const objects = JSON.stringify(mastersObjects(settings, { hostname: 'master1', address: '10.0.0.1' }));
  const [, command = ''] = /"readinessProbe":\{"exec":\{"command":(\[.*?\])/.exec(objects) ?? [];
  expect(JSON.parse(command)).toEqual(['/bin/sh', '-c', 'test -e /tmp/able']);
  expect(readFileSync(script, 'utf8')).toContain('able=${ABLE:-/tmp/able}');
  await trial.until(() => trial.able);
});

describe.each(shells)('the script that leaves silent members of etcd alone, in %s', shell => {
  it('turns the apiserver away from a member whose answers stay out, and lets it ask again later', async () => {
    trial = new Trial(shell);
    trial.sockets = socket('0100000A:094B', 2);
    await trial.until(() => trial.rules.length === 2);
    expect(trial.rules).toEqual(['REJECT 10.0.0.1', 'JUMP']);
    expect(readFileSync(join(trial.root, 'rules'), 'utf8')).toContain(
      '-p tcp -d 10.0.0.1 --dport 2379 -j REJECT --reject-with tcp-reset',
    );
    trial.sockets = '';
    await trial.until(() => trial.rules.length === 0);
    expect(trial.output).toMatch(/10\.0\.0\.1 does not answer[\s\S]*10\.0\.0\.1 may be asked again/);
  });

  it('is not misled by a packet lost now and then, by other ports, closing connections or its own member', async () => {
    trial = new Trial(shell);
    trial.sockets = [
      socket('0100000A:094B', 1),
      socket('1E00000A:094C', 5),
      socket('1E00000A:094B', 7, '04'),
      socket('0200000A:094B', 9),
      // One that is silent and is looked at first: once it is turned away, the same look has come to the others, too.
      socket('2800000A:094B', 2),
    ].join('');
    await trial.until(() => trial.rules.includes('JUMP'));
    expect(trial.rules).toEqual(['REJECT 10.0.0.40', 'JUMP']);
    expect(trial.output.trim().split('\n')).toEqual([
      expect.stringContaining('10.0.0.40 does not answer'),
    ]);
  });

  it('tells that it cannot do its work, before it is needed, and when it can again', async () => {
    trial = new Trial(shell, '', true);
    await trial.until(() => /iptables cannot be used here: .*\(iptables: Read-only file system\)/.test(trial.output));
    expect(trial.able).toBe(false);
    trial.refusing = false;
    await trial.until(() => trial.able);
    await trial.until(() => trial.output.includes('iptables can be used now'));
    expect(trial.rules).toEqual([]);
    trial.refusing = true;
    trial.sockets = socket('0100000A:094B', 2);
    await trial.until(() => trial.output.match(/iptables cannot be used/g)?.length === 2);
    expect(trial.able).toBe(false);
  });

  it('takes away what an earlier one left, and its own when it ends', async () => {
    trial = new Trial(shell, 'JUMP\nJUMP\nREJECT 10.0.0.1\n');
    await trial.until(() => trial.rules.length === 0);
    trial.sockets = socket('0100000A:094B', 4) + socket('1E00000A:094B', 4);
    await trial.until(() => trial.rules.length === 3);
    expect(trial.rules).toEqual(['REJECT 10.0.0.1', 'REJECT 10.0.0.30', 'JUMP']);
    await trial.end();
    expect(trial.rules).toEqual([]);
  });
});
