import { changesOn } from '../../../source/changes';
import type { Change } from '../../../source/engine/change';
import { Failure } from '../../../source/engine/failure';
import type { Command, HttpOutcome } from '../../../source/engine/host';
import type { Stage, Step } from '../../../source/engine/step';
import type { ClusterRecord } from '../../../source/recovery/record';
import { isMet } from '../../../source/steps/manifest';
import { FakeHost, type Answer } from '../../support/fake-host';
import { LOG } from '../wal/written';

const MANIFESTS = '/etc/kubernetes/manifests';
const MEMBER = '/var/lib/etcd/member';
export const APISERVER = `${MANIFESTS}/kube-apiserver.yaml`;
export const CLUSTER = `${MANIFESTS}/etcd-cluster.yaml`;
export const INIT = `${MANIFESTS}/etcd-init.yaml`;
export const SNAPSHOT = '/var/lib/kube-el7-install/snapshots/20261125T175223Z-before-master2.db';
export const LOG_FILE = 'wal/0000000000000000-0000000000000000.wal';
export const SECRET_FILES = (sum: string): string =>
  `${sum} 600 manifests.kube-apiserver.yaml ${APISERVER}\n${'a'.repeat(64)} 600 admin.conf /etc/kubernetes/admin.conf\n`;

const answer = (body: string, status = 200): HttpOutcome => ({ status, headers: {}, body, roundTripMs: 1 });
const REFUSED: HttpOutcome = { error: 'connect ECONNREFUSED' };

/** A database as this stand-in has it: its text is the newest revision. */
const revisionOf = (text: string | undefined): number =>
  Number(/revision (\d+)/.exec(text ?? '')?.[1] ?? NaN);

/**
 * A stand-in for the master that is left: it runs etcd and the apiserver where their manifests are pods, moves and copies files,
 * and restores snapshots. Without the others its etcd has a quorum only once its data is that of a cluster of its own.
 */
export class RestoreHost extends FakeHost {
  /** Addresses of other masters at which somebody answers. */
  readonly others = new Set<string>();
  readonly secrets = new Map<string, Map<string, string>>();
  annotation = '';
  container = false;

  constructor(readonly record: ClusterRecord) {
    super({}, record.here.hostname);
    const one = record.masters.length < 2;
    const servers = record.masters.map(({ address }) => `https://${address}:2379`).join(',');
    const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n`;
    this.put(one ? INIT : CLUSTER, pod(one ? 'etcd-init' : 'etcd-cluster'), 0o600);
    this.put(APISERVER, `${pod('kube-apiserver')}    - --etcd-servers=${servers}\n    - --tls=x\n`, 0o600);
    this.put(`${MANIFESTS}/kube-controller-manager.yaml`, pod('kube-controller-manager'), 0o600);
    this.put(`${MANIFESTS}/kube-scheduler.yaml`, pod('kube-scheduler'), 0o600);
    this.put(`${MEMBER}/wal/0000000000000000-0000000000000000.wal`, LOG, 0o600);
    this.put(`${MEMBER}/snap/db`, 'of the old cluster, revision 900', 0o600);
    if (!one) {
      for (const { hostname } of record.masters) {
        const manifest = `    - --etcd-servers=${servers}\n`;
        this.secrets.set(
          hostname,
          new Map([
            ['etcd-turn', 'cluster'],
            ['files', SECRET_FILES('b'.repeat(64))],
            ['manifests.kube-apiserver.yaml', manifest],
          ]),
        );
      }
    }
    this.#script();
  }

  /** What etcd makes of a copy of a data directory. */
  opens(directory: string): Answer {
    const revision = revisionOf(this.text(`${directory}/snap/db`));
    return Number.isNaN(revision)
      ? { code: 7, stdout: 'panic: freepages: failed to get all reachable pages\n' }
      : `[{"Status":{"header":{"revision":${revision}}}}]`;
  }

  runs(path: string): boolean {
    return /^kind: Pod$/m.test(this.text(path) ?? '');
  }

  get etcd(): string | undefined {
    const runs = this.runs(CLUSTER) || this.runs(INIT);
    return runs ? this.text(`${MEMBER}/snap/db`) : undefined;
  }

  /** A host in the same state that goes its own way from here. */
  copy(): RestoreHost {
    const copy = new RestoreHost(this.record);
    for (const [path] of copy.modes()) copy.drop(path);
    copy.adopt(this);
    for (const [name, data] of this.secrets) copy.secrets.set(name, new Map(data));
    copy.annotation = this.annotation;
    copy.container = this.container;
    return copy;
  }

  get #alone(): boolean {
    return this.etcd?.startsWith('of a new cluster') === true;
  }

  get #api(): boolean {
    return this.runs(APISERVER) && this.#alone;
  }

  #script(): void {
    const { address } = this.record.here;
    this.answer(/^sh -c ! cat \/proc\/net\/tcp/, () =>
      this.etcd === undefined && !this.runs(APISERVER) ? {} : { code: 1 },
    )
      .answer(/^systemctl is-active/, {})
      .answer(/^stat --format=%Y/, '1795629577\n')
      .answer(/^stat --format=%n/, { code: 1 })
      .answer(/^mv -f -T /, ({ args }) => this.#move(args.at(-2) ?? '', args.at(-1) ?? ''))
      .answer(/^mv -T /, ({ args }) => this.#move(args.at(-2) ?? '', args.at(-1) ?? ''))
      .answer(/^rm -rf /, ({ args }) => {
        for (const path of args.slice(1)) this.#removeAll(path);
        return {};
      })
      .answer(/^sh -c set -e\nrm -rf/, ({ args }) =>
        this.#copyAll(args.at(-2) ?? '', `${args.at(-1) ?? ''}/member`),
      )
      .answer(/^sh -c set -e\nif/, async ({ args }) => {
        const [member = '', aside = '', data = ''] = args.slice(-3);
        if ((await this.stat(aside)) === undefined) await this.#move(member, aside);
        return this.#move(data, member);
      })
      .answer(/^sh -c # Has etcd open a copy/, ({ args }) => this.opens(args[3] ?? ''))
      .answer(/^sh -c truncate /, ({ args }) => this.#append(args.slice(3)))
      .answer(/^sh -c set -e\nhead /, ({ args }) => {
        const damaged = this.text(args.at(-1) ?? '')?.includes('damaged') === true;
        return `${'c'.repeat(64)}\n${(damaged ? 'd' : 'c').repeat(64)}`;
      })
      .answer(/etcdctl .*snapshot status /, ({ args }) =>
        this.#status(args.find(arg => arg.endsWith('db')) ?? ''),
      )
      .answer(/etcdctl .*snapshot save /, ({ args }) => {
        const path = args.at(-1) ?? '';
        const from = this.container
          ? [...this.modes()].map(([one]) => one).find(one => /copy\/member\/snap\/db$/.test(one))
          : `${MEMBER}/snap/db`;
        this.put(path, this.text(from ?? '') ?? '', 0o600);
        return {};
      })
      .answer(/etcdctl snapshot restore /, ({ args }) => {
        const half = args.find(arg => arg.startsWith('--data-dir='))?.slice('--data-dir='.length) ?? '';
        const revision = revisionOf(this.text(args[2] ?? ''));
        if (args[2] === undefined || Number.isNaN(revision)) return { code: 1, stderr: 'no such file' };
        const token = args.find(arg => arg.startsWith('--initial-cluster-token='))?.slice(24) ?? '';
        this.put(`${half}/member/snap/db`, `of a new cluster ${token}, revision ${revision}`, 0o600);
        return {};
      })
      .answer(/^docker ps /, () => (this.container ? 'abc\n' : ''))
      .answer(/^docker rm /, () => ((this.container = false), {}))
      .answer(/^docker run --detach/, () => {
        if (this.container) return { code: 125, stderr: 'the name is in use' };
        this.container = true;
        return {};
      })
      .answer(/^docker exec .* endpoint health$/, () => (this.container ? {} : { code: 1 }))
      .answer(/^docker image inspect/, 'sha256:1\n')
      .answer(/etcdctl version$/, 'etcdctl version: 3.4.13\n')
      .answer(/^sh -c all=/, ({ args }) => {
        const count = Number(/\[1-(\d+)\]/.exec(args.join(' '))?.[1]) * 16;
        const path = `${MEMBER}/snap/db`;
        const text = this.text(path) ?? '';
        this.put(path, text.replace(/revision \d+/, `revision ${revisionOf(text) + count}`));
        return {};
      })
      .answer(/^kubectl .* get --raw \/healthz$/, () => (this.#api ? 'ok' : { code: 1 }))
      .answer(/^kubectl .* annotate namespace/, ({ args }) => {
        this.annotation = args.at(-1)?.replace(/^[^=]*=/, '') ?? '';
        return {};
      })
      .answer(/^kubectl .* patch secret/, command => this.#patch(command))
      .respond(/:238[01]\//, REFUSED)
      .respond(/:2380\/members$/, ({ url }) =>
        this.others.has(new URL(url).hostname) ? answer('[]') : { error: 'connect EHOSTUNREACH' },
      )
      .respond(`https://${address}:2380/members`, () => {
        if (this.etcd === undefined) return REFUSED;
        const members = this.#alone ? [this.record.here] : this.record.masters;
        const list = members.map((one, at) => ({
          id: at + 1,
          name: one.hostname,
          peerURLs: [`https://${one.address}:2380`],
        }));
        return answer(JSON.stringify(list));
      })
      .respond(`https://${address}:2381/health`, () =>
        this.#alone
          ? answer('{"health":"true"}')
          : this.etcd === undefined
            ? REFUSED
            : answer('{"health":"false"}', 503),
      )
      .respond(`https://${address}:2381/metrics`, () =>
        this.etcd === undefined
          ? REFUSED
          : answer(
              `etcd_debugging_mvcc_current_revision ${revisionOf(this.etcd)}\netcd_server_has_leader 1\n`,
            ),
      )
      .respond(`https://${address}:2379/v3/maintenance/status`, () =>
        this.etcd === undefined ? REFUSED : answer(`{"header":{"revision":"${revisionOf(this.etcd)}"}}`),
      )
      .respond(new RegExp(`^https://${address}:6443/`), ({ url }) => this.#object(new URL(url).pathname));
  }

  #status(path: string): Answer {
    const revision = revisionOf(this.text(path));
    return Number.isNaN(revision)
      ? { code: 1, stderr: 'no such file' }
      : JSON.stringify({ hash: 7, revision });
  }

  #object(path: string): HttpOutcome {
    if (!this.#api) return REFUSED;
    if (path === '/healthz') return answer('ok');
    if (path === '/api/v1/namespaces/kube-system')
      return answer(
        JSON.stringify({
          metadata: { name: 'kube-system', annotations: { 'kube-el7-install/restored': this.annotation } },
        }),
      );
    const data = this.secrets.get(/secrets\/kube-el7-install-master-(.*)$/.exec(path)?.[1] ?? '');
    if (data === undefined) return answer('{}', 404);
    const encoded = [...data].map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    return answer(JSON.stringify({ data: Object.fromEntries(encoded) as unknown }));
  }

  #patch({ args }: Command): Answer {
    const name =
      args
        .find(arg => arg.startsWith('kube-el7-install-master-'))
        ?.slice('kube-el7-install-master-'.length) ?? '';
    const { stringData } = JSON.parse(args.at(-1) ?? '') as {
      readonly stringData: Readonly<Record<string, string>>;
    };
    for (const [key, value] of Object.entries(stringData)) this.secrets.get(name)?.set(key, value);
    return {};
  }

  #removeAll(path: string): void {
    for (const [one] of this.modes()) if (one === path || one.startsWith(`${path}/`)) this.drop(one);
  }

  async #copyAll(from: string, to: string): Promise<Answer> {
    for (const [path, mode] of this.modes()) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      const bytes = await this.read(path);
      if (bytes !== undefined) this.put(`${to}${path.slice(from.length)}`, bytes, mode);
    }
    return {};
  }

  async #move(from: string, to: string): Promise<Answer> {
    if ((await this.stat(from)) === undefined) return { code: 1, stderr: `mv: cannot stat '${from}'` };
    if ((await this.list(to)) !== undefined)
      return { code: 1, stderr: `mv: cannot move to '${to}': Directory not empty` };
    await this.#copyAll(from, to);
    this.#removeAll(from);
    return {};
  }

  async #append([path = '', end = '', octal = '']: readonly string[]): Promise<Answer> {
    const bytes = [...octal.matchAll(/\\([0-7]{3})/g)].map(match => parseInt(match[1] ?? '', 8));
    const before = (await this.read(path)) ?? Buffer.alloc(0);
    this.put(path, Buffer.concat([before.subarray(0, Number(end)), Buffer.from(bytes)]), 0o600);
    return {};
  }
}

const silent = { output: () => undefined, note: () => undefined, secret: () => undefined };

/** As the engine does it, one step after the other; etcdctl is there already. `before` throws to cut the run off. */
export async function apply(
  stages: readonly Stage[],
  host: RestoreHost,
  before: (change: Change, step: Step) => void = () => undefined,
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const step of stages.flatMap(stage => stage.steps).filter(({ id }) => id !== 'etcdctl')) {
    const changes = step.plan(await step.probe(host));
    if (changes.length > 0) changed.push(step.id);
    for (const change of changes) {
      before(change, step);
      if (change.kind !== 'await') await changesOn(host).perform(change, silent);
      else if (!(await isMet(host, change.condition)))
        throw new Failure({ code: 'timed-out', message: change.condition.title });
    }
    const left = step.plan(await step.probe(host));
    if (left.length > 0) throw new Error(`${step.id} is not verified: ${JSON.stringify(left)}`);
  }
  return changed;
}

export function withSnapshot(host: RestoreHost, text = 'revision 500'): RestoreHost {
  return host.put(SNAPSHOT, text).put(SNAPSHOT.replace('.db', '.json'), '{"hash":7,"revision":500}');
}
