import type { Check } from '../engine/check';
import type { Settings } from '../variables/settings';
import { cpu } from './cpu';
import { diskLatency } from './disk-latency';
import { diskSpace } from './disk-space';
import { docker } from './docker';
import { firewall } from './firewall';
import { hostname } from './hostname';
import { images } from './images';
import { kernel } from './kernel';
import { leftovers } from './leftovers';
import { masters } from './masters';
import { memory } from './memory';
import { packages } from './packages';
import { ports } from './ports';
import type { Purpose } from './purpose';
import { root } from './root';
import { selinux } from './selinux';
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
    hostname,
    ports(purpose),
    ...(purpose === 'install' ? topology(settings) : []),
    time,
    docker(settings),
    xfs,
    diskSpace(purpose),
    ...(purpose === 'install' ? [diskLatency] : []),
    leftovers(settings, purpose),
    packages(settings),
    images(settings),
  ];
}

/** What is looked at beyond this host. */
function topology(settings: Settings): readonly Check[] {
  return [masters(settings), ...(settings.vip === undefined ? [] : [vip(settings.vip)])];
}
