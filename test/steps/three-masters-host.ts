import { createHash } from 'node:crypto';
import type { Command, HttpOutcome, HttpRequest } from '../../source/engine/host';
import { pathOf, type KubeObject } from '../../source/kubernetes/objects';
import { fromYaml } from '../../source/kubernetes/yaml';
import type { Answer } from '../support/fake-host';
import { ClusterHost } from './cluster-host';
import { EtcdHost, MASTERS } from './etcd-host';
import { ETCD_PODS, PATHS } from './kubeadm-stand-in';
import { node } from './masters-host';

const SECRETS = '/api/v1/namespaces/kube-system/secrets/kube-el7-install-master-';
const DAEMON = '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-el7-install-masters';
const CONFIG = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config';
const MANIFESTS = '/etc/kubernetes/manifests';
const LABELS = { 'node-role.kubernetes.io/master': '', 'node-role.kubernetes.io/control-plane': '' };
const ETCD = /(etcdctl .* (member|snapshot) )|(^kubectl .* (patch secret|delete job\/|logs |get pod etcd-))/;

/** The first of three masters, with the others behind the API and an etcd that grows: what another master has made counts only once it has joined and its Secret and the program that reads it are there. */
export class ThreeMastersHost extends ClusterHost {
  readonly etcd = new EtcdHost();
  readonly #joined = new Set<string>();

  constructor() {
    super();
    for (const name of ['master2', 'master3']) this.etcd.broken.add(name);
    this.answer(ETCD, command => this.#askEtcdHost(command))
      .answer(/^kubectl .* apply /, ({ args }) => this.#applyAll(args))
      .answer(/^kubectl .* apply --filename .*etcd-swap-/, command => this.#swap(command))
      .answer(/^kubectl .* patch configmap kubeadm-config /, ({ args }) => this.#patch(args.at(-1) ?? ''))
      .answer(/^kubectl .* get node /, command => this.#askEtcdHost(command))
      .respond(/:(2379|238[01])\//, request =>
        this.state.etcd ? this.#settled().request(request) : { error: 'connect ECONNREFUSED' },
      )
      .respond(/^https:\/\/10\.0\.0\.[23]:6443\//, request => {
        const { hostname, pathname } = new URL(request.url);
        if (!this.#mayStart(`master${hostname.slice(-1)}`)) return { error: 'connect ECONNREFUSED' };
        return pathname.startsWith('/api') ? this.#askApi(request) : ok('ok');
      })
      .respond(/^https:\/\/10\.0\.0\.1:6443\/api/, request => this.#askApi(request));
  }

  /** Somebody runs the command to join there, if it has been made and nodes find the cluster by it. */
  join(name: string): void {
    const signed = JSON.stringify(
      this.state.objects.get('/api/v1/namespaces/kube-public/configmaps/cluster-info') ?? {},
    );
    const command = this.text('/var/lib/kube-el7-install/join-worker');
    if (command === undefined || !signed.includes('jws-kubeconfig')) return;
    this.#joined.add(name);
  }

  #isMade(name: string): boolean {
    const { objects } = this.state;
    return this.#joined.has(name) && objects.has(`${SECRETS}${name}`) && objects.has(DAEMON);
  }

  /** Its apiserver asks the member beside it, so it starts with that one's vote. */
  #mayStart(name: string): boolean {
    return this.#isMade(name) && /^(vote|cluster)/.test(this.etcd.turns.get(name) ?? '');
  }

  #isReady(name: string): boolean {
    const networked = [...this.state.objects.keys()].some(path =>
      path.endsWith('daemonsets/kube-flannel-ds'),
    );
    return networked && (name === 'master1' || this.#joined.has(name));
  }

  #settled(): EtcdHost {
    for (const { hostname } of MASTERS) if (this.#isMade(hostname)) this.etcd.broken.delete(hostname);
    return this.etcd;
  }

  async #askEtcdHost(command: Command): Promise<Answer> {
    const { args } = command;
    const answer = await this.#settled().query(command);
    if (args.includes('save')) this.put(args.at(-1) ?? '', 'etcd', 0o600);
    return answer;
  }

  async #swap(command: Command): Promise<Answer> {
    const answer = await this.#settled().query(command);
    for (const name of ['etcd-init', 'etcd-cluster']) {
      const text = this.etcd.text(`${MANIFESTS}/${name}.yaml`);
      if (text === undefined) this.drop(`${MANIFESTS}/${name}.yaml`);
      else if (this.text(`${MANIFESTS}/${name}.yaml`) === undefined)
        this.put(`${MANIFESTS}/${name}.yaml`, text, 0o600);
    }
    return answer;
  }

  #applyAll(args: readonly string[]): Answer {
    const texts = args.filter((_, at) => args[at - 1] === '--filename').map(path => this.text(path) ?? '');
    for (const document of texts.flatMap(text => fromYaml(text) ?? [])) {
      const { stringData, ...object } = document as KubeObject & { readonly stringData?: object };
      const path = pathOf(object);
      const before = this.state.objects.get(path) as { data?: object } | undefined;
      const encode = ([key, value]: [string, unknown]) => [
        key,
        Buffer.from(String(value)).toString('base64'),
      ];
      const own = Object.fromEntries(Object.entries(stringData ?? {}).map(encode)) as object;
      const secret =
        object.kind === 'Secret' ? { data: { ...before?.data, ...(object['data'] as object), ...own } } : {};
      this.state.objects.set(path, { ...object, ...secret });
    }
    return {};
  }

  #patch(text: string): Answer {
    const { data } = JSON.parse(text) as { readonly data: object };
    const before = this.state.objects.get(CONFIG) as { data?: object } | undefined;
    this.state.objects.set(CONFIG, { ...before, data: { ...before?.data, ...data } });
    return {};
  }

  protected override lists(path: string): readonly object[] | undefined {
    const list = super.lists(path);
    if (list === undefined || !path.endsWith('/pods')) return list;
    const others = MASTERS.slice(1).filter(({ hostname }) => this.#isMade(hostname));
    const vips = this.hasVip() ? others.map(({ hostname }) => hostname) : [];
    const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    return [...list, ...vips.map(name => ({ metadata: { name: `keepalived-${name}` }, status: ready }))];
  }

  #askApi(request: HttpRequest): HttpOutcome | Promise<HttpOutcome> {
    const path = new URL(request.url).pathname;
    if (this.state.apiserver && ETCD_PODS.test(request.url)) return this.#settled().request(request);
    if (this.state.apiserver && path.includes('/jobs/') && path !== PATHS.dnsJob)
      return this.#settled().request(request);
    for (const { hostname, address } of MASTERS) {
      if (!this.state.apiserver || !(hostname === 'master1' || this.#joined.has(hostname))) continue;
      const of = `/api/v1/nodes/${hostname}`;
      const made = hostname === 'master1' ? this.state.objects.has(DAEMON) : this.#isMade(hostname);
      const labels = made || this.state.objects.has(of) ? LABELS : {};
      if (hostname === 'master1' && !this.state.objects.has(of)) continue;
      const annotations = made ? { 'kube-el7-install/master': this.#report(hostname) } : {};
      this.state.objects.set(
        of,
        node(hostname, address, { labels, annotations, ready: this.#isReady(hostname) }),
      );
    }
    const turn = path.startsWith(SECRETS) ? this.etcd.turns.get(path.slice(SECRETS.length)) : undefined;
    const object = this.state.objects.get(path) as { data?: object } | undefined;
    if (turn === undefined || object === undefined) return this.ask(path);
    const data = { ...object.data, 'etcd-turn': Buffer.from(turn).toString('base64') };
    return this.state.apiserver ? ok(JSON.stringify({ ...object, data })) : this.ask(path);
  }

  #report(name: string): string {
    const { data } = (this.state.objects.get(`${SECRETS}${name}`) ?? {}) as { data?: { files?: string } };
    const files = Buffer.from(data?.files ?? '', 'base64');
    const digest = createHash('sha256').update(files).digest('hex');
    return `{"digest":"${digest}","complete":true,"missing":[],"changed":[],"etcd":"${this.etcd.turns.get(name) ?? 'wait'}","tainted":true}`;
  }
}

function ok(body: string): HttpOutcome {
  return { status: 200, headers: {}, body, roundTripMs: 1 };
}
