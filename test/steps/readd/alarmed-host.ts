import type { Command, HttpOutcome, HttpRequest } from '../../../source/engine/host';
import type { Master } from '../../../source/variables/master';
import type { Answer } from '../../support/fake-host';
import { MASTERS } from '../etcd-host';
import type { Installed } from './installed';
import { ReaddHost } from './readd-host';

/** A member's database: what the file has, what of it is in use, and what would be left of that after a compaction. */
export interface Database {
  size: number;
  used: number;
  live: number;
}

export const QUOTA = 2_147_483_648;

const OK = { status: 200, headers: {}, roundTripMs: 1 };
const hex = (id: string): string => BigInt(id).toString(16);

/** As etcd 3.3, 3.4.13, 3.4.23 and 3.5.6 answer at /health: 3.4.16 and later can leave alarms out, 3.5 says why. */
export type Release = '3.3.15' | '3.4.13' | '3.4.23' | '3.5.6';

/** Three masters whose etcd has raised an alarm: it refuses writes in its own words, and all members deny their health. */
export class AlarmedHost extends ReaddHost {
  readonly alarms: { readonly memberID: string; readonly alarm: string }[] = [];
  readonly databases = new Map<string, Database>();
  /** By hostname: the hash of a member's data. */
  readonly hashes = new Map<string, number>();
  /** What was written, refused, or done to etcd, in order. */
  readonly deeds: string[] = [];

  constructor(
    installed: Installed,
    here: Master = MASTERS[0],
    readonly release: Release = '3.4.23',
  ) {
    super(installed, here);
    for (const { hostname } of MASTERS) {
      this.databases.set(hostname, { size: 20_480, used: 20_480, live: 20_480 });
      this.hashes.set(hostname, 77);
    }
    this.respond(/:(2379|2381)\//, request => this.#asked(request))
      .answer(/etcdctl .* endpoint hashkv/, command => this.#hash(command))
      .answer(/etcdctl .* compact /, () => this.#compact())
      .answer(/etcdctl .* defrag/, command => this.#defragment(command))
      .answer(/^sh -c curl .*awk/s, ({ args }) => this.#room(args))
      .answer(/^curl .*DEACTIVATE/, ({ args }) => this.#clear(args))
      .answer(/etcdctl .* member remove /, ({ args }) => this.#removed(args.at(-1) ?? ''))
      .answer(
        ({ file, args }) =>
          this.alarms.length > 0 && file === 'kubectl' && /patch|apply|delete/.test(args.join(' ')),
        () => ({ code: 1, stderr: `Error from server: etcdserver: ${this.#refusal}` }),
      );
  }

  override copy(): AlarmedHost {
    const copy = new AlarmedHost(this.installed, this.here, this.release).take(this);
    copy.secrets.clear();
    for (const [name, data] of this.secrets) copy.secrets.set(name, new Map(data));
    for (const name of this.copies) copy.copies.add(name);
    copy.alarms.push(...this.alarms);
    for (const [name, one] of this.databases) copy.databases.set(name, { ...one });
    for (const [name, hash] of this.hashes) copy.hashes.set(name, hash);
    return copy;
  }

  raise(alarm: string, hostname: string | undefined): this {
    const memberID = hostname === undefined ? '0' : this.#idOf(hostname);
    this.alarms.push({ memberID, alarm });
    return this;
  }

  /** The master's database is full of history. */
  fill(hostname: string, { live = 20_480 } = {}): this {
    this.databases.set(hostname, { size: QUOTA + 4096, used: QUOTA, live });
    return this;
  }

  #idOf(hostname: string): string {
    return this.members.find(({ name }) => name === hostname)?.id ?? '0';
  }

  #nameAt(url: string): string {
    const address = /\/\/([\d.]+):/.exec(url)?.[1] ?? '';
    return [...this.addresses].find(([, one]) => one === address)?.[0] ?? '';
  }

  get #refusal(): string {
    return this.alarms.some(({ alarm }) => alarm === 'CORRUPT')
      ? 'corrupt cluster'
      : 'mvcc: database space exceeded';
  }

  #asked({ url, method, certFile, body = '' }: HttpRequest): HttpOutcome {
    const { pathname, searchParams, port } = new URL(url);
    const name = this.#nameAt(url);
    if (certFile === undefined || !this.runs(name)) return { error: 'connect ECONNREFUSED' };
    if (port === '2379' && name !== 'master1' && this.pods.get(name) !== 'etcd-cluster')
      return { error: 'connect ECONNREFUSED' };
    if (method === 'POST') return this.#gateway(pathname, body);
    if (pathname === '/health') return this.#health(searchParams.getAll('exclude'));
    const { size = 0, used = 0 } = this.databases.get(name) ?? {};
    const lines = {
      etcd_mvcc_db_total_size_in_bytes: size,
      etcd_mvcc_db_total_size_in_use_in_bytes: used,
      etcd_server_has_leader: this.#quorate ? 1 : 0,
      etcd_server_is_leader: this.leader === name ? 1 : 0,
      etcd_server_is_learner: this.members.find(one => one.name === name)?.learner === true ? 1 : 0,
      etcd_server_quota_backend_bytes: QUOTA,
    };
    return {
      ...OK,
      body: Object.entries(lines)
        .map(([key, value]) => `${key} ${value}\n`)
        .join(''),
    };
  }

  get #quorate(): boolean {
    const voters = this.members.filter(({ learner }) => !learner);
    return voters.filter(({ name }) => this.runs(name)).length > voters.length / 2;
  }

  #health(excluded: readonly string[]): HttpOutcome {
    const ignored = ['3.3.15', '3.4.13'].includes(this.release) ? [] : excluded;
    const alarm = this.alarms.find(one => !ignored.includes(one.alarm));
    const why = alarm !== undefined ? `ALARM ${alarm.alarm}` : this.#quorate ? '' : 'RAFT NO LEADER';
    const reason = this.release === '3.5.6' ? `,"reason":"${why}"` : '';
    const healthy = why === '';
    return { ...OK, status: healthy ? 200 : 503, body: `{"health":"${String(healthy)}"${reason}}` };
  }

  #gateway(path: string, body: string): HttpOutcome {
    const old = this.release === '3.3.15';
    if (!path.startsWith(old ? '/v3beta/' : '/v3/')) return { ...OK, status: 404, body: 'Not Found\n' };
    if (path.endsWith('/status')) return { ...OK, body: '{"header":{"revision":"4711"}}' };
    if (!path.endsWith('/alarm') || !this.#quorate) return { error: 'no answer within 5 s' };
    if (!body.includes('"GET"')) throw new Error('only a probe asks so');
    return {
      ...OK,
      body: JSON.stringify({ header: {}, ...(this.alarms.length > 0 && { alarms: this.alarms }) }),
    };
  }

  #hash({ args }: Command): Answer {
    const name = this.#nameAt(args.join(' '));
    if (!this.runs(name))
      return { code: 1, stderr: 'Failed to get the hash of endpoint: context deadline exceeded\n' };
    const [memberId, hash] = [this.#idOf(name), this.hashes.get(name) ?? 0];
    return `[{"Endpoint":"x","HashKV":{"header":{"member_id":${memberId},"revision":4711},"hash":${hash},"compact_revision":4000}}]\n`;
  }

  #compact(): Answer {
    this.deeds.push('compact');
    if (this.alarms.some(({ alarm }) => alarm === 'CORRUPT'))
      return { code: 1, stderr: 'Error: etcdserver: corrupt cluster' };
    for (const one of this.databases.values()) one.used = one.live;
    return {};
  }

  #defragment({ args }: Command): Answer {
    const name = this.#nameAt(args.join(' '));
    this.deeds.push(`defrag ${name}`);
    const one = this.databases.get(name);
    if (one !== undefined) one.size = one.used;
    return {};
  }

  #room(args: readonly string[]): Answer {
    const { size = 0 } = this.databases.get(this.#nameAt(args.join(' '))) ?? {};
    return size < 0.95 * QUOTA
      ? `${size} bytes of a quota of ${QUOTA}\n`
      : { code: 1, stdout: `${size} bytes of a quota of ${QUOTA}\n` };
  }

  #clear(args: readonly string[]): Answer {
    const body = JSON.parse(args[args.indexOf('--data') + 1] ?? '') as Record<'memberID' | 'alarm', string>;
    const at = this.alarms.findIndex(one => one.memberID === body.memberID && one.alarm === body.alarm);
    if (at >= 0) this.alarms.splice(at, 1);
    this.deeds.push(`clear ${body.alarm}`);
    return {};
  }

  #removed(id: string): Answer {
    const name = this.members.find(one => hex(one.id) === id)?.name ?? '';
    this.deeds.push(`remove ${name}`);
    this.members = this.members.filter(one => hex(one.id) !== id);
    return {};
  }
}
