import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { etcdPod, type EtcdPodSpec } from './etcd-pod';
import { etcdFacts } from './etcd-version';
import { toYaml } from './yaml';

/** What a kubelet logs an error for and otherwise ignores: a manifest that waits for its turn. */
export const WAITING_KIND = 'PodERROR';

/** A master's manifests of etcd as they are kept in its Secret: both wait. */
export interface EtcdManifests {
  /** Of every master but the first, whose own is there before there is a cluster. */
  readonly init?: string;
  readonly cluster: string;
}

/** The manifest that the first member begins with; it runs from the start. */
export function firstEtcdManifest(settings: Settings, master: Master): string {
  return toYaml(etcdPod({ ...member(settings, [master], 0), pod: 'etcd-init', state: 'new' }));
}

/** The manifests of one of several masters, by its place in their order: each names itself and all before it. */
export function etcdManifests(settings: Settings, all: readonly Master[], index: number): EtcdManifests {
  const spec = member(settings, all, index);
  const [first] = all;
  const awaits = hasLearners(settings) || first === undefined ? {} : { awaits: first.address };
  const cluster = waiting({ ...spec, pod: 'etcd-cluster' });
  return index === 0
    ? { cluster }
    : { init: waiting({ ...spec, pod: 'etcd-init', clients: 'itself', ...awaits }), cluster };
}

/** Whether a member of this etcd can be without a vote until it has caught up. */
export function hasLearners(settings: Settings): boolean {
  return etcdFacts(settings).learners;
}

/** Whether this etcd refuses a record of its log of 10 MiB or more: 3.5 does not any more (wal/decoder.go). */
export function limitsRecords(settings: Settings): boolean {
  return etcdFacts(settings).limitsRecords;
}

function member(settings: Settings, all: readonly Master[], index: number): Omit<EtcdPodSpec, 'pod'> {
  const own = all[index];
  if (own === undefined) throw new Error(`there is no master at place ${index}`);
  return {
    name: own.hostname,
    address: own.address,
    image: settings.images.etcd,
    initialCluster: all.slice(0, index + 1).map(({ hostname, address }) => ({ name: hostname, address })),
    state: 'existing',
    clients: 'everywhere',
    ...podFacts(settings),
  };
}

/** What of a pod is the same for every member: what follows from the versions of etcd and Kubernetes, and the site's times. */
export function podFacts(
  settings: Settings,
): Pick<EtcdPodSpec, 'preVote' | 'corruptCheck' | 'startupProbe' | 'timings'> {
  const { preVote, corruptCheck } = etcdFacts(settings);
  const { startupProbe } = settings.facts;
  return { preVote, corruptCheck, startupProbe, timings: settings.timings.etcd };
}

function waiting(spec: EtcdPodSpec): string {
  return toYaml({ ...etcdPod(spec), kind: WAITING_KIND });
}
