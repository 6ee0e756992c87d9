import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startDetached } from '../../source/hosts/detached';
import { unitText } from '../../source/hosts/unit';

const program = {
  name: 'a-run',
  title: 'kube-el7-install, run a-run',
  log: '/var/log/a-run/engine.log',
  environment: { HOME: '/root' },
};

describe('a program with a life of its own', () => {
  it('is a unit that nothing is killed with, and that removes itself', () => {
    const words = ['/opt/a b/node', '--flag=1', '/opt/50%/"x"/$HOME\\start.cjs', 'engine', 'request\nfile'];
    expect(unitText({ ...program, words }).split('\n')).toEqual([
      '[Unit]',
      'Description=kube-el7-install, run a-run',
      '',
      '[Service]',
      'Type=simple',
      'Environment="HOME=/root"',
      'ExecStart=/bin/sh -c "exec \\"$$@\\" 2>>\\"$$0\\"" "/var/log/a-run/engine.log" "/opt/a b/node" "--flag=1"' +
        ' "/opt/50%%/\\"x\\"/$$HOME\\\\start.cjs" "engine" "request\\x0afile"',
      'ExecStopPost=/bin/rm -f "/run/systemd/system/kube-el7-install-a-run.service"',
      'KillMode=process',
      'UMask=0022',
      '',
    ]);
  });

  it('has a session and a log of its own, and only the environment that it is given', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'own-process-'));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const log = join(directory, 'log');
    const script = 'echo "$(cut -d" " -f6 /proc/$$/stat) $$ $HOME ${USER-none}" >&2; exit 3';
    const started = await startDetached({
      ...program,
      log,
      environment: { HOME: '/somewhere', PATH: '/usr/bin:/bin' },
      words: ['/bin/sh', '-c', script],
    });
    await vi.waitUntil(async () => (await started.ended()) !== undefined, { timeout: 30_000 });
    expect(await started.ended()).toBe('exit code 3');
    const [session, pid, home, user] = readFileSync(log, 'utf8').trim().split(' ');
    expect(session).toBe(pid);
    expect([home, user]).toEqual(['/somewhere', 'none']);
  });

  it('that cannot be started says why', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'own-process-'));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const started = await startDetached({
      ...program,
      log: join(directory, 'log'),
      words: ['/nowhere/node'],
    });
    expect(await started.ended()).toContain('ENOENT');
  });
});
