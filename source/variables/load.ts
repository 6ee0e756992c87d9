import type { HostReader } from '../engine/host';
import { MASK, Secret } from '../engine/secret';
import { DEFAULT_KUBE_VERSION, SUPPORTED_RANGE, factsFor } from '../kubernetes/versions';
import { clusterImages } from './cluster-images';
import { clusterNetwork } from './cluster-network';
import { Collector } from './collector';
import { bootstrapToken, systemReserved, url, yesOrNo } from './fields';
import { hasRegistry, registryAccess } from './registry-access';
import type { Given } from './resolve';
import { resolve } from './resolve';
import type { Problem, Settings } from './settings';
import type { Topology } from './topology';
import { timingsOf } from './timings';
import { topologyOf } from './topology';
import { yumAccess } from './yum-access';

/** A token of the operator's choice and the flag that it came by. */
export interface GivenToken {
  readonly value: string;
  readonly flag: '--token' | '--token-file';
}

/** Everything that the operator can say, by whichever way. */
export interface Told extends Given {
  readonly topology: Topology;
  readonly token?: GivenToken;
  /** What is done pulls no image: a registry that is not given is then no problem. */
  readonly registry?: 'optional';
}

export type Loaded = { readonly settings: Settings } | { readonly problems: readonly Problem[] };

const HELM_STABLE = 'https://charts.helm.sh/stable';
const helmUrl = url(['http', 'https'], HELM_STABLE);

function kubeVersion(collector: Collector): string {
  return collector.take('KUBE_VERSION', DEFAULT_KUBE_VERSION, value => {
    if (factsFor(value) !== undefined) return undefined;
    const right = `a full version from ${SUPPORTED_RANGE}, such as ${DEFAULT_KUBE_VERSION}`;
    if (factsFor(value.replace(/^v/, '')) !== undefined) {
      return { wrong: 'has a leading v', right: value.slice(1) };
    }
    return /^\d+\.\d+\.\d+$/.test(value)
      ? { wrong: 'is not a version that this product installs', right }
      : { wrong: 'is not a full version', right };
  });
}

/** What was not given and is not needed is nothing to show. */
function shownOf({ shown }: Collector, registry: Settings['registry']): Settings['values'] {
  return hasRegistry({ registry })
    ? shown
    : shown.filter(({ value }) => value !== registry.address && !value.startsWith(`${registry.address}/`));
}

/** Validates all that was told, against the host where it names files or hosts: complete settings, or every problem at once. */
export async function loadSettings(told: Told, host: HostReader): Promise<Loaded> {
  const collector = new Collector(resolve(told));
  const version = kubeVersion(collector);
  const facts = factsFor(version);
  const registry = await registryAccess(collector, host, told.registry);
  const yum = yumAccess(collector);
  const network = clusterNetwork(collector);
  const reserved = collector.take('KUBELET_SYSTEM_RESERVED', '', systemReserved);
  const helmRepository = collector.take('HELM_REPO', HELM_STABLE, helmUrl);
  const tiller = collector.take('TILLER', facts?.tillerByDefault === true ? 'yes' : 'no', yesOrNo) === 'yes';
  const timings = timingsOf(collector);
  const images = clusterImages(collector, registry.address, version, facts);
  if (told.token !== undefined) {
    const fault = bootstrapToken(told.token.value);
    const field = told.token.flag;
    if (fault !== undefined) collector.problems.push({ field, value: MASK, where: 'flag', ...fault });
    collector.shown.push({ name: field, value: MASK, source: `flag ${field}` });
  }
  const topology = await topologyOf(collector, host, told.topology, network);
  const { problems } = collector;
  if (problems.length > 0 || facts === undefined) return { problems };
  return {
    settings: {
      kubeVersion: version,
      facts,
      registry,
      ...images,
      ...yum,
      ...network,
      systemReserved: reserved,
      helmRepository,
      tiller,
      timings,
      ...topology,
      ...(told.token === undefined ? {} : { token: new Secret(told.token.value) }),
      values: shownOf(collector, registry),
    },
  };
}
