import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { etcdManifests } from '../../source/kubernetes/etcd-manifests';
import { settings } from '../variables/told';

const SCRIPT = join(__dirname, '../../templates/swap-etcd.sh');
const MASTERS = [
  { hostname: 'master1', address: '10.0.0.1' },
  { hostname: 'master2', address: '10.0.0.2' },
];
/** What nodes have: dash in Debian's images, busybox in small ones. */
const SHELLS = [['sh'], ['dash'], ['busybox', 'sh']].filter(
  ([program = '', ...args]) => spawnSync(program, [...args, '-c', 'exit 0']).status === 0,
);
/** /proc/net/tcp6 of a host where etcd listens for clients and peers, beside a connection to another member. */
const HEADER = '  sl  local_address remote_address st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const LISTENING = `${HEADER}   0: 00000000000000000000000000000000:094B 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1\n   1: 00000000000000000000000000000000:094C 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2\n`;
const CONNECTED = `${HEADER}   0: 0B07A00A:B3C4 0C07A00A:094B 01 00000000:00000000 00:00000000 00000000     0        0 1\n`;

let directory: string;
let init: string;
let cluster: string;
let waiting: string;
const at = (name: string): string => join(directory, 'manifests', name);

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'swap-etcd-'));
  mkdirSync(join(directory, 'manifests'));
  mkdirSync(join(directory, 'net'));
  sockets(CONNECTED);
  const made = etcdManifests(await settings({}), MASTERS, 1);
  init = (made.init ?? '').replace('kind: PodERROR', 'kind: Pod');
  waiting = made.cluster;
  cluster = waiting.replace('kind: PodERROR', 'kind: Pod');
  writeFileSync(at('etcd-init.yaml'), init, { mode: 0o600 });
  writeFileSync(at('etcd-cluster.yaml'), waiting, { mode: 0o600 });
  writeFileSync(at('kube-apiserver.yaml'), 'kind: Pod\n');
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function sockets(text: string): void {
  writeFileSync(join(directory, 'net/tcp'), HEADER);
  writeFileSync(join(directory, 'net/tcp6'), text);
}

function environment(vip = ''): NodeJS.ProcessEnv {
  return { ...process.env, MANIFESTS: join(directory, 'manifests'), NET: join(directory, 'net'), VIP: vip };
}

/** The addresses of the host, as the kernel lists them. */
function addresses(...all: readonly string[]): void {
  const entries = all.map(one => `           |-- ${one}\n              /32 host LOCAL\n`).join('');
  writeFileSync(join(directory, 'net/fib_trie'), `Local:\n  +-- 0.0.0.0/0 3 0 5\n${entries}`);
}

function swap(
  [program = '', ...args]: readonly string[],
  vip = '',
): { status: number | null; stdout: string } {
  const script = readFileSync(SCRIPT, 'utf8');
  const { status, stdout } = spawnSync(program, [...args, '-c', script], { env: environment(vip), encoding: 'utf8' });
  return { status, stdout };
}

function expectSwapped(): void {
  expect(readdirSync(join(directory, 'manifests')).sort()).toEqual(['etcd-cluster.yaml', 'kube-apiserver.yaml']);
  expect(readFileSync(at('etcd-cluster.yaml'), 'utf8')).toBe(cluster);
  expect(statSync(at('etcd-cluster.yaml')).mode & 0o777).toBe(0o600);
}

describe.each(SHELLS.map(shell => [shell.join(' '), shell] as const))('swapping with %s', (_, shell) => {
  it('puts the cluster pod in the place of the init pod', () => {
    expect(swap(shell).status).toBe(0);
    expectSwapped();
  });

  it('changes nothing when it is done', () => {
    swap(shell);
    const before = statSync(at('etcd-cluster.yaml'));
    expect(swap(shell).status).toBe(0);
    expectSwapped();
    const after = statSync(at('etcd-cluster.yaml'));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  it('comes to the same end from wherever it was cut off', () => {
    const hidden = (): void => {
      rmSync(at('etcd-init.yaml'));
      writeFileSync(at('.etcd-init.yaml'), init);
    };
    const cuts: readonly (() => void)[] = [
      hidden,
      () => {
        hidden();
        writeFileSync(at('.etcd-cluster.yaml'), cluster.slice(0, 40));
      },
      () => {
        hidden();
        writeFileSync(at('etcd-cluster.yaml'), cluster, { mode: 0o600 });
      },
      // Somebody has put the init pod back in between.
      () => {
        writeFileSync(at('etcd-cluster.yaml'), cluster, { mode: 0o600 });
      },
    ];
    for (const cut of cuts) {
      writeFileSync(at('etcd-init.yaml'), init, { mode: 0o600 });
      writeFileSync(at('etcd-cluster.yaml'), waiting, { mode: 0o600 });
      cut();
      expect(swap(shell).status).toBe(0);
      expectSwapped();
    }
  });

  it('does not start the cluster pod while the init pod listens', async () => {
    sockets(LISTENING);
    const [program = '', ...args] = shell;
    // The shell says each command before it runs it: so a look is known to have been made.
    const child = spawn(program, [...args, '-x', '-c', readFileSync(SCRIPT, 'utf8')], { env: environment() });
    let traced = '';
    child.stderr.on('data', (bytes: Buffer) => (traced += bytes.toString()));
    const ended = new Promise<number | null>(resolve => child.on('close', resolve));
    const looks = (): number => traced.match(/^\+ grep -q '?:094/gm)?.length ?? 0;
    for (const look of [2, 4, 6]) {
      await expect.poll(looks, { timeout: 20_000 }).toBeGreaterThanOrEqual(look);
      expect(existsSync(at('etcd-init.yaml'))).toBe(false);
      expect(readFileSync(at('etcd-cluster.yaml'), 'utf8')).toBe(waiting);
    }
    sockets(CONNECTED);
    expect(await ended).toBe(0);
    expectSwapped();
  }, 30_000);

  it.each([
    ['is not there', undefined],
    ['is empty', ''],
    ['is something else', 'kind: ConfigMap\n'],
  ])('touches nothing where the manifest that is to come %s', (_name, text) => {
    if (text === undefined) rmSync(at('etcd-cluster.yaml'));
    else writeFileSync(at('etcd-cluster.yaml'), text);
    const { status, stdout } = swap(shell);
    expect(status).toBe(1);
    expect(stdout).toMatch(/nothing is changed/);
    expect(readFileSync(at('etcd-init.yaml'), 'utf8')).toBe(init);
  });
});

describe.each(SHELLS.map(shell => [shell.join(' '), shell] as const))('handing the VIP over with %s', (_, shell) => {
  const VIP = '10.0.0.100';
  const MANIFEST = 'kind: Pod\nmetadata: {name: keepalived}\n';
  let child: ReturnType<typeof spawn>;
  let ended: Promise<number | null>;
  let said = '';

  beforeEach(() => {
    said = '';
    writeFileSync(at('keepalived.yaml'), MANIFEST, { mode: 0o600 });
    addresses('10.0.0.1', VIP);
    sockets(LISTENING);
  });

  const begin = (): void => {
    const [program = '', ...args] = shell;
    child = spawn(program, [...args, '-x', '-c', readFileSync(SCRIPT, 'utf8')], { env: environment(VIP) });
    child.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString()));
    ended = new Promise(resolve => child.on('close', resolve));
  };
  const until = (condition: () => boolean): Promise<void> =>
    expect.poll(condition, { timeout: 20_000 }).toBe(true);
  /** How often it has looked for the VIP here. */
  const looks = (): number => said.match(/^\+ grep -q -e '?-- 10\.0\.0\.100/gm)?.length ?? 0;
  const handed = (): boolean => existsSync(at('.keepalived.yaml')) && !existsSync(at('keepalived.yaml'));

  it('ends keepalived first, then etcd, and puts keepalived back once etcd listens again', async () => {
    begin();
    for (const look of [2, 4]) {
      await until(() => looks() >= look);
      expect(handed()).toBe(true);
      expect(existsSync(at('etcd-init.yaml'))).toBe(true);
    }
    addresses('10.0.0.1');
    await until(() => !existsSync(at('etcd-init.yaml')));
    sockets(CONNECTED);
    await until(() => readFileSync(at('etcd-cluster.yaml'), 'utf8') === cluster);
    const sought = (): number => said.match(/^\+ grep -q '?:094\[B\] /gm)?.length ?? 0;
    for (const look of [2, 4]) {
      await until(() => sought() >= look);
      expect(handed()).toBe(true);
    }
    sockets(LISTENING);
    expect(await ended).toBe(0);
    expect(readFileSync(at('keepalived.yaml'), 'utf8')).toBe(MANIFEST);
    rmSync(at('keepalived.yaml'));
    expectSwapped();
  }, 60_000);

  it('puts keepalived back when it is ended in between, and when it is cut off and run again', async () => {
    begin();
    await until(handed);
    child.kill('SIGTERM');
    expect(await ended).not.toBe(0);
    expect(readFileSync(at('keepalived.yaml'), 'utf8')).toBe(MANIFEST);
    begin();
    await until(handed);
    child.kill('SIGKILL');
    await ended;
    expect(handed()).toBe(true);
    addresses('10.0.0.1');
    sockets(CONNECTED);
    begin();
    await until(() => readFileSync(at('etcd-cluster.yaml'), 'utf8') === cluster);
    sockets(LISTENING);
    expect(await ended).toBe(0);
    rmSync(at('keepalived.yaml'));
    expectSwapped();
  }, 60_000);

  it('leaves one that somebody else has put back', async () => {
    writeFileSync(at('.keepalived.yaml'), 'older\n');
    addresses('10.0.0.1');
    sockets(CONNECTED);
    begin();
    await until(() => readFileSync(at('etcd-cluster.yaml'), 'utf8') === cluster);
    sockets(LISTENING);
    expect(await ended).toBe(0);
    expect(readFileSync(at('keepalived.yaml'), 'utf8')).toBe(MANIFEST);
    expect(existsSync(at('.keepalived.yaml'))).toBe(false);
  }, 60_000);

  it('leaves keepalived alone where the VIP is elsewhere, is another address, or is not handed over', () => {
    sockets(CONNECTED);
    const before = statSync(at('keepalived.yaml')).ino;
    for (const [vip, own] of [
      [VIP, '10.0.0.1'],
      [VIP, '10.0.0.10'],
      [VIP, '10.0.0.1001'],
      ['', VIP],
    ] as const) {
      addresses(own);
      writeFileSync(at('etcd-init.yaml'), init, { mode: 0o600 });
      writeFileSync(at('etcd-cluster.yaml'), waiting, { mode: 0o600 });
      const { status, stdout } = swap(shell, vip);
      expect(status).toBe(0);
      expect(stdout).not.toContain('keepalived');
      expect(statSync(at('keepalived.yaml')).ino).toBe(before);
    }
  });
});

it('is tried with more than one shell', () => {
  expect(SHELLS.length).toBeGreaterThan(1);
});
