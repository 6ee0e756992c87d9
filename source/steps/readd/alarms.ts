import type { Change } from '../../engine/change';
import { Failure, type FailureReport } from '../../engine/failure';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { fullnessText, kindsOf, type EtcdAlarm } from '../../kubernetes/etcd-alarms';
import { etcdFacts } from '../../kubernetes/etcd-version';
import { compareHashes, type Comparison } from '../../recovery/hashes';
import { memberStatus } from '../../recovery/restore/member';
import type { Master } from '../../variables/master';
import { ETCDCTL_LONG, etcdctlCommand, etcdRequest, etcdVotes } from '../access';
import { withQuorum } from '../etcd-health';
import { etcdView, type EtcdView } from '../etcd-view';
import type { Readd } from './context';

/** A large database over a slow disk; etcdctl's own patience is shorter than the step's. */
const LED_TIMEOUT_MS = 5 * 60_000;
const COMPACTED = 'required revision has been compacted';

interface ObservedCorrupt {
  readonly view: EtcdView;
  readonly compared: Comparison | undefined;
}

/** Clears CORRUPT once all members that are left have the same data: from then on etcd takes writes again. */
export function clearCorrupt(readd: Readd, after: readonly string[]): Step {
  const { steady, settings } = readd;
  return step<ObservedCorrupt>({
    id: 'etcd-clear-corrupt',
    title: 'Clear the alarm CORRUPT',
    after,
    probe: async host => {
      const view = await etcdView(host, steady);
      const compared =
        raised(view, 'CORRUPT').length === 0 ? undefined : await compareHashes(host, settings, steady);
      return { view, compared };
    },
    plan: ({ view, compared }) => {
      const alarms = raised(view, 'CORRUPT');
      if (alarms.length === 0 || compared === undefined) return [];
      if (compared.groups.length !== 1 || compared.silent.length > 0)
        throw new Failure(stillDiffer(compared));
      return alarms.map(alarm => clear(readd, alarm));
    },
    diagnose: (host, failure) => withQuorum(host, failure, steady),
  });
}

function stillDiffer({ groups, silent }: Comparison): ConstructorParameters<typeof Failure>[0] {
  const sides = groups.map(names => names.join(', ')).join(' differ from ');
  const unknown = silent.map(({ name, reason }) => `${name} could not be compared: ${reason}`).join('; ');
  return {
    code: 'etcd-differs',
    message: `The alarm CORRUPT stays, for it is not certain that etcd's members have the same data: ${[groups.length > 1 ? sides : '', unknown].filter(text => text !== '').join('; ')}.`,
    hint: 'See `kube-el7-install readd-member --plan`, and run it again.',
  };
}

interface ObservedRoom {
  readonly view: EtcdView;
  /** etcd's newest revision; undefined where it is not told. */
  readonly revision: number | undefined;
}

/** Makes room in a full etcd as its maintenance guide has it, sees that there is room, and lets it take writes again. */
export function makeRoom(readd: Readd, after: readonly string[]): Step {
  const { steady, settings, here } = readd;
  return step<ObservedRoom>({
    id: 'etcd-make-room',
    title: 'Make room in etcd, and clear the alarm NOSPACE',
    after,
    probe: async host => {
      const [view, status] = await Promise.all([
        etcdView(host, steady),
        memberStatus(host, { settings }, here),
      ]);
      return { view, revision: status?.revision };
    },
    plan: ({ view, revision }) => {
      const alarms = raised(view, 'NOSPACE');
      if (alarms.length === 0) return [];
      return [
        compact(here, revision),
        ...leaderLast(steady, view).flatMap(defragment),
        ...steady.map(hasRoom),
        ...alarms.map(alarm => clear(readd, alarm)),
      ];
    },
    diagnose: (host, failure) => withFullness(host, failure, steady),
  });
}

function raised({ alarms }: EtcdView, kind: string): readonly EtcdAlarm[] {
  return alarms.filter(alarm => alarm.kind === kind);
}

function compact(here: Master, revision: number | undefined): Change {
  return {
    kind: 'run',
    title: `Compact etcd to its newest revision${revision === undefined ? '' : `, ${revision}`}`,
    command: etcdctlCommand(here, 'compact', '--physical', ETCDCTL_LONG.flag, String(revision ?? 'REVISION')),
    timeoutMs: ETCDCTL_LONG.timeoutMs,
    already: COMPACTED,
    undo: [{ kind: 'stays', what: "etcd's history is compacted" }],
  };
}

/** A member answers nothing while it is defragmented: a leader that falls silent is replaced, so it is the last one. */
function leaderLast(masters: readonly Master[], { answers }: EtcdView): readonly Master[] {
  const leads = ({ hostname }: Master): boolean => answers.get(hostname)?.leader === true;
  return [...masters.filter(one => !leads(one)), ...masters.filter(leads)];
}

function defragment(master: Master): readonly Change[] {
  return [
    {
      kind: 'run',
      title: `Defragment etcd on ${master.hostname}`,
      command: etcdctlCommand(master, 'defrag', ETCDCTL_LONG.flag),
      timeoutMs: ETCDCTL_LONG.timeoutMs,
      undo: [{ kind: 'stays', what: "etcd's database is defragmented" }],
    },
    { kind: 'await', condition: etcdVotes(master), timeoutMs: LED_TIMEOUT_MS },
  ];
}

/** The share of the quota that a database may have after that: the alarm comes with the first write that does not fit, before the quota is reached (etcdserver/quota.go, Available). */
const ROOM_AT = 0.95;

/** What was reached, by the member's own figures; 3.3 has the database's size under another name too (mvcc/metrics.go). */
const ROOM = [
  'curl --silent --show-error --fail --max-time 60 --noproxy "*" --cacert "$2" --cert "$3" --key "$4" "$1" | awk \'',
  '/^etcd_mvcc_db_total_size_in_bytes / { size = $2 }',
  '/^etcd_server_quota_backend_bytes / { quota = $2 }',
  `END { printf "%.0f bytes of a quota of %.0f\\n", size, quota; exit !(size > 0 && size < ${String(ROOM_AT)} * quota) }'`,
].join('\n');

function hasRoom({ hostname, address }: Master): Change {
  const { url, caFile = '', certFile = '', keyFile = '' } = etcdRequest(address, '/metrics');
  return {
    kind: 'run',
    title: `See that etcd's database on ${hostname} has room below its quota`,
    command: { file: 'sh', args: ['-c', ROOM, 'sh', url, caFile, certFile, keyFile] },
    timeoutMs: 2 * 60_000,
    undo: [],
  };
}

/** One alarm of one member: `etcdctl alarm disarm` would clear all of them, one that was raised a moment ago too. */
function clear({ here, settings }: Readd, { member, kind }: EtcdAlarm): Change {
  const request = etcdRequest(here.address, `/${etcdFacts(settings).gateway}/maintenance/alarm`, {
    port: 'clients',
  });
  const { url, caFile = '', certFile = '', keyFile = '' } = request;
  const body = { action: 'DEACTIVATE', memberID: BigInt(`0x${member}`).toString(), alarm: kind };
  return {
    kind: 'run',
    title: `Clear the alarm ${kind} of member ${member}`,
    command: {
      file: 'curl',
      args: [
        ...['--silent', '--show-error', '--fail', '--max-time', '30', '--noproxy', '*'],
        ...['--cacert', caFile, '--cert', certFile, '--key', keyFile],
        ...['--data', JSON.stringify(body), url],
      ],
    },
    timeoutMs: 60_000,
    undo: [{ kind: 'stays', what: `etcd's alarm ${kind} is cleared` }],
  };
}

/** Where nothing more can be freed: how full it is, and what helps. */
async function withFullness(
  host: HostReader,
  failure: FailureReport,
  steady: readonly Master[],
): Promise<FailureReport> {
  const { answers, alarms } = await etcdView(host, steady);
  const full = steady.flatMap(({ hostname }) => {
    const { databaseBytes = 0, quotaBytes = 0, ...rest } = answers.get(hostname) ?? {};
    return quotaBytes > 0 && databaseBytes >= ROOM_AT * quotaBytes
      ? [`${hostname}: ${fullnessText({ ...rest, databaseBytes, quotaBytes })}`]
      : [];
  });
  if (full.length === 0 || !kindsOf(alarms).includes('NOSPACE')) return withQuorum(host, failure, steady);
  return {
    ...failure,
    code: 'etcd-full',
    message: `etcd was compacted and defragmented, and is still full: ${full.join('; ')}. The alarm NOSPACE stays, so nothing can be written.`,
    hint: `Delete what is not needed, which etcd still lets through (\`kubectl delete events --all-namespaces --all\`), or give etcd a larger quota on each of ${steady.map(({ hostname }) => hostname).join(', ')}, one after the other: --quota-backend-bytes=8589934592 (8 GiB, the most that etcd recommends) in its manifest in /etc/kubernetes/manifests. Then run again. A snapshot was saved first.`,
  };
}
