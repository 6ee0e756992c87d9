import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const START = resolve('templates/keepalived-start.sh');
/** What this machine lacks is left out. Not busybox's: its shell would run an `ip` of its own in place of the one that is given here. */
const SHELLS = ['sh', 'dash', 'bash'].filter(
  shell => spawnSync('sh', ['-c', `command -v ${shell}`]).status === 0,
);
const TEMPLATE = [
  'interface @own@',
  '10.0.0.100/32 dev @interface@',
  '@tracked@track_interface {',
  '@tracked@    @interface@',
  '@tracked@}',
  '',
].join('\n');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keepalived-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'template'), TEMPLATE);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function program(name: string, script: string): void {
  const path = join(folder, 'bin', name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** Runs the script on a host that has these addresses and this answer to `ip route get`. */
function start(shell: string, addresses: string, route: string) {
  writeFileSync(join(folder, 'addresses'), addresses);
  writeFileSync(join(folder, 'route'), route);
  program(
    'ip',
    `case "$*" in
    '-o -4 addr show') cat "${folder}/addresses" ;;
    '-o -4 route get 10.0.0.100') cat "${folder}/route" ;;
    'addr del '*) echo "$*" >>"${folder}/deleted" ;;
    *) exit 1 ;;
  esac`,
  );
  program('keepalived', `printf '%s\\n' "$@" >"${folder}/arguments"`);
  const configuration = join(folder, 'keepalived.conf');
  const { status, stderr } = spawnSync(
    shell,
    [START, '10.0.0.100', '10.0.0.1', join(folder, 'template'), configuration],
    {
      env: { PATH: `${join(folder, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin` },
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  const text = (name: string): string => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  return {
    status,
    stderr,
    configuration: text('keepalived.conf'),
    deleted: text('deleted'),
    started: text('arguments'),
  };
}

const ETH0 =
  '1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\n2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\\       valid_lft forever\n';
const ON_LINK = '10.0.0.100 dev eth0 src 10.0.0.1 uid 0 \\    cache \n';

describe.each(SHELLS)('the start of keepalived, in %s', shell => {
  beforeEach(() => {
    program('curl', '');
  });

  it('finds the interface, and starts keepalived with what it completed', () => {
    const run = start(shell, ETH0, ON_LINK);
    expect(run.status).toBe(0);
    expect(run.configuration).toBe('interface eth0\n10.0.0.100/32 dev eth0\n');
    expect(run.started.split('\n')).toContain(`--use-file=${join(folder, 'keepalived.conf')}`);
    expect(run.deleted).toBe('');
  });

  it('takes off a VIP that a killed keepalived left, and no other address', () => {
    const left =
      '3: eth1    inet 10.0.0.100/32 scope global eth1\\       valid_lft forever\n3: eth1    inet 10.0.0.10/32 scope global eth1\\       x\n';
    const run = start(shell, ETH0 + left, ON_LINK);
    expect(run.deleted).toBe('addr del 10.0.0.100/32 dev eth1\n');
    expect(run.status).toBe(0);
  });

  it('speaks to the others on one interface and has the VIP on another, which it then watches too', () => {
    const two = `${ETH0}3: eth1@if7    inet 10.1.0.1/24 scope global eth1\\       valid_lft forever\n`;
    const run = start(shell, two, '10.0.0.100 dev eth1  src 10.1.0.1 \n');
    expect(run.configuration).toBe(
      'interface eth0\n10.0.0.100/32 dev eth1\ntrack_interface {\n    eth1\n}\n',
    );
  });

  it('does not start where the VIP is an address of the host itself', () => {
    const run = start(shell, ETH0, 'local 10.0.0.100 dev lo src 10.0.0.100 uid 0 \n');
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/10\.0\.0\.100 is an address that lo of this host has/);
    expect(run.started).toBe('');
  });

  it('warns where the VIP is in another network', () => {
    const run = start(shell, ETH0, '10.0.0.100 via 10.0.0.254 dev eth0 src 10.0.0.1 \n');
    expect(run.stderr).toMatch(/over a router/);
    expect(run.status).toBe(0);
  });

  it('says what the image lacks', () => {
    rmSync(join(folder, 'bin', 'curl'));
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    for (const name of ['sh', 'sed', 'printf', 'head']) {
      const path = execFileSync('sh', ['-c', `command -v ${name} || true`], { encoding: 'utf8' }).trim();
      if (path.startsWith('/')) execFileSync('ln', ['-s', path, join(bare, name)]);
    }
    program('ip', '');
    program('keepalived', '');
    const absolute = execFileSync('sh', ['-c', `command -v ${shell}`], { encoding: 'utf8' }).trim();
    const run = spawnSync(absolute, [START, '10.0.0.100', '10.0.0.1', 'a', 'b'], {
      env: { PATH: `${join(folder, 'bin')}:${bare}` },
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/the image has no curl, .* KEEPALIVED_IMAGE/);
  });
});
