import type { HttpOutcome } from '../../source/engine/host';
import { FakeHost, type Answer } from '../support/fake-host';
import { ETCD_PODS } from './kubeadm-stand-in';

export const MASTERS = [
  { hostname: 'master1', address: '10.0.0.1' },
  { hostname: 'master2', address: '10.0.0.2' },
  { hostname: 'master3', address: '10.0.0.3' },
] as const;

/** Nothing where it was done. */
type Refusal = Exclude<Answer, string>;

interface Member {
  readonly id: string;
  readonly url: string;
  name: string;
  learner: boolean;
}

const REFUSED: HttpOutcome = { error: 'connect ECONNREFUSED' };
const answer = (body: string, status = 200): HttpOutcome => ({ status, headers: {}, body, roundTripMs: 1 });
const hex = (id: string): string => BigInt(id).toString(16);

/**
 * A stand-in for master1 of a cluster whose etcd grows: it lists members, holds turns and Jobs, and starts and ends
 * pods as the program on each master and the kubelets would, at once. What etcd refuses it refuses with etcd's words.
 */
export class EtcdHost extends FakeHost {
  members: Member[] = [
    { id: '10501334649042878790', url: 'https://10.0.0.1:2380', name: 'master1', learner: false },
  ];
  /** By hostname: the turn, and which pod runs. */
  readonly turns = new Map<string, string>();
  readonly pods = new Map<string, string>([['master1', 'etcd-init']]);
  /** Masters whose kubelet goes on listing the init pod when it has ended. */
  readonly listed = new Set<string>();
  readonly jobs = new Map<string, 'Complete' | 'Failed' | 'at work'>();
  /** How many questions for a Job that is there the API still does not answer. */
  silentJobs = 0;
  /** By hostname; a host that was replaced may have another one. */
  readonly addresses = new Map<string, string>(MASTERS.map(one => [one.hostname, one.address]));
  /** By hostname: what stands in the head of the answers to its peers. */
  readonly heads = new Map<string, Readonly<Record<string, string>>>();
  /** Hosts whose apiserver does not answer. */
  readonly silentApis = new Set<string>();
  /** Hosts on which etcd does not come up. */
  readonly broken = new Set<string>();
  leader = 'master1';
  /** Of the next promotions, how many are refused because the learner is behind. */
  behind = 0;
  /** Of the next additions, how many are refused because its members have just begun to speak to each other. */
  settling = 0;
  /** Of the next changes of members and of the lead, how many are carried out and not answered in time; with how many more that are not carried out either. */
  lost = 0;
  dropped = 0;
  #next = 7268748176576087335n;

  constructor() {
    super({ '/etc/kubernetes/manifests/etcd-init.yaml': 'kind: Pod\n' });
    this.answer(/etcdctl .* (?:member (?:add|remove|promote)|move-leader) /, ({ args }) => this.#late(args))
      .answer(/etcdctl .* snapshot save /, ({ args }) => (this.put(args.at(-1) ?? '', 'etcd', 0o600), {}))
      .answer(
        /etcdctl .* snapshot status /,
        '{"hash":566411975,"revision":42,"totalKey":4,"totalSize":20480}\n',
      )
      .answer(/^kubectl .* patch secret /, ({ args }) => this.patch(args))
      .answer(/^kubectl .* apply --filename /, ({ args }) => this.#swap(args.at(-1) ?? ''))
      .answer(/^kubectl .* delete job\/kube-el7-install-etcd-swap-/, ({ args }) => {
        const named = (kind: RegExp): string =>
          args.find(arg => kind.test(arg))?.replace(/^.*-(swap|init)-/, '') ?? '';
        this.jobs.delete(named(/^job\//));
        this.listed.delete(named(/^pod\/etcd-init-/));
        return {};
      })
      .answer(
        /^kubectl .* logs /,
        ({ args }) => `{"msg":"the last words of ${args.join(' ').replace(/^.*logs (\S+) .*$/, '$1')}"}\n`,
      )
      .answer(/^kubectl .* get pod etcd-init-/, ({ args }) => {
        const name = args.find(arg => arg.startsWith('etcd-init-'))?.slice('etcd-init-'.length) ?? '';
        return this.pods.get(name) === 'etcd-init' ? 'running' : { code: 1, stderr: 'not found' };
      })
      .answer(/^kubectl .* get node /, ({ args }) => this.#annotation(args[args.indexOf('node') + 1] ?? ''))
      .respond(/^https:\/\/10\.0\.0\.\d+:(2379|238[01])\//, ({ url, certFile }) =>
        certFile === undefined ? REFUSED : this.#etcd(new URL(url)),
      )
      .respond(/^https:\/\/10\.0\.0\.\d+:6443\//, ({ url }) =>
        this.silentApis.has(this.#hostAt(new URL(url).hostname)) ? REFUSED : this.#api(new URL(url)),
      );
  }

  /** A host in the same state that goes its own way from here. */
  copy(): EtcdHost {
    return new EtcdHost().take(this);
  }

  /** Takes over the state of another one. */
  take(other: EtcdHost): this {
    for (const [path] of this.modes()) this.drop(path);
    this.adopt(other);
    this.members = other.members.map(member => ({ ...member }));
    for (const [from, to] of [
      [other.turns, this.turns],
      [other.pods, this.pods],
      [other.addresses, this.addresses],
    ] as const) {
      to.clear();
      for (const [name, value] of from) to.set(name, value);
    }
    for (const [name, head] of other.heads) this.heads.set(name, head);
    for (const [name, state] of other.jobs) this.jobs.set(name, state);
    for (const name of other.broken) this.broken.add(name);
    this.leader = other.leader;
    this.#next = other.#next;
    return this;
  }

  /** Who is a member, in words. */
  get who(): readonly string[] {
    return this.members.map(({ name, learner }) => `${name || 'unstarted'}${learner ? ' (learner)' : ''}`);
  }

  runs(hostname: string): boolean {
    const member = this.#member(hostname);
    return member !== undefined && this.pods.has(hostname) && !this.broken.has(hostname);
  }

  #member(hostname: string): Member | undefined {
    return this.members.find(({ url }) => url === `https://${this.addresses.get(hostname) ?? ''}:2380`);
  }

  #hostAt(address: string): string {
    return [...this.addresses].find(([, one]) => one === address)?.[0] ?? '';
  }

  get #quorate(): boolean {
    const voters = this.members.filter(({ learner }) => !learner);
    const alive = voters.filter(({ url }) => this.runs(this.#hostAt(new URL(url).hostname)));
    return alive.length > voters.length / 2;
  }

  #settle(): void {
    for (const { hostname } of MASTERS) {
      const member = this.#member(hostname);
      if (member !== undefined && this.runs(hostname)) member.name = hostname;
    }
  }

  #late(args: readonly string[]): Answer {
    if (this.dropped > 0) {
      this.dropped -= 1;
      return refused('request timed out');
    }
    const done = this.#change(args, args.at(-1) ?? '');
    if (this.lost === 0 || (done.code ?? 0) !== 0) return done;
    this.lost -= 1;
    return { code: 1, stderr: 'Error: context deadline exceeded\n' };
  }

  #change(args: readonly string[], id: string): Refusal {
    if (args.includes('add')) return this.#add(args);
    if (args.includes('remove')) return this.#remove(id);
    return args.includes('promote') ? this.#promote(id) : this.#moveLeader(id);
  }

  #add(args: readonly string[]): Refusal {
    const url = args.find(arg => arg.startsWith('--peer-urls='))?.slice('--peer-urls='.length) ?? '';
    if (this.members.some(member => member.url === url)) return refused('Peer URLs already exists');
    if (args.includes('--learner') && this.members.some(({ learner }) => learner))
      return refused('too many learner members in cluster');
    if (this.settling > 0) {
      this.settling -= 1;
      return refused('unhealthy cluster');
    }
    this.#next += 1n;
    this.members.push({ id: String(this.#next), url, name: '', learner: args.includes('--learner') });
    this.#settle();
    return {};
  }

  #remove(id: string): Refusal {
    if (!this.#quorate) return refused('request timed out');
    this.members = this.members.filter(member => hex(member.id) !== id);
    return {};
  }

  #promote(id: string): Refusal {
    const member = this.members.find(one => hex(one.id) === id);
    if (member === undefined) return refused('member not found');
    if (!member.learner) return refused('can only promote a learner member');
    if (member.name === '' || this.behind > 0) {
      this.behind -= 1;
      return refused('can only promote a learner member which is in sync with leader');
    }
    member.learner = false;
    return {};
  }

  #moveLeader(id: string): Refusal {
    const member = this.members.find(one => hex(one.id) === id);
    if (member === undefined || this.leader !== 'master1')
      return { code: 1, stderr: 'Error: no leader endpoint given at 10.0.0.1\n' };
    this.leader = member.name;
    return {};
  }

  /** As the program on that master does it. */
  protected patch(args: readonly string[]): Answer {
    const hostname =
      args
        .find(arg => arg.startsWith('kube-el7-install-master-'))
        ?.slice('kube-el7-install-master-'.length) ?? '';
    const turn = /"etcd-turn":"([^"]*)"/.exec(args.at(-1) ?? '')?.[1] ?? '';
    this.turns.set(hostname, turn);
    if (turn === 'wait' || turn === 'out') this.pods.delete(hostname);
    if (/^(start|vote) /.test(turn)) this.pods.set(hostname, 'etcd-init');
    this.#settle();
    return {};
  }

  /** As the Job does it, where its member may be ended. */
  #swap(path: string): Answer {
    const hostname = path.replace(/^.*etcd-swap-(.*)\.yaml$/, '$1');
    if (this.turns.get(hostname) !== 'cluster') return { code: 1, stderr: 'the init pod would be put back' };
    if (this.leader === hostname)
      this.leader = MASTERS.find(one => one.hostname !== hostname)?.hostname ?? '';
    this.pods.set(hostname, 'etcd-cluster');
    this.jobs.set(hostname, 'Complete');
    if (hostname === 'master1') {
      this.drop('/etc/kubernetes/manifests/etcd-init.yaml');
      this.put('/etc/kubernetes/manifests/etcd-cluster.yaml', 'kind: Pod\n');
    }
    return {};
  }

  #listPods(node: string): HttpOutcome {
    const pod = this.pods.get(node);
    const still = pod === 'etcd-cluster' && this.listed.has(node) ? ['etcd-init'] : [];
    const names = pod === undefined ? [] : [pod, ...still];
    const status = { phase: 'Running' };
    return answer(
      JSON.stringify({ items: names.map(name => ({ metadata: { name: `${name}-${node}` }, status })) }),
    );
  }

  #annotation(hostname: string): Answer {
    return JSON.stringify({ etcd: this.turns.get(hostname) ?? 'wait' });
  }

  #etcd({ hostname: address, port, pathname }: URL): HttpOutcome {
    const host = this.#hostAt(address);
    if (!this.runs(host)) return REFUSED;
    if (port === '2380') {
      const headers = this.heads.get(host) ?? {};
      const list = answer(
        `[${this.members
          .map(
            ({ id, url, name, learner }) =>
              `{"id":${id},"peerURLs":["${url}"]${learner ? ',"isLearner":true' : ''}${name === '' ? '' : `,"name":"${name}"`}}`,
          )
          .join(',')}]\n`,
      );
      return { ...list, headers };
    }
    if (port === '2379' && host !== 'master1' && this.pods.get(host) !== 'etcd-cluster') return REFUSED;
    if (pathname === '/health') {
      return this.#quorate ? answer('{"health":"true"}') : answer('{"health":"false"}', 503);
    }
    const learner = this.#member(host)?.learner === true;
    return answer(
      `etcd_server_has_leader ${this.#quorate ? 1 : 0}\netcd_server_is_leader ${this.leader === host ? 1 : 0}\netcd_server_is_learner ${learner ? 1 : 0}\n`,
    );
  }

  #api({ pathname: path, href }: URL): HttpOutcome {
    const node = ETCD_PODS.exec(href)?.[1];
    if (node !== undefined) return this.#listPods(node);
    if (path === '/healthz') return answer('ok');
    const secret = /\/secrets\/kube-el7-install-master-(.*)$/.exec(path)?.[1];
    if (secret !== undefined) {
      const turn = this.turns.get(secret);
      const data = turn === undefined ? {} : { 'etcd-turn': Buffer.from(turn).toString('base64') };
      return answer(JSON.stringify({ data }));
    }
    const state = this.jobs.get(/-etcd-swap-(.*)$/.exec(path)?.[1] ?? '');
    if (state === undefined) return answer('', 404);
    if (this.silentJobs > 0) {
      this.silentJobs -= 1;
      return answer('', 500);
    }
    const conditions = state === 'at work' ? [] : [{ type: state, status: 'True' }];
    const succeeded = state === 'Complete' ? { succeeded: 1 } : {};
    return answer(JSON.stringify({ status: { conditions, ...succeeded } }));
  }
}

function refused(why: string): Refusal {
  return { code: 1, stderr: `Error: etcdserver: ${why}\n` };
}
