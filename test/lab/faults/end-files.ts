import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from '../lab';

/** Directories and files that hold what the installer leaves on a host. */
const places = [
  ...[
    '/etc/kubernetes',
    '/etc/docker',
    '/etc/sysconfig',
    '/etc/sysctl.d',
    '/etc/modules-load.d',
    '/etc/selinux',
  ],
  ...['/etc/fstab', '/etc/systemd/system', '/etc/yum.repos.d', '/etc/cni', '/opt/cni', '/usr/local/bin'],
  ...['/root/.kube', '/root/.helm', '/root/.docker', '/var/lib/kube-el7-install'],
  ...['/var/lib/kubelet/config.yaml', '/var/lib/kubelet/kubeadm-flags.env', '/var/lib/kubelet/config.json'],
];

/** What is another one in every run, or is written by others than the installer: the runs' own records, and caches. */
const leftOut = [
  /^\/var\/lib\/kube-el7-install\/(journal.*|lock.*|undo)$/,
  /^\/root\/\.kube\/(cache|http-cache)(\/|$)/,
];

/** What differs by nature in a file or an object: keys, certificates, tokens, hashes of them, identities (those of etcd's members among them), times. */
export function withoutNature(text: string): string {
  return text
    .replace(/-----BEGIN [A-Z ]+-----[^]*?-----END [A-Z ]+-----/g, '[PEM]')
    .replace(/"jws-kubeconfig-[a-z0-9]{6}": *"[^"]*"/g, '"jws-kubeconfig-[token]"')
    .replace(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, '[token]')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '[uuid]')
    .replace(/\b[0-9a-f]{32,128}\b/g, '[hash]')
    .replace(/\b[0-9a-f]{14,16}\b/g, '[number]')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\d{8}T\d{6}Z/g, '[time]')
    .replace(/[A-Za-z0-9+/]{64,}={0,2}/g, '[base64]');
}

/** docker's own key, which nobody uses. */
const dockersKey = '/etc/docker/key.json';

/** What is noted of a snapshot: how much etcd had by then, and in which revision, is another one each time. */
const aboutSnapshot = /\/var\/lib\/kube-el7-install\/snapshots\/[^/]+\.json$/;

/** A text without its numbers. */
export function measuresLeftOut(text: string): string {
  return text.replace(/\d+/g, '[measure]');
}

function contentOf(path: string): string {
  if (path.endsWith(dockersKey)) return '[key]';
  const content = readFileSync(path);
  if (aboutSnapshot.test(path)) return measuresLeftOut(content.toString('utf8'));
  return content.includes(0) ? '[binary]' : withoutNature(content.toString('utf8'));
}

function below(root: string, path: string, into: Map<string, string>): void {
  if (leftOut.some(one => one.test(path))) return;
  const whole = join(root, path);
  const found = lstatSync(whole, { throwIfNoEntry: false });
  if (found === undefined) return;
  const mode = `${(found.mode & 0o7777).toString(8)} ${found.uid}:${found.gid}`;
  // A run that was cut off after a member had been taken out saves etcd once more, without that member's number.
  const name = withoutNature(path).replace(/(before-readd-[a-z0-9-]+)-\[number\]/, '$1');
  if (found.isDirectory()) {
    into.set(`${name}/`, mode);
    for (const one of readdirSync(whole).sort()) below(root, join(path, one), into);
  } else if (found.isSymbolicLink()) {
    into.set(name, `link to ${readlinkSync(whole)}`);
  } else {
    into.set(name, `${mode}\n${contentOf(whole)}`);
  }
}

/** What the installer has left on a host that runs: path to mode, owner and content, each without what differs by nature. Seen from outside, and so with no trace on the host. */
export function filesOf(host: LabHost): Readonly<Record<string, string>> {
  const { leader } = host;
  if (leader === undefined) throw new Error(`${host.name} is off`);
  const files = new Map<string, string>();
  for (const place of places) below(`/proc/${leader}/root`, place, files);
  return Object.fromEntries(files);
}
