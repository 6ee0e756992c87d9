import type { Change, Condition, Question } from '../engine/change';
import { Failure } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { allMasters } from '../kubernetes/endpoint';
import type { Settings } from '../variables/settings';
import { ETCD_HEALTHY, ETCD_PORTS, etcdRequest } from './access';
import { clusterIdOf } from './etcd-data';
import { areVoters, refuseStrangers, withAlarm } from './etcd-health';
import { etcdView, isAgreed, type EtcdView } from './etcd-view';
import { isMet } from './manifest';
import { ETCD_CLUSTER_ID } from './paths';
import { readText } from './prepare/ask';
import { namesOf } from '../variables/master';
import type { Master } from '../variables/master';

interface Observed {
  readonly view: EtcdView;
  /** By master: whether clients with a certificate are served. */
  readonly served: readonly boolean[];
  /** Where a client that showed no certificate was answered: "10.0.0.1:2379". */
  readonly open: readonly string[];
  /** etcd's number of this cluster where it is not written down here yet. */
  readonly unrecorded: string | undefined;
}

/** All masters are etcd's voters, healthy, and answer at their addresses to who shows a certificate, and to nobody else. */
export function verifyEtcd(
  settings: Settings,
  master: Master,
  after: readonly string[],
  leaving: readonly string[] = [],
): Step {
  const all = allMasters(settings, master);
  const conditions = all.map(one => clientsServed(one));
  return step<Observed>({
    id: 'verify-etcd',
    title: 'Verify etcd',
    after,
    probe: async host => {
      const [view, served, open, unrecorded] = await Promise.all([
        etcdView(host, all),
        Promise.all(conditions.map(condition => isMet(host, condition))),
        Promise.all(all.map(one => openPorts(host, one))),
        unrecordedId(host, master),
      ]);
      return { view, served, open: open.flat(), unrecorded };
    },
    plan: ({ view, served, open, unrecorded }): readonly Change[] => {
      if (open.length > 0) throw new Failure(answersAnybody(open));
      refuseStrangers(view, all, leaving);
      const record: readonly Change[] =
        unrecorded === undefined
          ? []
          : [{ kind: 'write', path: ETCD_CLUSTER_ID, content: `${unrecorded}\n`, mode: 0o600 }];
      if (isAgreed(view, all) && served.every(Boolean)) return record;
      const title = `etcd on ${namesOf(all)} is healthy, has its vote and a leader, and answers clients`;
      const condition: Condition = { kind: 'all', title, of: [...areVoters(all), ...conditions] };
      return [{ kind: 'await', condition, timeoutMs: 5 * 60_000 }, ...record];
    },
    diagnose: (host, failure) => withAlarm(host, failure, all),
  });
}

/** What is written down here once, when etcd is seen to be whole, and followed where the cluster was made anew from a snapshot. */
async function unrecordedId(host: HostReader, master: Master): Promise<string | undefined> {
  const [id, recorded] = await Promise.all([clusterIdOf(host, master), readText(host, ETCD_CLUSTER_ID)]);
  return id === undefined || recorded.trim() === id ? undefined : id;
}

function clientsServed({ hostname, address }: Master): Question {
  return {
    kind: 'request',
    title: `etcd answers clients at ${hostname}'s address, ${address}`,
    request: etcdRequest(address, '/health', { port: 'clients' }),
    status: 200,
    matches: ETCD_HEALTHY,
  };
}

async function openPorts(host: HostReader, { address }: Master): Promise<readonly string[]> {
  const ports = Object.keys(ETCD_PORTS) as (keyof typeof ETCD_PORTS)[];
  const answers = await Promise.all(
    ports.map(port => host.request(etcdRequest(address, '/health', { certificate: 'none', port }))),
  );
  return ports
    .filter((_, index) => 'status' in (answers[index] ?? {}))
    .map(port => `${address}:${ETCD_PORTS[port]}`);
}

function answersAnybody(open: readonly string[]): ConstructorParameters<typeof Failure>[0] {
  const port = /\d+$/.exec(open[0] ?? '')?.[0] ?? '';
  return {
    code: 'etcd-open',
    message: `etcd at ${open.join(', ')} answers clients without a certificate: whoever reaches it can learn about the cluster, or change all of it.`,
    hint: `Another etcd than the one of this installer listens there. See \`ss -ltnp sport = :${port}\`, stop it, and run again.`,
  };
}
