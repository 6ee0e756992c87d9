import type { Check } from '../engine/check';
import type { HostReader } from '../engine/host';
import type { Settings } from '../variables/settings';
import { controlPlaneVersion } from './control-plane-version';
import { cpu } from './cpu';
import { diskLatency } from './disk-latency';
import { diskSpace } from './disk-space';
import { docker } from './docker';
import { etcd } from './etcd';
import { firewall } from './firewall';
import { hostname } from './hostname';
import { images } from './images';
import { kernel } from './kernel';
import { kubelet } from './kubelet';
import { leftovers } from './leftovers';
import { lostObjects } from './lost-objects';
import { masters } from './masters';
import { memory } from './memory';
import { networks } from './networks';
import { packages } from './packages';
import { ports } from './ports';
import type { Purpose } from './purpose';
import { resolver } from './resolver';
import { root } from './root';
import { selinux } from './selinux';
import { ssh } from './ssh';
import { swap } from './swap';
import { system } from './system';
import { time } from './time';
import { vip } from './vip';
import { xfs } from './xfs';

/** All preflight checks, in the order of the report. What the installer itself will change is a warning; what it cannot is fatal. */
export function checks(settings: Settings, purpose: Purpose = 'install'): readonly Check[] {
  return [
    root,
    system,
    kernel,
    cpu(purpose),
    memory(purpose),
    swap,
    selinux,
    firewall(settings),
    hostname(settings),
    networks(settings),
    resolver(settings, purpose),
    ports(purpose),
    ...(purpose === 'install' ? topology(settings) : []),
    time,
    docker(settings),
    kubelet(settings),
    xfs,
    diskSpace(purpose),
    ...(purpose === 'install' ? [diskLatency] : []),
    leftovers(settings, purpose),
    ...(purpose === 'install' ? [controlPlaneVersion(settings), lostObjects(settings)] : []),
    packages(settings),
    images(settings),
    ...(purpose === 'install' ? [etcd(settings)] : []),
  ];
}

/** What is looked at on the other masters that are reached over ssh. The registry's images are the same from everywhere. */
export function checksOver(settings: Settings, reached: ReadonlyMap<string, HostReader>): readonly Check[] {
  const there = checks(settings, 'prepare').filter(({ id }) => id !== 'images');
  return settings.others.flatMap(other => {
    const host = reached.get(other.hostname);
    return host === undefined ? [] : [ssh(host, other, there)];
  });
}

/** What is looked at beyond this host. */
function topology(settings: Settings): readonly Check[] {
  return [masters(settings), ...(settings.vip === undefined ? [] : [vip(settings.vip)])];
}
