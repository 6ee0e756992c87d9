import { createPublicKey } from 'node:crypto';
import type { Command, HttpOutcome, HttpRequest } from '../../source/engine/host';
import { pathOf, type KubeObject } from '../../source/kubernetes/objects';
import { fromYaml, toYaml } from '../../source/kubernetes/yaml';
import { makeCertificate, type MadeCertificate } from '../../source/pki/make';
import { FakeHost, type Answer } from '../support/fake-host';
import { changeDns, COMPONENTS, DNS_CHANGE, initObjects } from './kubeadm-stand-in';
import { nodesOf, PATHS, podsOf, runPhase } from './kubeadm-stand-in';

export const MASTER = { hostname: 'master1', address: '10.0.0.1' };
const PKI = '/etc/kubernetes/pki';
const ETCDCTL = '/var/lib/kube-el7-install/bin/etcdctl';
/** What etcd's single member answers, by path. */
const ETCD: Readonly<Record<string, string>> = {
  '/health': '{"health":"true"}',
  '/members': '[{"id":10501334649042878790,"peerURLs":["https://10.0.0.1:2380"],"name":"master1"}]\n',
  '/metrics': 'etcd_server_has_leader 1\netcd_server_is_leader 1\netcd_server_is_learner 0\n',
};
/** Where the API is asked through a VIP: by address or by name. */
const VIP = /^https:\/\/(10\.0\.0\.100|vip\.lab):6443\//;

const system = '/api/v1/namespaces/kube-system';
const SERVICES = '/api/v1/services';

/** What the stand-in keeps beside its files. */
export interface ClusterState {
  readonly images: Set<string>;
  readonly objects: Map<string, object>;
  etcd: boolean;
  apiserver: boolean;
}

/**
 * A stand-in for a prepared EL7 host whose docker, kubelet, kubeadm and kubectl do what the steps need of them and no more.
 * Like the real kubeadm it refuses pairs of which one half is missing, and manifests of an earlier start unless told to pass them. test/lab has the real ones.
 */
export class ClusterHost extends FakeHost {
  state: ClusterState = { images: new Set(), objects: new Map(), etcd: false, apiserver: false };
  /** Pods beside those of the cluster's own workloads. */
  readonly pods: object[] = [];
  /** Whether something answers at the addresses of Services. */
  services = true;
  /** Lets kubeadm be cut off after that many of its objects. */
  initObjects = Infinity;

  constructor(files: ConstructorParameters<typeof FakeHost>[0] = {}) {
    super(files);
    this.answer(/^docker info /, JSON.stringify({ ServerVersion: '20.10', CgroupDriver: 'cgroupfs' }))
      .answer(/^docker image inspect /, ({ args }) =>
        this.state.images.has(args.at(-1) ?? '') ? 'sha256:1' : { code: 1 },
      )
      .answer(/^docker pull /, ({ args }) => (this.state.images.add(args[1] ?? ''), {}))
      .answer(/^docker (create|rm) --(name|force) kube-el7-install-etcdctl/)
      .answer(/^docker ps --all --quiet --filter name=\^\/\?kube-el7-install-etcdctl/)
      .answer(/^sh -c docker cp .* kube-el7-install-etcdctl /, () => (this.put(ETCDCTL, 'a program'), {}))
      .answer(`chmod 0755 ${ETCDCTL}`, () => (this.put(ETCDCTL, 'a program', 0o755), {}))
      .answer(`${ETCDCTL} version`, () => (this.text(ETCDCTL) === undefined ? { code: 127 } : {}))
      .answer('systemctl daemon-reload')
      .answer('systemctl is-active --quiet kubelet.service', { code: 3 })
      .answer(/^systemctl (re)?start kubelet\.service$/, () => this.#startKubelet())
      .answer(/^kubeadm init phase certs all --config /, () => this.#certificates())
      .answer(/^kubeadm init phase kubeconfig all --config /, () => this.#kubeconfigs())
      .answer(/^kubeadm init phase (?!certs|kubeconfig all)/, ({ args }) => this.#phase(args))
      .answer(/^kubectl .* (create|replace) --filename /, ({ args }) =>
        this.#give(args.at(-3) === 'create', args.at(-1) ?? ''),
      )
      .answer(/^kubeadm init --config=/, command => this.#init(command))
      .answer('sync')
      .answer(/^kubectl .* apply (--server-side .*)?--filename /, ({ args }) =>
        this.#apply(args.at(-1) ?? ''),
      )
      .answer(/^kubectl .* patch configmap cluster-info .* --patch /, ({ args }) => {
        const { data } = JSON.parse(args.at(-1) ?? '') as { readonly data: object };
        const { data: before = {} } = this.state.objects.get(PATHS.clusterInfo) as { readonly data?: object };
        return (this.state.objects.set(PATHS.clusterInfo, { data: { ...before, ...data } }), {});
      })
      .answer(DNS_CHANGE, ({ args }) => changeDns(this.state.objects, args))
      .answer(/^openssl s_client /, ({ args }) =>
        args.includes('-cert') ? 'Verify return code: 0 (ok)' : { code: 1, stderr: 'alert bad certificate' },
      )
      .respond(/^https:\/\/10\.0\.0\.1:(2379|2380|2381)\//, request => this.#askEtcd(request))
      .respond(/^https:\/\/10\.96\.0\.1:443\/healthz/, () =>
        this.services ? this.ask('/healthz') : { error: 'connect ETIMEDOUT' },
      )
      .respond(/^https:\/\/10\.0\.0\.1:6443\//, request => this.ask(new URL(request.url).pathname))
      .respond(VIP, request =>
        this.hasVip() ? this.ask(new URL(request.url).pathname) : { error: 'connect EHOSTUNREACH' },
      );
  }

  /** A host in the same state that goes its own way from here. */
  copy(): ClusterHost {
    const copy = new ClusterHost();
    const { images, objects } = this.state;
    copy.adopt(this);
    copy.state = { ...this.state, images: new Set(images), objects: new Map(objects) };
    return copy;
  }

  /** What kubeadm's configuration says of the endpoint and of the apiserver's names. */
  #told(): { readonly endpoint?: string; readonly names: readonly string[] } {
    const [, cluster] = fromYaml(this.text('/var/lib/kube-el7-install/kubeadm-init.yaml') ?? '') ?? [];
    const { controlPlaneEndpoint, apiServer } = cluster as {
      readonly controlPlaneEndpoint?: string;
      readonly apiServer: { readonly certSANs: readonly string[] };
    };
    const names = apiServer.certSANs;
    return controlPlaneEndpoint === undefined ? { names } : { endpoint: controlPlaneEndpoint, names };
  }

  #startKubelet(): Answer {
    const alone =
      this.text('/etc/systemd/system/kubelet.service.d/20-kube-el7-install-etcd.conf') !== undefined;
    const configured = (this.text('/var/lib/kubelet/config.yaml') ?? '') !== '';
    if (!alone && !configured) return {};
    this.state.etcd = this.text('/etc/kubernetes/manifests/etcd-init.yaml') !== undefined;
    return {};
  }

  async #certificates(): Promise<Answer> {
    const ca = await this.#pair('ca');
    if ('code' in ca) return ca;
    for (const name of ['apiserver', 'apiserver-kubelet-client']) {
      const made = await this.#pair(name, ca);
      if ('code' in made) return made;
    }
    const proxyCa = await this.#pair('front-proxy-ca');
    if ('code' in proxyCa) return proxyCa;
    await this.#pair('front-proxy-client', proxyCa);
    if (this.text(`${PKI}/sa.key`) === undefined) {
      const { key } = await makeCertificate(spec('sa'));
      this.put(`${PKI}/sa.key`, key.reveal(), 0o600);
      this.put(
        `${PKI}/sa.pub`,
        createPublicKey(key.reveal()).export({ type: 'spki', format: 'pem' }).toString(),
      );
    }
    return {};
  }

  async #pair(
    name: string,
    issuer?: MadeCertificate,
  ): Promise<MadeCertificate | { code: number; stderr: string }> {
    const [cert, key] = [this.text(`${PKI}/${name}.crt`), this.text(`${PKI}/${name}.key`)];
    if (cert !== undefined && key !== undefined && cert !== '' && key !== '') {
      const { Secret } = await import('../../source/engine/secret');
      return { cert, key: new Secret(key) };
    }
    if (cert !== undefined || key !== undefined)
      return { code: 1, stderr: `failure loading ${name} certificate` };
    const made = await makeCertificate(
      spec(name, this.#told().names),
      issuer === undefined ? {} : { issuer },
    );
    this.put(`${PKI}/${name}.crt`, made.cert).put(`${PKI}/${name}.key`, made.key.reveal(), 0o600);
    return made;
  }

  #kubeconfigs(): Answer {
    const base64 = (path: string): string => Buffer.from(this.text(path) ?? '').toString('base64');
    for (const name of ['admin', 'kubelet', 'controller-manager', 'scheduler']) {
      const path = `/etc/kubernetes/${name}.conf`;
      const text = this.text(path);
      if (text === '') return { code: 1, stderr: `failed to load kubeconfig file ${path}` };
      const certificate = base64(`${PKI}/apiserver-kubelet-client.crt`);
      const key = base64(`${PKI}/apiserver-kubelet-client.key`);
      const local = `${MASTER.address}:6443`;
      const { endpoint = local } = this.#told();
      const cluster = {
        server: `https://${['admin', 'kubelet'].includes(name) ? endpoint : local}`,
        'certificate-authority-data': base64(`${PKI}/ca.crt`),
      };
      const user = { 'client-certificate-data': certificate, 'client-key-data': key };
      if (text === undefined) this.put(path, toYaml({ clusters: [{ cluster }], users: [{ user }] }), 0o600);
    }
    return {};
  }

  #init({ args }: Command): Answer {
    const passed = args.join(' ');
    for (const name of COMPONENTS) {
      const manifest = this.text(`/etc/kubernetes/manifests/${name}.yaml`);
      const check = `FileAvailable--etc-kubernetes-manifests-${name}.yaml`;
      if (manifest !== undefined && !passed.includes(check)) return { code: 1, stderr: `[ERROR ${check}]` };
    }
    if (!this.state.etcd) return { code: 1, stderr: '[ERROR ExternalEtcdVersion]: connection refused' };
    if (this.#told().endpoint !== undefined && !this.hasVip())
      return { code: 1, stderr: '[kubelet-check] timed out waiting for the condition' };
    this.put('/var/lib/kubelet/config.yaml', 'kind: KubeletConfiguration\n');
    for (const name of COMPONENTS) this.put(`/etc/kubernetes/manifests/${name}.yaml`, 'kind: Pod\n', 0o600);
    this.state.apiserver = true;
    const made = initObjects.slice(0, this.initObjects);
    for (const [path, object] of made) this.state.objects.set(path, object);
    const id = this.text('/var/lib/kube-el7-install/bootstrap-token')?.split('.')[0] ?? '';
    this.state.objects.set(`${system}/secrets/bootstrap-token-${id}`, { metadata: { name: id } });
    if (!this.state.objects.has(PATHS.clusterInfo))
      this.state.objects.set(PATHS.clusterInfo, { data: { kubeconfig: 'clusters: []' } });
    return made.length === initObjects.length ? {} : { code: 1, stderr: 'killed' };
  }

  /** A single phase: a component's manifest, the kubelet's files, or objects. */
  #phase(args: readonly string[]): Answer {
    const [, , kind = '', name = ''] = args;
    const configuration = this.text(args.at(-1) ?? '');
    if (configuration === undefined) return { code: 1, stderr: 'no configuration' };
    if (kind === 'control-plane')
      this.put(`/etc/kubernetes/manifests/kube-${name}.yaml`, 'kind: Pod\n', 0o600);
    else if (kind === 'kubelet-start')
      this.put('/var/lib/kubelet/config.yaml', 'kind: KubeletConfiguration\n');
    else {
      const words = args.slice(2, args.indexOf('--config')).join(' ');
      return runPhase(this.state.objects, words, configuration);
    }
    return {};
  }

  #give(asNew: boolean, path: string): Answer {
    for (const document of fromYaml(this.text(path) ?? '') ?? []) {
      const at = pathOf(document as KubeObject);
      if (asNew && this.state.objects.has(at)) return { code: 1, stderr: 'Error (AlreadyExists)' };
      this.state.objects.set(at, document as object);
    }
    return {};
  }

  #apply(path: string): Answer {
    for (const document of fromYaml(this.text(path) ?? '') ?? []) {
      const object = document as KubeObject;
      const server = { uid: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
      const clusterIP = object.kind === 'Service' ? { clusterIP: '10.96.0.77' } : {};
      const spec = object['spec'] as object | undefined;
      this.state.objects.set(pathOf(object), {
        ...object,
        metadata: { ...object.metadata, ...server },
        ...(spec === undefined ? {} : { spec: { ...clusterIP, ...spec } }),
      });
    }
    return {};
  }

  protected hasVip(): boolean {
    return this.text('/etc/kubernetes/manifests/keepalived.yaml') !== undefined;
  }

  #endpoints(path: string): object | undefined {
    if (path !== PATHS.endpoints || !this.#has('daemonsets/kube-flannel-ds')) return undefined;
    return this.#has('deployments/coredns') ? { subsets: [{ addresses: [{ ip: '10.244.0.2' }] }] } : {};
  }

  #has(end: string): boolean {
    return [...this.state.objects.keys()].some(path => path.endsWith(end));
  }

  #askEtcd({ url, certFile }: HttpRequest): HttpOutcome {
    const answers = this.state.etcd && certFile !== undefined && this.text(certFile) !== undefined;
    const body = ETCD[new URL(url).pathname];
    if (!answers || body === undefined) return { error: 'connect ECONNREFUSED' };
    return { status: 200, headers: {}, body, roundTripMs: 1 };
  }

  /** Pods of any namespace, and nodes, which are Ready once there is a network. */
  protected lists(path: string): readonly object[] | undefined {
    if (path === '/api/v1/nodes') return nodesOf(this.state.objects);
    const manifests = this.hasVip() ? ['keepalived'] : [];
    return path.endsWith('/pods') ? [...this.pods, ...podsOf(this.state.objects, manifests)] : undefined;
  }

  protected ask(path: string): HttpOutcome {
    const answer = { headers: {}, roundTripMs: 1 };
    if (!this.state.apiserver) return { error: 'connect ECONNREFUSED 10.0.0.1:6443' };
    if (path === '/healthz') return { ...answer, status: 200, body: 'ok' };
    const list = this.lists(path);
    if (list !== undefined) return { ...answer, status: 200, body: JSON.stringify({ items: list }) };
    const object = this.state.objects.get(path) ?? this.#endpoints(path);
    if (object !== undefined) return { ...answer, status: 200, body: JSON.stringify(object) };
    const below = [...this.state.objects]
      .filter(([one]) => one.startsWith(`${path}/`) || (path === SERVICES && one.includes('/services/')))
      .map(([, one]) => one);
    if (/s$/.test(path) && below.length > 0)
      return { ...answer, status: 200, body: JSON.stringify({ items: below }) };
    return { ...answer, status: 404, body: '' };
  }
}

function spec(name: string, names: readonly string[] = []): Parameters<typeof makeCertificate>[0] {
  const isCa = name.endsWith('ca') || name === 'sa';
  return {
    ...{ certPath: `${PKI}/${name}.crt`, keyPath: `${PKI}/${name}.key`, commonName: name, days: 3650 },
    dnsNames: name === 'apiserver' ? names.filter(one => !isAddress(one)) : [],
    addresses: name === 'apiserver' ? names.filter(isAddress) : [],
    ...(isCa
      ? { usage: 'ca' as const }
      : { usage: 'server' as const, issuer: { certPath: '', keyPath: '' } }),
  };
}

function isAddress(name: string): boolean {
  return /^[\d.]+$/.test(name);
}
