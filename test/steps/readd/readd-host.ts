import type { Command, HttpOutcome } from '../../../source/engine/host';
import { keyOf } from '../../../source/kubernetes/master-files';
import { mastersObjects } from '../../../source/kubernetes/master-objects';
import { pathOf, type KubeObject } from '../../../source/kubernetes/objects';
import { fromYaml } from '../../../source/kubernetes/yaml';
import { sha256 } from '../../../source/recovery/stored';
import type { Master } from '../../../source/variables/master';
import type { Answer } from '../../support/fake-host';
import { EtcdHost, MASTERS } from '../etcd-host';
import { node } from '../masters-host';
import type { Installed } from './installed';

const API = '/api/v1/namespaces/kube-system';
const CONFIGMAP = `${API}/configmaps/kubeadm-config`;

const answer = (body: unknown, status = 200): HttpOutcome => ({
  ...{ status, headers: {}, roundTripMs: 1 },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** A stand-in for one of three masters whose etcd is whole: the cluster keeps what it was given, and each master does at once what it is told. */
export class ReaddHost extends EtcdHost {
  readonly secrets = new Map<string, Map<string, string>>();
  /** By hostname: the address of its node. */
  readonly nodes = new Map<string, string>(MASTERS.map(one => [one.hostname, one.address]));
  /** Masters whose disk was emptied. */
  readonly emptied = new Set<string>();
  /** By hostname: files that somebody has changed there, which the program that makes masters leaves so. */
  readonly edited = new Map<string, readonly string[]>();
  readonly objects = new Map<string, object>();
  /** Files that the program that makes masters does not know as its own, and leaves as they are. */
  readonly #strange = new Set<string>();
  /** Snapshots that a second master has. */
  readonly copies = new Set<string>();
  /** By owner: the keys of a Secret that it has applied last. */
  readonly #owned = new Map<string, readonly string[]>();

  constructor(
    readonly installed: Installed,
    readonly here: Master = MASTERS[0],
  ) {
    super();
    this.drop('/etc/kubernetes/manifests/etcd-init.yaml');
    this.put('/etc/kubernetes/manifests/etcd-cluster.yaml', 'kind: Pod\n');
    this.members = MASTERS.map(({ hostname, address }, at) => ({
      ...{ id: String(161 + at), url: `https://${address}:2380`, name: hostname, learner: false },
    }));
    for (const { hostname } of MASTERS) {
      this.turns.set(hostname, 'cluster');
      this.pods.set(hostname, 'etcd-cluster');
      this.secrets.set(hostname, new Map(installed.secrets.get(hostname)));
    }
    this.leader = here.hostname;
    for (const object of mastersObjects(installed.settings, MASTERS[0]))
      this.objects.set(pathOf(object), object);
    this.objects.set(CONFIGMAP, {
      data: {
        ClusterConfiguration: 'endpoints:\n- https://10.0.0.3:2379\n',
        ClusterStatus: 'apiEndpoints: {}\n',
      },
    });
    this.#write(here.hostname);
    this.#script();
  }

  override copy(): ReaddHost {
    const copy = new ReaddHost(this.installed, this.here).take(this);
    for (const [name, data] of this.secrets) copy.secrets.set(name, new Map(data));
    for (const [name, address] of this.nodes) copy.nodes.set(name, address);
    for (const name of this.emptied) copy.emptied.add(name);
    for (const [path, object] of this.objects) copy.objects.set(path, object);
    for (const name of this.copies) copy.copies.add(name);
    for (const path of this.#strange) copy.#strange.add(path);
    for (const [owner, keys] of this.#owned) copy.#owned.set(owner, keys);
    return copy;
  }

  /** Another host of that name has joined, at another address; the old one stays away. */
  replace(hostname: string, address: string): this {
    this.nodes.set(hostname, address);
    this.addresses.set(hostname, address);
    this.pods.delete(hostname);
    return this;
  }

  /** The host has the same name and address, and nothing on its disk. */
  empty(hostname: string): this {
    this.emptied.add(hostname);
    this.broken.add(hostname);
    return this;
  }

  /** The cluster has been restored from before it kept a file for its masters; what their disks have is not touched. */
  neverKept(path: string): this {
    this.#strange.add(path);
    for (const secret of this.secrets.values()) {
      secret.delete(keyOf(path));
      const lines = (secret.get('files') ?? '').split('\n').filter(line => !line.endsWith(` ${path}`));
      secret.set('files', lines.join('\n'));
    }
    return this;
  }

  /** What the cluster keeps of one file for a master. */
  kept(hostname: string, path: string): string {
    return this.secrets.get(hostname)?.get(keyOf(path)) ?? '';
  }

  #script(): void {
    this.answer('hostname', `${this.here.hostname}\n`)
      .answer(/^kubectl .* patch secret /, ({ args }) => this.#turn(args))
      .answer(/^kubectl .* apply --server-side /, command => this.#store(command))
      .answer(/^kubectl .* patch configmap /, command => this.#patchConfigMap(command))
      .answer(/^kubectl .* apply --filename \S+\/masters-daemon\.yaml$/, ({ args }) => {
        for (const object of fromYaml(this.text(args.at(-1) ?? '') ?? '') ?? [])
          this.objects.set(pathOf(object as KubeObject), object as object);
        return {};
      })
      .answer(
        ({ args }) => args[1]?.includes('Keeps a copy of a snapshot') === true,
        ({ args }) => this.#keepCopy(args),
      )
      .respond(/^https:\/\/10\.0\.0\.\d+:6443\/healthz$/, answer('ok'))
      .respond(
        ({ url }) =>
          url.startsWith(`https://${this.here.address}:6443/ap`) && !/\/jobs\/|component%3Detcd/.test(url),
        ({ url }) => this.#object(new URL(url).pathname),
      )
      .respond(/maintenance\/alarm$/, answer({}));
  }

  /** A master whose address is another one than what it is to be does nothing but say so. */
  #turn(args: readonly string[]): Answer {
    const name = /kube-el7-install-master-(\S+)/.exec(args.join(' '))?.[1] ?? '';
    const pod = this.pods.get(name);
    const refused = this.secrets.get(name)?.get('address') !== this.nodes.get(name);
    if (!refused && args.at(-1)?.includes('"start ') === true) {
      this.emptied.delete(name);
      this.broken.delete(name);
    }
    const done = this.patch(args);
    if (refused && pod === undefined) this.pods.delete(name);
    return done;
  }

  #store({ args }: Command): Answer {
    const owner = args.find(arg => arg.startsWith('--field-manager=')) ?? '';
    const [document] = fromYaml(this.text(args.at(-1) ?? '') ?? '') ?? [];
    const object = document as KubeObject & { readonly data: Readonly<Record<string, string>> };
    const name = /secrets\/kube-el7-install-master-(.*)$/.exec(pathOf(object))?.[1] ?? '';
    const secret = this.secrets.get(name);
    if (secret === undefined) return { code: 1, stderr: 'there is no such Secret' };
    for (const [key, value] of Object.entries(object.data))
      secret.set(key, Buffer.from(value, 'base64').toString());
    const left = (this.#owned.get(`${name} ${owner}`) ?? []).filter(key => !(key in object.data));
    for (const key of left) secret.delete(key);
    this.#owned.set(`${name} ${owner}`, Object.keys(object.data));
    if (name === this.here.hostname) this.#write(name);
    return {};
  }

  /** As the program that makes masters does it there. */
  #write(hostname: string): void {
    for (const { key, mode, path } of this.#files(hostname).filter(file => !this.#strange.has(file.path)))
      this.put(path, this.secrets.get(hostname)?.get(key) ?? '', parseInt(mode, 8));
  }

  #files(hostname: string): readonly { readonly sum: string; key: string; mode: string; path: string }[] {
    const text = this.secrets.get(hostname)?.get('files') ?? '';
    return text
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [sum = '', mode = '', key = '', path = ''] = line.split(' ');
        return { sum, mode, key, path };
      });
  }

  #patchConfigMap({ args }: Command): Answer {
    const body = JSON.parse(args.at(-1) ?? '') as { readonly data?: object };
    const { data } = (this.objects.get(CONFIGMAP) ?? {}) as { readonly data?: object };
    this.objects.set(CONFIGMAP, { data: { ...data, ...body.data } });
    return {};
  }

  #keepCopy(args: readonly string[]): Answer {
    const [what, hostname = '', path = ''] = args.slice(-3);
    if (what === 'copy') this.copies.add(`${hostname} ${path}`);
    return this.copies.has(`${hostname} ${path}`) ? {} : { code: 1, stderr: 'it is not the same as here' };
  }

  #object(path: string): HttpOutcome {
    const secret = this.secrets.get(/\/secrets\/kube-el7-install-master-(.*)$/.exec(path)?.[1] ?? '');
    if (secret !== undefined) {
      const turn = this.turns.get(path.replace(/^.*-/, '')) ?? '';
      const data = [...secret, ['etcd-turn', turn] as const].map(([key, value]) => [
        key,
        Buffer.from(value).toString('base64'),
      ]);
      return answer({ data: Object.fromEntries(data) as object });
    }
    if (path === '/api/v1/nodes')
      return answer({ items: [...this.nodes.keys()].map(name => this.#node(name)) });
    const name = /^\/api\/v1\/nodes\/(.*)$/.exec(path)?.[1] ?? '';
    if (this.nodes.has(name)) return answer(this.#node(name));
    const [, pod = '', hostname = ''] = /\/pods\/(.*)-(master\d)$/.exec(path) ?? [];
    if (pod !== '') {
      const manifest = this.kept(hostname, `/etc/kubernetes/manifests/${pod}.yaml`);
      const words = manifest.split('\n').map(line => line.replace(/^\s*(?:- )?/, ''));
      return answer(`${JSON.stringify(words)}"type":"Ready","status":"True"`);
    }
    const object = this.objects.get(path);
    return object === undefined ? answer('', 404) : answer(object);
  }

  #node(name: string): object {
    const address = this.nodes.get(name) ?? '';
    const refused = this.secrets.get(name)?.get('address') !== address;
    const turn = this.turns.get(name) ?? 'wait';
    const lost = this.emptied.has(name) && turn === 'cluster';
    const said = {
      digest: sha256(this.secrets.get(name)?.get('files') ?? ''),
      ...{ complete: !refused, missing: [], changed: this.edited.get(name) ?? [] },
      etcd: refused ? 'refused: another address' : lost ? "refused: etcd's data is gone" : turn,
      ...(refused ? { refused: 'this node has another address' } : {}),
    };
    const labels = Object.fromEntries(this.installed.settings.facts.masterLabels.map(one => [one, '']));
    const annotations = { 'kube-el7-install/master': JSON.stringify(said) };
    return node(name, address, { labels, annotations });
  }
}
