import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { parseMembers } from '../../kubernetes/etcd-cluster';
import { etcdManifests, firstEtcdManifest } from '../../kubernetes/etcd-manifests';
import { etcdHealthy, etcdRequest } from '../../steps/access';
import { withEvidence } from '../../steps/diagnosis';
import { isMet } from '../../steps/manifest';
import { ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST } from '../../steps/paths';
import type { ClusterRecord } from '../record';
import { ETCD_MANIFESTS, HIDDEN, kindOf, placeOf, runningText, textOf } from './manifests';

const HEALTHY_MS = 10 * 60_000;

interface Observed {
  readonly hidden?: string;
  readonly running: boolean;
  readonly healthy: boolean;
  /** As this host's etcd lists them. */
  readonly members?: number;
}

/** Brings etcd back with the new data, and waits until it is healthy with itself as its only member. */
export function restoreStart(record: ClusterRecord, after: readonly string[]): Step {
  const { here } = record;
  const healthy = etcdHealthy('etcd is healthy', here.address);
  return step<Observed>({
    id: 'restore-start',
    title: 'Start etcd with it',
    after,
    probe: async host => {
      const [hidden, kinds, isHealthy, members] = await Promise.all([
        textOf(host, HIDDEN),
        Promise.all(ETCD_MANIFESTS.map(async path => kindOf(await textOf(host, path)))),
        isMet(host, healthy),
        memberCount(host, record),
      ]);
      return {
        running: kinds.includes('pod'),
        healthy: isHealthy,
        ...(hidden === undefined ? {} : { hidden }),
        ...(members === undefined ? {} : { members }),
      };
    },
    plan: observed => {
      const back = manifestBack(observed, record);
      // Later it may have grown again, so the number is asked for only here.
      if (back.length === 0 && observed.healthy && observed.members !== undefined) return [];
      return [
        ...back,
        { kind: 'await', condition: healthy, timeoutMs: HEALTHY_MS },
        {
          kind: 'await',
          condition: {
            kind: 'request',
            title: `etcd has one member, ${here.hostname}`,
            request: etcdRequest(here.address, '/members', { port: 'peers' }),
            status: 200,
            matches: '^\\s*\\[\\s*\\{[^{}]*\\}\\s*\\]\\s*$',
          },
          timeoutMs: 5 * 60_000,
        },
      ];
    },
    diagnose: (host, failure) => withEvidence(host, failure, ['etcd-init', 'etcd-cluster']),
  });
}

async function memberCount(host: HostReader, { here }: ClusterRecord): Promise<number | undefined> {
  const answer = await host.request(etcdRequest(here.address, '/members', { port: 'peers' }));
  return 'status' in answer && answer.status === 200 ? parseMembers(answer.body)?.length : undefined;
}

/** Where both were lost it is made anew: with data in place its list of first members is not looked at. */
function manifestBack({ hidden, running }: Observed, record: ClusterRecord): readonly Change[] {
  if (hidden !== undefined) {
    const path = placeOf(hidden);
    return [
      {
        kind: 'run',
        title: `Give ${path} back to the kubelet`,
        command: { file: 'mv', args: ['-f', '-T', HIDDEN, path] },
        timeoutMs: 30_000,
      },
    ];
  }
  if (running) return [];
  const { settings, here, masters } = record;
  const index = masters.findIndex(({ hostname }) => hostname === here.hostname);
  return masters.length < 2
    ? [{ kind: 'write', path: ETCD_INIT_MANIFEST, content: firstEtcdManifest(settings, here), mode: 0o600 }]
    : [
        {
          kind: 'write',
          path: ETCD_CLUSTER_MANIFEST,
          content: runningText(etcdManifests(settings, masters, index).cluster),
          mode: 0o600,
        },
      ];
}
