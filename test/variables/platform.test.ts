import { describe, expect, it } from 'vitest';
import { lookedUpHost, problems, settings } from './told';

const VIP = '10.0.0.100';

describe('the platform', () => {
  const dmi = (files: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(files).map(([name, text]) => [`/sys/class/dmi/id/${name}`, `${text}\n`]),
    );
  const uuid = { '/sys/hypervisor/uuid': 'ec2e1916-9099-7caf-fd21-012345abcdef\n' };

  it.each([
    [dmi({ sys_vendor: 'Amazon EC2' }), 'aws', 'sys_vendor is "Amazon EC2"'],
    [dmi({ sys_vendor: 'VMware, Inc.' }), 'vmware', 'sys_vendor is "VMware, Inc."'],
    [dmi({ sys_vendor: 'Xen', bios_version: '4.11.amazon' }), 'aws', 'bios_version is "4.11.amazon"'],
    [
      dmi({ sys_vendor: 'Xen', product_uuid: 'EC2E1916-9099-7CAF-FD21-012345ABCDEF' }),
      'aws',
      'sys_vendor is "Xen" and product_uuid begins with ec2',
    ],
    [uuid, 'aws', '/sys/hypervisor/uuid begins with ec2'],
    [dmi({ sys_vendor: 'QEMU', product_uuid: 'ec2e1916-9099' }), 'other', 'sys_vendor is "QEMU"'],
    [{}, 'other', 'this host has no sys_vendor to go by'],
  ])('%j', async (files, name, from) => {
    expect((await settings({ host: lookedUpHost(files) })).platform).toEqual({ name, from });
    const made = await settings({ vip: VIP, host: lookedUpHost(files) });
    expect(made.values).toContainEqual({ name: '--platform', value: name, source: from });
  });

  it('is what the flag says before what the firmware says', async () => {
    const made = await settings({
      vip: VIP,
      platform: 'other',
      host: lookedUpHost(dmi({ sys_vendor: 'Amazon EC2' })),
    });
    expect(made).toMatchObject({
      platform: { name: 'other', from: 'flag --platform' },
      vip: { carrier: 'keepalived' },
    });
  });

  it('is recognized by somebody who may not read everything', async () => {
    const refusing = lookedUpHost();
    refusing.read = () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }));
    expect((await settings({ host: refusing })).platform.name).toBe('other');
  });

  it('is refused by a name that is unknown', async () => {
    expect(await problems({ platform: 'azure' })).toMatchObject([
      { field: '--platform', value: 'azure', where: 'flag' },
    ]);
  });
});
