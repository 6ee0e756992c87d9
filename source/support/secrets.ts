import type { HostReader } from '../engine/host';
import { Secret } from '../engine/secret';
import { secretValuesIn } from '../engine/secret-shapes';
import { ADMIN_KUBECONFIG, HELM_HOME, KEEPALIVED, STATE } from '../steps/paths';

/** Folders with files that hold secrets, and how deep they are looked through. */
const FOLDERS: readonly (readonly [path: string, depth: number])[] = [
  ['/etc/kubernetes', 4],
  [KEEPALIVED, 1],
  [STATE, 3],
  ['/var/lib/kubelet/pki', 1],
  [HELM_HOME, 1],
  ['/root/.ssh', 1],
  ['/etc/ssh', 1],
  ['/etc/sysconfig', 1],
  ['/etc/docker', 3],
  ['/etc/systemd/system/docker.service.d', 1],
  ['/etc/systemd/system/kubelet.service.d', 1],
  ['/etc/yum.repos.d', 1],
  ['/etc/profile.d', 1],
];
const FILES: readonly string[] = [
  ADMIN_KUBECONFIG,
  '/root/.docker/config.json',
  '/var/lib/kubelet/config.json',
  '/var/lib/kubelet/kubeconfig',
  '/etc/fstab',
  '/etc/environment',
  '/etc/yum.conf',
];
/** Larger files, such as snapshots of etcd, are no keys; and they never go into a bundle. */
const LARGEST = 1024 * 1024;
/** Not looked into for secrets: what the installer wrote masked already, or programs. */
const PASSED = /(^|\/)(journal[^/]*\.jsonl|lock|bin|snapshots)$/;

const KEY_BLOCK = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g;
const BOOTSTRAP_TOKEN = /(?<![A-Za-z0-9._-])[a-z0-9]{6}\.[a-z0-9]{16}(?![A-Za-z0-9_-])/g;
/** A file that is a secret as a whole, by its name. */
const WHOLE = /(^|[-_./])(token|password|passwd|secret)$|\.key$/;
const LONGEST_WHOLE = 16 * 1024;
/** Words that stand where a secret would, and are none: masking them would make everything unreadable. */
const NO_SECRETS = /^(?:true|false|null|none|yes|no|\[secret\]|bearer|basic|authentication|[a-z-]{1,7})$/i;

/** Every secret in a file's text, as far as its name and content show it. */
export function secretsIn(path: string, text: string): readonly Secret[] {
  const keys = [...text.matchAll(KEY_BLOCK)].map(([block]) => block);
  const named = secretValuesIn(text).filter(value => !NO_SECRETS.test(value));
  const whole = WHOLE.test(path) && text.length <= LONGEST_WHOLE ? [text.trim()] : [];
  const tokens = [...text.matchAll(BOOTSTRAP_TOKEN)].map(([token]) => token);
  const halves = tokens.flatMap(token => token.split('.').slice(1));
  return [...keys, ...named, ...named.flatMap(decoded), ...whole, ...tokens, ...halves].map(
    value => new Secret(value),
  );
}

/** What a value holds in base64: a kubeconfig's key, or the user and password of a login. */
function decoded(value: string): readonly string[] {
  if (!/^[A-Za-z0-9+/]{8,}={0,2}$/.test(value)) return [];
  const text = Buffer.from(value, 'base64').toString('utf8');
  if (/[^\x09\x0a\x0d\x20-\x7e]/.test(text)) return [];
  const password = text.includes('\n') ? '' : text.slice(text.indexOf(':') + 1);
  return [text, ...(password.length >= 3 && password !== text ? [password] : [])];
}

/** Looks for every secret that is on this host, so that all of them can be masked. What cannot be read is told: nothing of it can be in the bundle either, unless another program printed it. */
export async function hostSecrets(
  host: HostReader,
  more: readonly string[],
): Promise<{ readonly secrets: readonly Secret[]; readonly unread: readonly string[] }> {
  const secrets: Secret[] = [];
  const unread: string[] = [];
  const look = async (path: string, depth: number): Promise<void> => {
    if (PASSED.test(path)) return;
    try {
      const found = await host.stat(path);
      if (found?.kind === 'directory') {
        if (depth === 0) return;
        for (const name of (await host.list(path)) ?? []) await look(`${path}/${name}`, depth - 1);
      } else if (found !== undefined && found.size <= LARGEST && found.kind !== 'other') {
        const content = await host.read(path);
        if (content !== undefined) secrets.push(...secretsIn(path, content.toString('utf8')));
      }
    } catch {
      unread.push(path);
    }
  };
  for (const [path, depth] of FOLDERS) await look(path, depth);
  for (const path of [...FILES, ...more]) await look(path, 1);
  return { secrets, unread };
}
