import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import type { Content } from '../engine/change';
import type { HostReader } from '../engine/host';
import { Secret } from '../engine/secret';
import { step, type Step } from '../engine/step';
import { allMasters } from '../kubernetes/endpoint';
import { etcdManifests } from '../kubernetes/etcd-manifests';
import { keepalivedFiles } from '../kubernetes/keepalived';
import { CONFIG_WITHOUT_TOKEN, etcdCopy, ownCopy, ownTexts } from '../kubernetes/master-files';
import { askingOwn } from '../kubernetes/own-etcd';
import { fromYaml, toYaml } from '../kubernetes/yaml';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { KUBEADM_CONFIG, MASTERS } from './paths';

interface Observed {
  readonly desired: readonly Desired[];
  readonly found: ObservedDesired;
}

/** The other masters' files that are no certificates: kubeadm's of this host with their own addresses, keepalived's, and all masters' manifests of etcd. */
export function masterFiles(settings: Settings, master: Master, after: readonly string[]): Step {
  const all = allMasters(settings, master);
  return step<Observed>({
    id: 'master-files',
    title: "Write the other masters' manifests and configuration",
    after,
    probe: async host => {
      const desired: readonly Desired[] = [
        ...[MASTERS, ...all.map(({ hostname }) => `${MASTERS}/${hostname}`)].map((path): Desired => ({
          kind: 'directory',
          path,
          mode: 0o700,
        })),
        file(CONFIG_WITHOUT_TOKEN, await withoutToken(host)),
        ...all.flatMap((_, index) => etcdFiles(settings, all, index)),
        ...(await Promise.all(settings.others.map(other => textsOf(host, settings, master, other)))).flat(),
        ...settings.others.flatMap((other, index) =>
          keepalivedFiles(settings, all, index + 1).map(one => ({ ...one, path: ownCopy(other, one.path) })),
        ),
      ];
      return { desired, found: await observe(host, desired) };
    },
    plan: ({ desired, found }) => difference(desired, found),
  });
}

function file(path: string, content: Content): Desired {
  return { kind: 'file', path, content, mode: 0o600 };
}

function etcdFiles(settings: Settings, all: readonly Master[], index: number): readonly Desired[] {
  const { init, cluster } = etcdManifests(settings, all, index);
  const [own] = all.slice(index);
  if (own === undefined) return [];
  return [
    ...(init === undefined ? [] : [file(etcdCopy(own, 'etcd-init'), init)]),
    file(etcdCopy(own, 'etcd-cluster'), cluster),
  ];
}

function textsOf(
  host: HostReader,
  settings: Settings,
  master: Master,
  other: Master,
): Promise<readonly Desired[]> {
  return Promise.all(
    ownTexts(settings).map(async path => {
      const text = (await host.read(path))?.toString('utf8');
      const content = text === undefined ? notYet(path) : ownText(path, text, master, other);
      return file(ownCopy(other, path), content);
    }),
  );
}

/** A kubeconfig has a key in it. */
function ownText(path: string, text: string, master: Master, other: Master): Content {
  const own = withOwnAddress(askingOwn(text), master.address, other.address);
  return path.endsWith('.conf') ? new Secret(own) : own;
}

/** A plan tells of files before kubeadm has made what they are made from. */
function notYet(path: string): Content {
  return { template: '{{file}}', files: { file: { path, encoding: 'text', secret: true } } };
}

/** Puts another master's address in the place of the first one's. */
export function withOwnAddress(text: string, address: string, own: string): string {
  const whole = new RegExp(`(?<![\\d.])${address.replace(/\./g, '\\.')}(?![\\d.])`, 'g');
  return text.replace(whole, own);
}

/** kubeadm's configuration for a day when the first master is lost; a token that has long expired by then has no place in it. */
async function withoutToken(host: HostReader): Promise<Content> {
  const text = (await host.read(KUBEADM_CONFIG))?.toString('utf8');
  if (text === undefined) return notYet(KUBEADM_CONFIG);
  const documents = (fromYaml(text) ?? []) as readonly Readonly<Record<string, unknown>>[];
  return toYaml(
    ...documents.map(document =>
      Object.fromEntries(Object.entries(document).filter(([field]) => field !== 'bootstrapTokens')),
    ),
  );
}
