import { createHash } from 'node:crypto';
import { changesOn } from '../../source/changes';
import type { Change } from '../../source/engine/change';
import type { Command, HttpOutcome } from '../../source/engine/host';
import type { Step } from '../../source/engine/step';
import { pathOf, type KubeObject } from '../../source/kubernetes/objects';
import { fromYaml, toYaml } from '../../source/kubernetes/yaml';
import { makeCertificate } from '../../source/pki/make';
import type { Master } from '../../source/variables/master';
import { FakeHost, type Answer } from '../support/fake-host';

const PKI = '/etc/kubernetes/pki';
/** The host that these tests install from. */
export const MASTER: Master = { hostname: 'master1', address: '10.0.0.1' };
export const STATE = '/var/lib/kube-el7-install';
export const TOKEN = 'abcdef.0123456789abcdef';

/** A node as the apiserver lists it: the order of its fields is Go's. */
export function node(
  name: string,
  address: string,
  more: { readonly labels?: object; readonly annotations?: object; readonly ready?: boolean } = {},
): object {
  const { labels = {}, annotations = {}, ready = true } = more;
  return {
    metadata: { name, uid: '1', labels, annotations },
    spec: {},
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', message: 'cni is not ready' }],
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
    },
  };
}

export const APPLIED_COPY = 'kubectl.kubernetes.io/last-applied-configuration';

/** A stand-in for the first master once kubeadm is through: its files, and an apiserver that keeps what kubectl gives it. */
export class MastersHost extends FakeHost {
  readonly objects = new Map<string, object>();
  /** Addresses of the apiservers that are healthy. */
  readonly healthy = new Set<string>();
  answering = true;

  static async made(master: Master): Promise<MastersHost> {
    const host = new MastersHost();
    for (const base of ['ca', 'etcd/ca']) {
      const paths = { certPath: `${PKI}/${base}.crt`, keyPath: `${PKI}/${base}.key` };
      const { cert, key } = await makeCertificate({
        ...{ ...paths, commonName: base, dnsNames: [], addresses: [], usage: 'ca', days: 3650 },
      });
      host.put(paths.certPath, cert).put(paths.keyPath, key.reveal(), 0o600);
    }
    const pairs = [
      'front-proxy-ca',
      'apiserver-kubelet-client',
      'front-proxy-client',
      'apiserver-etcd-client',
    ];
    const more = [
      'administrator',
      'apiserver',
      'etcd/healthcheck-client',
      'etcd/server',
      'etcd/peer',
      'tiller/ca',
    ];
    for (const base of [...pairs, ...more, 'tiller/tiller']) {
      host.put(`${PKI}/${base}.crt`, `certificate of ${base}\n`);
      host.put(`${PKI}/${base}.key`, `key of ${base}\n`, 0o600);
    }
    host.put(`${PKI}/sa.pub`, 'sa\n').put(`${PKI}/sa.key`, 'key of sa\n', 0o600);
    host.put('/etc/kubernetes/admin.conf', 'server: https://10.0.0.100:6443\nkey of admin\n', 0o600);
    for (const name of ['controller-manager', 'scheduler'])
      host.put(
        `/etc/kubernetes/${name}.conf`,
        `server: https://${master.address}:6443\nkey of ${name}\n`,
        0o600,
      );
    host.put('/etc/kubernetes/manifests/kube-apiserver.yaml', apiserver(master.address), 0o600);
    for (const name of ['kube-controller-manager', 'kube-scheduler'])
      host.put(`/etc/kubernetes/manifests/${name}.yaml`, `kind: Pod\nname: ${name}\n`, 0o600);
    host.put(`${STATE}/kubeadm-init.yaml`, kubeadmConfig, 0o600);
    for (const name of ['keepalived.conf.template', 'start.sh', 'check-apiserver.sh'])
      host.put(`/etc/kubernetes/keepalived/${name}`, `${name} of ${master.hostname}\n`, 0o600);
    host.put('/etc/kubernetes/manifests/keepalived.yaml', 'kind: Pod\n', 0o600);
    host.healthy.add(master.address);
    return host;
  }

  /** Another one in the same state. */
  copy(): MastersHost {
    const copy = new MastersHost();
    copy.adopt(this);
    for (const [path, object] of this.objects) copy.objects.set(path, object);
    for (const address of this.healthy) copy.healthy.add(address);
    return copy;
  }

  private constructor() {
    super();
    this.answer(/^kubectl .* apply /, ({ args }) => this.#apply(args))
      .answer(/^kubectl .* annotate secret .*last-applied-configuration-$/, ({ args }) => this.#uncopy(args))
      .answer(/^kubectl .* patch configmap kubeadm-config /, command => this.#patch(command))
      .answer(/^kubectl .* get pods /, '1 pods\n')
      .respond(/^https:\/\/10\.0\.0\.1:6443\/api/, ({ url }) => this.#ask(new URL(url).pathname))
      .respond(/:6443\/healthz$/, ({ url }) =>
        this.healthy.has(new URL(url).hostname) ? answer(200, 'ok') : { error: 'connect ECONNREFUSED' },
      );
  }

  /** The data of a Secret, decoded. */
  secret(name: string): Readonly<Record<string, string>> {
    const found = this.objects.get(`/api/v1/namespaces/kube-system/secrets/${name}`);
    const { data } = found as { data: Record<string, string> };
    const decoded = ([key, value]: [string, string]) => [key, Buffer.from(value, 'base64').toString()];
    return Object.fromEntries(Object.entries(data).map(decoded)) as Record<string, string>;
  }

  setNode(name: string, address: string, more: Parameters<typeof node>[2] = {}): this {
    this.objects.set(`/api/v1/nodes/${name}`, node(name, address, more));
    return this;
  }

  /** What the program that makes masters would say of a node once it is through with its Secret. */
  report(name: string, labels: readonly string[], complete = true): this {
    const files = this.secret(`kube-el7-install-master-${name}`)['files'] ?? '';
    const digest = createHash('sha256').update(files).digest('hex');
    const said = `{"digest":"${digest}","complete":${String(complete)},"missing":[],"changed":[],"etcd":"wait"}`;
    return this.setNode(name, `10.0.0.${name.slice(-1)}`, {
      labels: Object.fromEntries(labels.map(label => [label, ''])),
      annotations: { 'kube-el7-install/master': said },
    });
  }

  /** As the apiserver takes them: keys of before that the manifest never had stay; on the client's side kubectl notes the manifest in an annotation. */
  #apply(args: readonly string[]): Answer {
    const paths = args.filter(one => one.startsWith(STATE));
    for (const document of paths.flatMap(path => fromYaml(this.text(path) ?? '') ?? [])) {
      const object = document as KubeObject;
      const path = pathOf(object);
      const before = this.objects.get(path) as (KubeObject & { readonly data?: object }) | undefined;
      const copy = args.includes('--server-side') ? {} : { [APPLIED_COPY]: JSON.stringify(object) };
      const annotations = { ...before?.metadata.annotations, ...object.metadata.annotations, ...copy };
      const metadata = { ...object.metadata, annotations };
      const data = { ...before?.data, ...(object['data'] as object | undefined) };
      this.objects.set(path, { ...object, metadata, ...(object.kind === 'Secret' && { data }) });
    }
    return {};
  }

  #uncopy(args: readonly string[]): Answer {
    const name = args[args.indexOf('secret') + 1] ?? '';
    const path = `/api/v1/namespaces/kube-system/secrets/${name}`;
    const object = this.objects.get(path) as KubeObject;
    this.objects.set(path, { ...object, metadata: { ...object.metadata, annotations: {} } });
    return {};
  }

  #patch({ args }: Command): Answer {
    const { data } = JSON.parse(args.at(-1) ?? '') as { readonly data: object };
    const path = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config';
    const before = (this.objects.get(path) as { data?: object } | undefined)?.data;
    this.objects.set(path, { metadata: { name: 'kubeadm-config' }, data: { ...before, ...data } });
    return {};
  }

  #ask(path: string): HttpOutcome {
    if (!this.answering) return { error: 'connect ECONNREFUSED 10.0.0.1:6443' };
    const object = this.objects.get(path);
    if (object !== undefined) return answer(200, JSON.stringify(object));
    if (path !== '/api/v1/nodes') return answer(404, '{"kind":"Status"}');
    const items = [...this.objects].filter(([one]) => one.startsWith(`${path}/`)).map(([, one]) => one);
    return answer(200, JSON.stringify({ kind: 'NodeList', items }));
  }
}

function answer(status: number, body: string): HttpOutcome {
  return { status, headers: {}, body, roundTripMs: 1 };
}

function apiserver(address: string): string {
  return [
    'kind: Pod',
    `advertise: ${address}:6443`,
    `- --advertise-address=${address}`,
    `- --etcd-servers=https://${address}:2379,https://10.0.0.2:2379,https://10.0.0.11:2379`,
    '- --not-to-be-touched=10.0.0.11,110.0.0.1,10.0.0.1.5',
    `host: ${address}`,
    '',
  ].join('\n');
}

const kubeadmConfig = toYaml(
  { kind: 'InitConfiguration', bootstrapTokens: [{ token: TOKEN }], localAPIEndpoint: { bindPort: 6443 } },
  { kind: 'ClusterConfiguration', kubernetesVersion: 'v1.20.2' },
);

const silent = { output: () => undefined, note: () => undefined, secret: () => undefined };

/** Applies as the engine does, but for the waits; throws before the change at which it is cut off. */
export async function apply(host: MastersHost, steps: readonly Step[], cut = Infinity): Promise<number> {
  let count = 0;
  for (const one of steps) {
    for (const change of await planned(host, one)) {
      if (count === cut) throw new Error('cut');
      count += 1;
      if (change.kind !== 'await') await changesOn(host).perform(change, silent);
    }
  }
  return count;
}

/** What a step would do on the host as it is. */
export async function planned(host: MastersHost, one: Step): Promise<readonly Change[]> {
  return one.plan(await one.probe(host));
}
