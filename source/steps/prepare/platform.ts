import type { HostReader } from '../../engine/host';
import { readText } from './ask';

const DMI = '/sys/class/dmi/id';

/** Whether the host is one of Amazon's: its DMI says so, as "Amazon EC2" on Nitro and by the BIOS's version or an identifier that begins with "ec2" on Xen. */
export async function isAws(host: HostReader): Promise<boolean> {
  const [vendor, bios, product, xen] = await Promise.all(
    [`${DMI}/sys_vendor`, `${DMI}/bios_version`, `${DMI}/product_uuid`, '/sys/hypervisor/uuid'].map(path =>
      readText(host, path),
    ),
  );
  const isEc2 = (uuid: string | undefined): boolean => uuid?.toLowerCase().startsWith('ec2') ?? false;
  return (
    vendor?.trim() === 'Amazon EC2' || /\.amazon$/.test(bios?.trim() ?? '') || isEc2(product) || isEc2(xen)
  );
}
