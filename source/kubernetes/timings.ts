/** How long the programs of the control plane have patience with each other. What is not said is left to the programs, so that no file differs for it. */
export interface Timings {
  readonly etcd: EtcdTimings;
  /** How long the others wait before they lead in the place of a controller manager or scheduler that says nothing. */
  readonly leaseSeconds: number;
  /** How long kubeadm waits for a control plane that starts. From 1.19 on its pods' startup probes wait as long. */
  readonly controlPlaneSeconds: number;
}

/** The same on every member, or they would call elections against each other. */
export interface EtcdTimings {
  readonly heartbeatMs: number;
  readonly electionMs: number;
}

/** The programs' own: etcd's (embed/config.go), kube-controller-manager's and kube-scheduler's (component-base/config), kubeadm's (constants.go). */
export const OWN_TIMINGS: Timings = {
  etcd: { heartbeatMs: 100, electionMs: 1000 },
  leaseSeconds: 15,
  controlPlaneSeconds: 240,
};

const HEARTBEAT = '--heartbeat-interval';
const ELECTION = '--election-timeout';

/** etcd's flags, none where they are etcd's own. */
export function etcdTimingFlags({ heartbeatMs, electionMs }: EtcdTimings): readonly string[] {
  const own = OWN_TIMINGS.etcd;
  return heartbeatMs === own.heartbeatMs && electionMs === own.electionMs
    ? []
    : [`${HEARTBEAT}=${heartbeatMs}`, `${ELECTION}=${electionMs}`];
}

/** What a member runs with, by its manifest. */
export function etcdTimingsIn(manifest: string): EtcdTimings {
  const { heartbeatMs, electionMs } = OWN_TIMINGS.etcd;
  return {
    heartbeatMs: numberAfter(manifest, HEARTBEAT) ?? heartbeatMs,
    electionMs: numberAfter(manifest, ELECTION) ?? electionMs,
  };
}

/** A manifest with other times in it; its other lines stay as they are. */
export function withEtcdTimings(manifest: string, timings: EtcdTimings): string {
  const flags = etcdTimingFlags(timings);
  return manifest
    .split('\n')
    .filter(line => numberAfter(line, HEARTBEAT) === undefined && numberAfter(line, ELECTION) === undefined)
    .flatMap(line => {
      const indent = /^(\s*- )--snapshot-count=/.exec(line)?.[1];
      return indent === undefined ? [line] : [line, ...flags.map(flag => indent + flag)];
    })
    .join('\n');
}

function numberAfter(text: string, flag: string): number | undefined {
  const digits = new RegExp(`^\\s*- ["']?${flag}=(\\d+)["']?\\s*$`, 'm').exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const LEASE = 'leader-elect-lease-duration';

/** Arguments of kube-controller-manager and kube-scheduler: the other two times are in the proportion of their own 15, 10 and 2 s. */
export function leaderElectionArgs({ leaseSeconds }: Timings): Readonly<Record<string, string>> {
  const { leaseSeconds: own } = OWN_TIMINGS;
  if (leaseSeconds === own) return {};
  return {
    [LEASE]: `${leaseSeconds}s`,
    'leader-elect-renew-deadline': `${Math.round((leaseSeconds * 10) / own)}s`,
    'leader-elect-retry-period': `${Math.round((leaseSeconds * 2) / own)}s`,
  };
}

/** The lease that those arguments say. */
export function leaseIn(extraArgs: Readonly<Record<string, unknown>> | undefined): number {
  return secondsIn(extraArgs?.[LEASE]) ?? OWN_TIMINGS.leaseSeconds;
}

/** A duration as Go writes it: "4m0s". */
export function goDuration(seconds: number): string {
  return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

/** The seconds of "4m0s" or "30s"; undefined where it is neither. */
export function secondsIn(duration: unknown): number | undefined {
  if (typeof duration !== 'string') return undefined;
  const [, minutes = '0', seconds] = /^(?:(\d+)m)?(\d+)s$/.exec(duration) ?? [];
  return seconds === undefined ? undefined : Number(minutes) * 60 + Number(seconds);
}
