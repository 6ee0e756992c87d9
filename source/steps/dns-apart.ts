import { difference, observe, type ObservedDesired } from '../changes/desired';
import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { hasRoom, PATCH_TO_COME, readPlacement, roomComes, type Placement } from '../kubernetes/coredns';
import { DNS_JOB, DNS_JOB_PATH, dnsJobObjects, ROOM_TO_COME } from '../kubernetes/dns-job';
import { allMasters } from '../kubernetes/endpoint';
import { kubectl, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import { marked, type KubeObject } from '../kubernetes/objects';
import { toYaml } from '../kubernetes/yaml';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { apply, manifestFile } from './manifest';
import { jobState, type JobState } from './swap-job';

const ID = 'dns-apart';
const APISERVER = '/etc/kubernetes/manifests/kube-apiserver.yaml';
/** For a node that has joined: until it has its network. */
const READY_TIMEOUT_MS = 10 * 60_000;

interface Observed {
  readonly placement: Placement;
  /** Whether there may be a cluster that does not answer at the moment. */
  readonly begun: boolean;
  readonly job: {
    readonly objects: readonly KubeObject[];
    readonly file: ObservedDesired;
    readonly state: JobState;
  };
}

/**
 * Has CoreDNS run on different hosts from the moment on that several can hold it. kubeadm makes both replicas on the first master,
 * where they stay (kubernetes/kubeadm#1931). The rule is not set before: on a single node the second replica would wait for ever.
 * Where another node is not to be expected while this runs, a Job in the cluster waits for it and sets the rule.
 */
export function dnsApart(settings: Settings, master: Master, after: readonly string[]): Step {
  const access = apiAccess(master);
  const masters = allMasters(settings, master);
  return step<Observed>({
    id: ID,
    title: 'Have CoreDNS run on different hosts',
    after,
    probe: async host => {
      const [placement, manifest] = await Promise.all([readPlacement(host, access), host.stat(APISERVER)]);
      return {
        placement,
        begun: manifest !== undefined,
        job: await jobOf(host, settings, master, placement),
      };
    },
    plan: ({ placement, begun, job }) => {
      if (placement.kind === 'left' || placement.kind === 'apart') return [];
      // It was made last, with all that it needs before it, and looks for itself what is to be done.
      if (job.state === 'at work') return [];
      if (placement.kind === 'together' && hasRoom(placement.room)) return [spread(placement.patch)];
      if (placement.kind === 'unknown' && begun) return putJob(job);
      const { room, patch } =
        placement.kind === 'together' ? placement : { room: ROOM_TO_COME, patch: PATCH_TO_COME };
      // Of other masters it is known that they come: this run waits for them in any case.
      if (room.replicas + room.spare > expected(placement, masters).size) return putJob(job);
      return [
        { kind: 'await', condition: roomComes(access, room), timeoutMs: READY_TIMEOUT_MS },
        spread(patch),
      ];
    },
  });
}

/** The nodes that can hold a replica, or will soon. */
function expected(placement: Placement, masters: readonly Master[]): ReadonlySet<string> {
  const names = masters.map(({ hostname }) => hostname);
  if (placement.kind !== 'together') return new Set(names);
  const { room, refusing } = placement;
  return new Set([...room.usable, ...names.filter(name => !refusing.includes(name))]);
}

function spread(patch: string): Change {
  return {
    kind: 'run',
    title: 'Keep the replicas of CoreDNS on different hosts, which moves them one by one',
    command: kubectl(
      ...['patch', 'deployment', 'coredns', '--namespace', 'kube-system'],
      ...['--type', 'strategic', '--patch', patch],
    ),
    timeoutMs: 60_000,
    again: WHILE_UNANSWERED,
  };
}

async function jobOf(
  host: HostReader,
  settings: Settings,
  master: Master,
  placement: Placement,
): Promise<Observed['job']> {
  const { room, patch } =
    placement.kind === 'together' ? placement : { room: ROOM_TO_COME, patch: PATCH_TO_COME };
  const objects = dnsJobObjects(settings, master, room, patch).map(marked);
  const [file, state] = await Promise.all([
    observe(host, [manifestOf(objects)]),
    jobState(host, master, DNS_JOB_PATH),
  ]);
  return { objects, file, state };
}

function manifestOf(objects: readonly KubeObject[]): ReturnType<typeof manifestFile> {
  return manifestFile(ID, toYaml(...objects));
}

/** A Job that has ended does nothing any more, as where kubeadm has made the Deployment anew since: it makes room for another one. */
function putJob({ objects, file, state }: Observed['job']): readonly Change[] {
  const remove: Change = {
    kind: 'run',
    title: `Delete the Job ${DNS_JOB}, which has ended`,
    command: kubectl('delete', `job/${DNS_JOB}`, '--namespace', 'kube-system', '--ignore-not-found'),
    timeoutMs: 2 * 60_000,
    again: WHILE_UNANSWERED,
    undo: [],
  };
  return [...difference([manifestOf(objects)], file), ...(state === 'ended' ? [remove] : []), apply(ID)];
}
