import type { HostReader } from '../engine/host';
import type { Collector } from './collector';
import type { Platform } from './settings';

const NAMES: readonly Platform['name'][] = ['aws', 'vmware', 'other'];
const DMI = '/sys/class/dmi/id';
const HYPERVISOR = '/sys/hypervisor/uuid';

/** One line of a file that the kernel makes; empty where it is not there, or for root only. */
async function fact(host: HostReader, path: string): Promise<string> {
  try {
    return ((await host.read(path))?.toString('utf8') ?? '').trim();
  } catch {
    return '';
  }
}

/**
 * What the firmware calls the machine. Amazon's newer machines have it in sys_vendor; the older ones are Xen's, with Amazon's BIOS and a UUID that begins with ec2.
 * The UUID counts on Xen only: elsewhere one in 4096 begins like that.
 */
async function recognized(host: HostReader): Promise<Platform> {
  const vendor = await fact(host, `${DMI}/sys_vendor`);
  const from = `sys_vendor is "${vendor}"`;
  if (vendor === 'Amazon EC2') return { name: 'aws', from };
  if (vendor.startsWith('VMware')) return { name: 'vmware', from };
  const bios = await fact(host, `${DMI}/bios_version`);
  if (bios.endsWith('.amazon')) return { name: 'aws', from: `bios_version is "${bios}"` };
  const uuid = await fact(host, HYPERVISOR);
  if (/^ec2/i.test(uuid)) return { name: 'aws', from: `${HYPERVISOR} begins with ec2` };
  if (vendor === 'Xen' && /^ec2/i.test(await fact(host, `${DMI}/product_uuid`))) {
    return { name: 'aws', from: 'sys_vendor is "Xen" and product_uuid begins with ec2' };
  }
  return { name: 'other', from: vendor === '' ? 'this host has no sys_vendor to go by' : from };
}

/** What the hosts run on: as --platform says, else as this host's firmware says. It decides what carries a VIP. */
export async function platformOf(
  collector: Collector,
  host: HostReader,
  given: string | undefined,
): Promise<Platform> {
  if (given === undefined) return recognized(host);
  const name = NAMES.find(one => one === given);
  if (name !== undefined) return { name, from: 'flag --platform' };
  collector.problems.push({
    field: '--platform',
    value: given,
    where: 'flag',
    wrong: 'is no platform that this product knows',
    right: `one of ${NAMES.join(', ')}; without the flag it is recognized`,
  });
  return recognized(host);
}
