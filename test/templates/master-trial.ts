import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import type { MasterReport } from '../../source/kubernetes/master-state';

const script = new URL('../../templates/make-master.sh', import.meta.url).pathname;
const fakeKubectl = new URL('fake-kubectl', import.meta.url).pathname;

/** What it is tried in, of what this machine has: it is written for the last two. */
export const shells = ['/bin/sh', '/bin/dash', '/bin/busybox sh'].filter(shell =>
  existsSync(shell.split(' ')[0] ?? ''),
);

/** The Secret's files in the order of its list, with their modes. */
const FILES: readonly (readonly [path: string, mode: number])[] = [
  ['/etc/kubernetes/pki/ca.crt', 0o644],
  ['/etc/kubernetes/pki/ca.key', 0o600],
  ['/etc/kubernetes/pki/etcd/peer.key', 0o600],
  ['/etc/kubernetes/admin.conf', 0o600],
  ['/etc/kubernetes/keepalived/start.sh', 0o700],
  ['/etc/kubernetes/manifests/keepalived.yaml', 0o600],
  ['/etc/kubernetes/manifests/kube-scheduler.yaml', 0o600],
  ['/etc/kubernetes/manifests/kube-apiserver.yaml', 0o600],
];

/** Programs whose starts are counted, where the shell does not have them itself. */
const COUNTED =
  'base64 cat chmod date grep ls mkdir mkfifo mv rm sed sha256sum sleep sort sync tail'.split(' ');

/** The script at work in a directory that stands for a host's root, with a stand-in for kubectl. */
export class MasterTrial {
  readonly root = mkdtempSync(join(tmpdir(), 'make-master-'));
  readonly #cluster = join(this.root, 'cluster');
  /** What is written without a turn: where etcd has to start first the control plane waits. */
  readonly paths: readonly string[];
  output = '';
  #child: ChildProcess | undefined;
  #version = 0;

  constructor(
    readonly shell: string,
    readonly first = false,
  ) {
    this.paths = FILES.map(([path]) => path).filter(path => first || !path.includes('/manifests/kube-'));
    for (const path of ['cluster', 'bin', 'proc/net', 'var/lib/etcd', 'etc/kubernetes/manifests'])
      mkdirSync(join(this.root, path), { recursive: true });
    copyFileSync(fakeKubectl, join(this.root, 'bin/kubectl'));
    for (const name of COUNTED) {
      const text = `#!/bin/sh\necho ${name} >>"$CLUSTER/ran"\nPATH=\${PATH#*:} exec ${name} "$@"\n`;
      writeFileSync(join(this.root, 'bin', name), text, { mode: 0o755 });
    }
    for (const name of ['tcp', 'tcp6']) this.write(`/proc/net/${name}`, '');
    writeFileSync(join(this.#cluster, 'node'), 'label kubernetes.io/hostname\n');
    this.store('one');
  }

  /** What the Secret has for a path in a version. */
  content(path: string, version: string): string {
    return `${path}\n${version}\n`;
  }

  /** Stores a version of all files, and of etcd's manifests. */
  store(version: string): string {
    const folder = mkdtempSync(join(this.#cluster, 'secret-'));
    const lines = FILES.map(([path, mode]) => {
      const key = path.slice('/etc/kubernetes/'.length).replace(/\//g, '.');
      const content = this.content(path, version);
      writeFileSync(join(folder, key), content);
      return `${createHash('sha256').update(content).digest('hex')} ${mode.toString(8)} ${key} ${path}\n`;
    }).join('');
    const set = (key: string, value: string) => {
      writeFileSync(join(folder, key), value);
    };
    set('files', lines);
    set('address', '10.0.0.2');
    set('etcd-cluster.yaml', 'apiVersion: v1\nkind: PodERROR\nmetadata: {name: etcd-cluster}\n');
    if (!this.first) set('etcd-init.yaml', 'apiVersion: v1\nkind: PodERROR\nmetadata: {name: etcd-init}\n');
    symlinkSync(folder, `${folder}.new`);
    renameSync(`${folder}.new`, join(this.#cluster, 'secret'));
    this.#change();
    return createHash('sha256').update(lines).digest('hex');
  }

  /** What the apiserver says that it is. */
  runs(gitVersion: string): void {
    const path = join(this.#cluster, 'kubernetes');
    writeFileSync(`${path}.new`, JSON.stringify({ major: '1', gitVersion }, undefined, 2));
    renameSync(`${path}.new`, path);
  }

  turn(text: string): void {
    writeFileSync(join(this.#cluster, 'turn'), text);
    this.#change();
  }

  #change(): void {
    this.#version += 1;
    const path = join(this.#cluster, 'version');
    writeFileSync(`${path}.new`, String(this.#version));
    renameSync(`${path}.new`, path);
  }

  /** Ends the watch of the Secret as an apiserver does that it lasts too long for. */
  endWatch(): void {
    writeFileSync(join(this.#cluster, 'end'), '');
  }

  /** The watch that there is hears nothing any more, and does not end, as one whose VIP has gone elsewhere. */
  deafen(): void {
    writeFileSync(join(this.#cluster, 'deaf'), '');
  }

  /** How many programs were started so far, kubectl among them. */
  get started(): number {
    return (this.text('cluster/ran') ?? '').split('\n').length - 1;
  }

  set away(away: boolean) {
    if (away) writeFileSync(join(this.#cluster, 'away'), '');
    else rmSync(join(this.#cluster, 'away'));
  }

  start(environment: Readonly<Record<string, string>> = {}): void {
    const [file = 'sh', ...words] = this.shell.split(' ');
    const child = spawn(file, [...words, script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...{ PATH: `${join(this.root, 'bin')}:${process.env['PATH'] ?? ''}`, CLUSTER: this.#cluster },
        ...{ ROOT: this.root, WORK: join(this.root, 'run'), INTERVAL: '0.05', PAUSES: '0.05' },
        ...{ SETTLING: '0.25', SLOW: '0.05' },
        ...{ NODE: 'master2', HOST_IP: '10.0.0.2', ENDPOINT: 'https://10.0.0.100:6443' },
        ...{ LABELS: 'role/master role/control-plane', TAINTS: 'role/master' },
        ...{ CRI_SOCKET: '/run/cri.sock', ...environment },
      },
    });
    child.stdout.on('data', (bytes: Buffer) => (this.output += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (this.output += bytes.toString()));
    this.#child = child;
  }

  /** Ends it and all that it started, at once. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const ended = new Promise(resolve => child.once('close', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Waits for a condition, and shows what the script said where it does not come. */
  until(condition: () => boolean): Promise<void> {
    return vi.waitFor(
      () => {
        if (!condition()) throw new Error(`it did not come to it:\n${this.output}`);
      },
      { timeout: 30_000, interval: 20 },
    );
  }

  text(path: string): string | undefined {
    const file = join(this.root, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  mode(path: string): number {
    return statSync(join(this.root, path)).mode & 0o777;
  }

  list(path: string): readonly string[] {
    return readdirSync(join(this.root, path)).sort();
  }

  /** All at once: a file that is still empty would be put back. */
  write(path: string, text: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    const half = join(this.root, 'half');
    writeFileSync(half, text);
    renameSync(half, file);
  }

  /** All at once: a directory is put back while it is being removed. */
  drop(path: string): void {
    const away = mkdtempSync(join(this.root, 'dropped-'));
    renameSync(join(this.root, path), join(away, 'it'));
    rmSync(away, { recursive: true });
  }

  /** File by file, as `rm -r` does. */
  removeFolder(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  /** Whether all files are there as a version has them. */
  has(version: string): boolean {
    return this.paths.every(path => this.text(path) === this.content(path, version));
  }

  /** What was done to the node: "taint KEY=:EFFECT", "patch JSON". */
  get done(): readonly string[] {
    return (this.text('cluster/done') ?? '').split('\n').filter(line => line !== '');
  }

  /** The last patch of the node. */
  get patch():
    | { readonly labels: object; readonly report: MasterReport; readonly socket: string | undefined }
    | undefined {
    const line = this.done.filter(one => one.startsWith('patch ')).at(-1);
    if (line === undefined) return undefined;
    const { metadata } = JSON.parse(line.slice('patch '.length)) as {
      metadata: { labels: object; annotations: Record<string, string> };
    };
    const text = metadata.annotations['kube-el7-install/master'] ?? '';
    const socket = metadata.annotations['kubeadm.alpha.kubernetes.io/cri-socket'];
    return { labels: metadata.labels, report: JSON.parse(text) as MasterReport, socket };
  }

  get report(): Partial<MasterReport> {
    return this.patch?.report ?? {};
  }
}
