import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Change, Content, Undo } from '../../engine/change';
import type { PerformableChange } from '../../engine/apply';
import type { HostReader } from '../../engine/host';
import { isFinished } from '../../steps/finished';
import { STATIC_PODS } from '../../steps/paths';
import { readUnit } from '../../steps/prepare/units';
import { contentBytes } from '../compose';
import { serviceCommand } from '../perform';
import { LARGE, type Former, type Inverse } from './inverse';

/** An inverse as it was found out; what is to be kept of a file is still at hand. */
export interface Found {
  readonly inverse: Inverse;
  /** The bytes that `kept` or `before` shall name. */
  readonly bytes?: Buffer;
  /** How large the file is that `kept` shall name, where it is too large to be held in memory: a program copies it. */
  readonly large?: number;
  /** It tells of what stood there before there was a cluster: of no use once one was begun. */
  readonly beforeCluster?: true;
}

/** Where nothing is kept yet. */
const TO_KEEP = '';
/** What kubeadm takes away with a cluster, though it may have been there before. */
const KUBERNETES = '/etc/kubernetes';
const KUBELET_LOGIN = '/var/lib/kubelet/config.json';
/** Made by packages and by the programs in them without anybody's knowing. */
const BY_PROGRAMS = [
  ...[`${KUBERNETES}/manifests`, `${KUBERNETES}/pki`, '/etc/cni/net.d', '/opt/cni/bin'],
  ...['/var/lib/kubelet', '/var/lib/dockershim', '/var/lib/cni', '/run/flannel'],
  '/usr/lib/systemd/system/kubelet.service.d',
];

/** What takes a change back, found out on the host before it is made: in the order in which it comes about. */
export async function inversesOf(host: HostReader, change: PerformableChange): Promise<readonly Found[]> {
  switch (change.kind) {
    case 'write': {
      const wrote = await digestOf(host, change.content);
      const paths = await path(host, change.path, wrote);
      const begins = posix.dirname(change.path) === STATIC_PODS && isNew(paths, change.path);
      return [...(begins ? await cluster(host) : []), ...paths];
    }
    case 'remove':
      return change.product === true ? [] : path(host, change.path);
    case 'link':
    case 'directory':
      return path(host, change.path);
    case 'certificate': {
      const { keyPath, certPath } = change.certificate;
      return [...(await path(host, keyPath)), ...(await path(host, certPath))];
    }
    case 'install':
      return packages(host, change.packages);
    case 'service':
      return service(host, change);
    case 'run': {
      const { undo, keepOutput } = change;
      const implied: Inverse = { kind: 'stays', what: change.title, implied: true };
      const found = await Promise.all((undo ?? []).map(one => ofCommand(host, change, one)));
      const said = undo === undefined ? [{ inverse: implied }] : found.flat();
      return [...said, ...(keepOutput === undefined ? [] : await path(host, keepOutput.path))];
    }
  }
}

async function ofCommand(
  host: HostReader,
  { title, command, timeoutMs }: Extract<Change, { kind: 'run' }>,
  undo: Undo,
): Promise<readonly Found[]> {
  switch (undo.kind) {
    case 'paths':
      return (await Promise.all(undo.paths.map(one => path(host, one)))).flat();
    case 'packages':
      return packages(host, undo.packages);
    case 'again':
      return [{ inverse: { kind: 'again', title, command, timeoutMs } }];
    case 'cluster':
      return cluster(host);
    case 'run':
    case 'stays':
      return [{ inverse: undo }];
  }
}

/** The path itself, after the directories above it that are not there yet and will be made for it. */
async function path(host: HostReader, at: string, wrote?: string): Promise<readonly Found[]> {
  const parents: Found[] = [];
  for (let one = posix.dirname(at); one !== '/' && one !== '.'; one = posix.dirname(one)) {
    if ((await host.stat(one)) !== undefined) break;
    parents.unshift({ inverse: { kind: 'path', path: one, former: { was: 'absent' } } });
  }
  const { former, ...kept } = await formerOf(host, at);
  const inverse: Inverse = { kind: 'path', path: at, former, ...(wrote === undefined ? {} : { wrote }) };
  return [...parents, { inverse, ...kept }];
}

async function formerOf(
  host: HostReader,
  at: string,
): Promise<{ readonly former: Former } & Pick<Found, 'bytes' | 'large'>> {
  const stat = await host.stat(at);
  switch (stat?.kind) {
    case 'file': {
      if (stat.size > LARGE)
        return { former: { was: 'file', kept: TO_KEEP, mode: stat.mode }, large: stat.size };
      const bytes = await host.read(at);
      if (bytes === undefined) return { former: { was: 'absent' } };
      return { former: { was: 'file', kept: TO_KEEP, mode: stat.mode }, bytes };
    }
    case 'link': {
      const { stdout } = await host.query({ file: 'readlink', args: ['--', at] });
      return { former: { was: 'link', target: stdout.replace(/\n$/, '') } };
    }
    case 'directory':
      return { former: { was: 'directory', mode: stat.mode } };
    case 'other':
    case undefined:
      return { former: { was: 'absent' } };
  }
}

function isNew(found: readonly Found[], at: string): boolean {
  return found.some(
    ({ inverse }) => inverse.kind === 'path' && inverse.path === at && inverse.former.was === 'absent',
  );
}

/** With a cluster goes all that kubeadm knows of, so what a site has put there before is kept too. */
async function cluster(host: HostReader): Promise<readonly Found[]> {
  const finished = await isFinished(host);
  const own = finished ? [] : [...(await filesBelow(host, KUBERNETES)), KUBELET_LOGIN];
  const files = (await Promise.all(own.map(one => path(host, one)))).flat();
  const there = files.filter(({ inverse }) => inverse.kind !== 'path' || inverse.former.was !== 'absent');
  const before = there.map(found => ({ ...found, beforeCluster: true }) as const);
  return [{ inverse: { kind: 'cluster', finished } }, ...before, ...(await madeByPrograms(host))];
}

async function madeByPrograms(host: HostReader): Promise<readonly Found[]> {
  const found = (await Promise.all(BY_PROGRAMS.map(one => path(host, one)))).flat();
  return found.filter(({ inverse }) => inverse.kind === 'path' && inverse.former.was === 'absent');
}

async function filesBelow(host: HostReader, directory: string): Promise<readonly string[]> {
  const names = (await host.list(directory)) ?? [];
  const below = await Promise.all(
    names.map(async name => {
      const one = `${directory}/${name}`;
      const kind = (await host.stat(one))?.kind;
      return kind === 'directory' ? filesBelow(host, one) : kind === undefined ? [] : [one];
    }),
  );
  return below.flat();
}

async function service(
  host: HostReader,
  change: Extract<Change, { kind: 'service' }>,
): Promise<readonly Found[]> {
  if (change.action === 'reload-units') {
    const command = serviceCommand(change);
    return [{ inverse: { kind: 'again', title: 'systemctl daemon-reload', command, timeoutMs: 60_000 } }];
  }
  const { active, file } = await readUnit(host, change.unit);
  const runs = ['active', 'activating', 'reloading'].includes(active);
  return [{ inverse: { kind: 'unit', unit: change.unit, active: runs, file } }];
}

/** All that is installed by then: what comes with the wanted ones is known afterwards by not being among them. */
async function packages(host: HostReader, wanted: readonly string[]): Promise<readonly Found[]> {
  const { code, stdout } = await host.query(
    { file: 'rpm', args: ['-qa', '--qf', '%{NAME}\\n'] },
    { timeoutMs: 120_000 },
  );
  if (code !== 0) return [{ inverse: { kind: 'stays', what: `packages: ${wanted.join(', ')}` } }];
  const inverse: Inverse = { kind: 'packages', packages: wanted, before: TO_KEEP };
  return [{ inverse, bytes: Buffer.from(stdout) }, ...(await madeByPrograms(host))];
}

async function digestOf(host: HostReader, content: Content): Promise<string | undefined> {
  const { bytes } = await contentBytes(host, content);
  return bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex');
}
