import type { HostReader } from '../engine/host';
import { ETCD_INIT_HIDDEN, STATIC_PODS } from '../steps/paths';

/** One container of a static pod, as far as it tells what runs there. */
export interface StaticContainer {
  /** The manifest. */
  readonly path: string;
  readonly image: string;
  /** Its flags without the dashes, and etcd's variables under the names of their flags. */
  readonly flags: ReadonlyMap<string, string>;
  /** Where a path of the container is on the host. */
  readonly onHost: (path: string) => string;
}

/** The static pods of this host's kubelet. */
export interface StaticPods {
  /** The folder that the kubelet reads. */
  readonly directory: string;
  readonly etcd: readonly StaticContainer[];
  readonly apiserver: readonly StaticContainer[];
  /** The pods' network, as the controller manager is told it. */
  readonly podSubnet?: string;
  /** Manifests that were named for etcd or the apiserver and cannot be read. */
  readonly damaged: readonly string[];
}

/** The parts of a pod that are looked at; the field names are Kubernetes', and what is in them is whatever somebody wrote. */
interface Container {
  readonly image?: unknown;
  readonly command?: unknown;
  readonly args?: unknown;
  readonly env?: unknown;
  readonly volumeMounts?: unknown;
}

const KUBELET_CONFIG = '/var/lib/kubelet/config.yaml';
/** A manifest has some kilobytes. */
const LARGEST = 1024 * 1024;
/** etcd by itself, as Kubernetes' images call it, and kops' program around it. */
const ETCD = /^etcd(-amd64|-manager)?$/;
/** Also as hyperkube's first word. */
const APISERVER = /^(kube-)?apiserver(-amd64)?$/;

/** Reads the manifests that the kubelet would take: every file whose name does not begin with a dot, whatever it ends in (kubernetes pkg/kubelet/config/file.go, extractFromDir). Also the one that an installation hides for a while. */
export async function readStaticPods(host: HostReader): Promise<StaticPods> {
  const configured = /^staticPodPath: *["']?([^"'\s]+)/m.exec(await textOf(host, KUBELET_CONFIG))?.[1];
  const directory = configured?.replace(/\/+$/, '') ?? STATIC_PODS;
  const folders = [...new Set([STATIC_PODS, directory])];
  const listed = await Promise.all(
    folders.map(async folder => ((await host.list(folder)) ?? []).map(name => `${folder}/${name}`)),
  );
  const paths = listed.flat().filter(path => path === ETCD_INIT_HIDDEN || !/\/\.[^/]*$/.test(path));
  const read = await Promise.all(paths.map(path => containersOf(host, path)));
  const all = read.flatMap(({ containers }) => containers);
  const podSubnet = all.map(({ container }) => container.flags.get('cluster-cidr')).find(Boolean);
  return {
    directory,
    etcd: all.filter(({ program }) => program === 'etcd').map(({ container }) => container),
    apiserver: all.filter(({ program }) => program === 'apiserver').map(({ container }) => container),
    ...(podSubnet === undefined ? {} : { podSubnet }),
    damaged: read.flatMap(({ damaged }) => damaged ?? []),
  };
}

interface Read {
  readonly containers: readonly {
    readonly program: 'etcd' | 'apiserver' | undefined;
    readonly container: StaticContainer;
  }[];
  readonly damaged?: string;
}

async function containersOf(host: HostReader, path: string): Promise<Read> {
  const found = await host.stat(path);
  if (found === undefined || found.kind === 'directory' || found.kind === 'other' || found.size > LARGEST)
    return { containers: [] };
  const text = await textOf(host, path);
  // Only where there is a manifest: the first screen of a new host waits for no parser.
  const { fromYaml } = await import('../kubernetes/yaml');
  const containers = (fromYaml(text) ?? []).flatMap(document => inPod(path, document));
  return containers.length === 0 && /etcd|apiserver/.test(path.slice(path.lastIndexOf('/')))
    ? { containers, damaged: path }
    : { containers };
}

function inPod(path: string, document: unknown): Read['containers'] {
  const { containers, volumes } = fields<{ containers: unknown; volumes: unknown }>(
    fields<{ spec: unknown }>(document).spec,
  );
  const folders = objects<{ name: unknown; hostPath: unknown }>(volumes).flatMap(({ name, hostPath }) => {
    const from = fields<{ path: unknown }>(hostPath).path;
    return typeof from === 'string' ? [{ name, from }] : [];
  });
  return objects<Container>(containers).map(one => {
    const words = [one.command, one.args].flatMap(textsOf).flatMap(text => text.trim().split(/\s+/));
    const image = typeof one.image === 'string' ? one.image : '';
    const mounts = objects<{ name: unknown; mountPath: unknown }>(one.volumeMounts).flatMap(
      ({ name, mountPath }) => {
        const from = folders.find(folder => folder.name === name)?.from;
        return from === undefined || typeof mountPath !== 'string' ? [] : [[mountPath, from] as const];
      },
    );
    const container: StaticContainer = {
      path,
      image,
      flags: new Map([...variables(one.env), ...flagsIn(words)]),
      onHost: inside => hostPath(inside, mounts),
    };
    return { program: programOf(words, image), container };
  });
}

function programOf(words: readonly string[], image: string): 'etcd' | 'apiserver' | undefined {
  const named = words.filter(word => !word.startsWith('-')).map(baseName);
  // An image that is started without a command is called by what it runs.
  const names = words.length === 0 || named.length === 0 ? [baseName(image).replace(/[:@].*$/, '')] : named;
  if (names.some(name => ETCD.test(name))) return 'etcd';
  return names.some(name => APISERVER.test(name)) ? 'apiserver' : undefined;
}

/** "--name=value" and "--name value". */
function flagsIn(words: readonly string[]): readonly (readonly [string, string])[] {
  return words.flatMap((word, at) => {
    const [, name, value] = /^--?([a-z][a-z0-9-]+)(?:=(.*))?$/.exec(word) ?? [];
    if (name === undefined) return [];
    const next = words[at + 1];
    return [[name, unquoted(value ?? (next === undefined || next.startsWith('-') ? 'true' : next))] as const];
  });
}

/** etcd takes each flag also as a variable: ETCD_DATA_DIR (etcd pkg/flags, FlagToEnv). */
function variables(env: unknown): readonly (readonly [string, string])[] {
  return objects<{ name: unknown; value: unknown }>(env).flatMap(({ name, value }) =>
    typeof name === 'string' && typeof value === 'string' && name.startsWith('ETCD_')
      ? [[name.slice('ETCD_'.length).toLowerCase().replace(/_/g, '-'), value] as const]
      : [],
  );
}

function hostPath(inside: string, mounts: readonly (readonly [string, string])[]): string {
  const [first] = mounts
    .filter(([at]) => inside === at || inside.startsWith(`${at.replace(/\/$/, '')}/`))
    .sort(([one], [other]) => other.length - one.length);
  if (first === undefined) return inside;
  const [at, from] = first;
  return `${from.replace(/\/$/, '')}${inside.slice(at.replace(/\/$/, '').length)}`;
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/** The objects of a list. */
function objects<Fields extends object>(value: unknown): readonly Partial<Fields>[] {
  return Array.isArray(value)
    ? value.filter((one): one is Partial<Fields> => typeof one === 'object' && one !== null)
    : [];
}

/** The fields of an object, none where it is something else. */
function fields<Fields extends object>(value: unknown): Partial<Fields> {
  return typeof value === 'object' && value !== null ? value : {};
}

async function textOf(host: HostReader, path: string): Promise<string> {
  return (await host.read(path))?.toString('utf8') ?? '';
}
