import { describe, expect, it } from 'vitest';
import { firewalld } from '../../../source/steps/prepare/firewalld';
import { kernelModules } from '../../../source/steps/prepare/kernel-modules';
import { networkManager } from '../../../source/steps/prepare/network-manager';
import { selinux } from '../../../source/steps/prepare/selinux';
import { swap } from '../../../source/steps/prepare/swap';
import { sysctls } from '../../../source/steps/prepare/sysctls';
import { yumRepository } from '../../../source/steps/prepare/yum-repository';
import { El7, apply, planOf, settingsWith } from './el7';

const SWAP = { '/proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition\t2097148\t0\t-2\n' };

describe('selinux', () => {
  it('sets permissive now and in the file, and leaves the file otherwise as it is', async () => {
    const host = new El7();
    await apply(selinux(), host);
    expect(host.text('/etc/selinux/config')).toBe('# This file\nSELINUX=permissive\nSELINUXTYPE=targeted\n');
    expect(host.executed).toEqual(['setenforce 0']);
  });

  it.each([
    [
      'SELINUX=enforcing # set by the security team\nSELINUXTYPE=targeted\n',
      'SELINUX=permissive # set by the security team\nSELINUXTYPE=targeted\n',
    ],
    ['SELINUX=Enforcing\r\nSELINUXTYPE=mls\r\n', 'SELINUX=permissive\r\nSELINUXTYPE=mls\r\n'],
    ['SELINUX= enforcing\nSELINUX=ENFORCING;\n', 'SELINUX= permissive\nSELINUX=permissive;\n'],
    [
      '# SELINUX=enforcing\n SELINUX=enforcing\nSELINUX=permissive',
      '# SELINUX=enforcing\n SELINUX=enforcing\nSELINUX=permissive',
    ],
    ['SELINUX=disabled # not enforcing\n', 'SELINUX=disabled # not enforcing\n'],
  ])('reads the file as libselinux does: %j', async (text, expected) => {
    const host = new El7({ '/etc/selinux/config': text });
    await apply(selinux(), host);
    expect(host.text('/etc/selinux/config')).toBe(expected);
  });

  it('leaves a disabled one disabled', async () => {
    const host = new El7({ '/etc/selinux/config': 'SELINUX=disabled\n' }).answer('getenforce', 'Disabled\n');
    expect(await planOf(selinux(), host)).toEqual([]);
  });

  it('mends the file of a host that is only permissive until its next boot', async () => {
    const host = new El7().answer('getenforce', 'Permissive\n');
    expect((await planOf(selinux(), host)).map(change => change.kind)).toEqual(['write']);
  });

  it('has nothing to do where there is no SELinux', async () => {
    const host = new El7().drop('/etc/selinux/config').answer('getenforce', { code: 127 });
    expect(await planOf(selinux(), host)).toEqual([]);
  });
});

describe('swap', () => {
  it('comments its lines in fstab, keeps comments and other lines, and switches it off', async () => {
    const host = new El7({
      ...SWAP,
      '/etc/fstab':
        '# swap swap swap\n/dev/sda1 / xfs defaults 0 0\nUUID=1 none swap sw 0 0\n/x /swap xfs noauto 0 0\n',
    });
    await apply(swap(), host);
    expect(host.text('/etc/fstab')).toBe(
      '# swap swap swap\n/dev/sda1 / xfs defaults 0 0\n# switched off by kube-el7-install: UUID=1 none swap sw 0 0\n/x /swap xfs noauto 0 0\n',
    );
    expect(host.executed).toEqual(['systemctl daemon-reload', 'swapoff -a']);
  });

  it('keeps swap units that are not of fstab from starting at boot', async () => {
    const units = [
      'Id=dev-sdb.swap\nLoadState=loaded\nFragmentPath=/etc/systemd/system/dev-sdb.swap\nSourcePath=\nUnitFileState=enabled\n',
      'Id=dev-sdc.swap\nLoadState=loaded\nFragmentPath=/run/systemd/generator.late/dev-sdc.swap\nSourcePath=\nUnitFileState=\n',
      'Id=dev-sda2.swap\nLoadState=loaded\nFragmentPath=/run/systemd/generator/dev-sda2.swap\nSourcePath=/etc/fstab\nUnitFileState=\n',
      'Id=dev-dm.swap\nLoadState=loaded\nFragmentPath=\nSourcePath=\nUnitFileState=\n',
      'Id=dev-sdd.swap\nLoadState=masked\nFragmentPath=/dev/null\nSourcePath=\nUnitFileState=masked\n',
    ];
    const host = new El7().answer(/\*\.swap$/, units.join('\n'));
    const commands = (await planOf(swap(), host)).map(change => change.kind === 'run' && change.command.args);
    expect(commands).toEqual([
      ['disable', 'dev-sdb.swap'],
      ['mask', 'dev-sdc.swap'],
    ]);
  });

  it('has nothing to do without swap', async () => {
    expect(await planOf(swap(), new El7())).toEqual([]);
  });
});

describe('kernel-modules', () => {
  it('loads br_netfilter and overlay, now and at boot', async () => {
    const host = new El7();
    await apply(kernelModules(), host);
    expect(host.executed).toEqual(['modprobe br_netfilter', 'modprobe overlay']);
    expect(host.text('/etc/modules-load.d/kube-el7-install.conf')).toMatch(/^br_netfilter\noverlay$/m);
  });

  it('takes bridge on a kernel that has no br_netfilter', async () => {
    const host = new El7().answer(/^modprobe --dry-run /, { code: 1 });
    await apply(kernelModules(), host);
    expect(host.executed).toContain('modprobe bridge');
  });

  it('loads nothing that is built in', async () => {
    const host = new El7({
      '/proc/filesystems': 'nodev\toverlay\n',
      '/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n',
    });
    expect((await planOf(kernelModules(), host)).map(change => change.kind)).toEqual(['write']);
  });
});

describe('sysctls', () => {
  it('switches off what a file sets otherwise that is applied later at boot, and leaves the rest of it', async () => {
    const path = '/etc/sysctl.d/hardening.conf';
    const host = new El7({
      [path]:
        '# CIS\nnet.ipv4.ip_forward=0\nkernel.randomize_va_space = 2\n-net/ipv4/conf/all/forwarding = 0\nnet.ipv4.ip_forward = 1\n',
      '/etc/sysctl.d/60-before.conf': 'net.ipv4.ip_forward=0\n',
      '/usr/lib/sysctl.d/hardening.conf': 'net.ipv4.ip_forward=0\n',
      '/usr/lib/sysctl.d/k8s.conf': 'net.bridge.bridge-nf-call-iptables = 1\n',
    });
    await apply(kernelModules(), host);
    const changes = await apply(sysctls([]), host);
    const mark = '# switched off by kube-el7-install, which needs another value: ';
    expect(host.text(path)).toBe(
      `# CIS\n${mark}net.ipv4.ip_forward=0\nkernel.randomize_va_space = 2\n${mark}-net/ipv4/conf/all/forwarding = 0\nnet.ipv4.ip_forward = 1\n`,
    );
    expect(changes.flatMap(change => ('path' in change ? [change.path] : []))).toEqual([
      '/etc/sysctl.d/99-zz-kube-el7-install.conf',
      path,
    ]);
  });

  it('applies the file where the kernel says otherwise, in a name that wins over /etc/sysctl.conf', async () => {
    const host = new El7();
    const [write] = await apply(sysctls([]), host);
    expect(write?.kind === 'write' && write.path > '/etc/sysctl.d/99-sysctl.conf').toBe(true);
    host.put('/proc/sys/net/ipv4/ip_forward', '0\n');
    expect((await planOf(sysctls([]), host)).map(change => change.kind)).toEqual(['run']);
  });
});

describe('firewalld', () => {
  const settings = settingsWith();

  it('opens now and at boot, without a reload', async () => {
    const host = new El7().unit('firewalld.service', 'active', 'enabled');
    await apply(firewalld(await settings), host);
    expect(host.executed).toContain('firewall-cmd --zone=public --add-port=6443/tcp');
    expect(host.executed).toContain('firewall-cmd --permanent --zone=trusted --add-source=10.244.0.0/16');
    expect(host.executed).toContain('firewall-cmd --permanent --zone=public --add-port=2381/tcp');
    expect(host.executed.length).toBe(14);
    expect(host.executed.some(call => call.includes('reload'))).toBe(false);
  });

  it("opens the zone of the interface that has the cluster's address, wherever the default route leads", async () => {
    const host = new El7()
      .unit('firewalld.service', 'active', 'enabled')
      .answer(
        'ip -4 -o addr show scope global',
        '2: eth0    inet 10.1.0.1/24 scope global eth0\n3: eth1    inet 10.0.0.1/24 scope global eth1\n',
      )
      .answer('ip -4 route show default', 'default via 10.1.0.254 dev eth0\n');
    await apply(firewalld(await settings), host);
    expect(host.executed).toContain('firewall-cmd --zone=internal --add-port=6443/tcp');
    expect(host.executed.filter(call => call.includes('--zone=public'))).toEqual([]);
  });

  it('opens both where the VIP comes to another interface', async () => {
    const host = new El7()
      .unit('firewalld.service', 'active', 'enabled')
      .answer('ip -4 -o addr show', '2: eth0    inet 10.0.0.1/24 scope global eth0\n')
      .answer('ip -4 -o route get 10.2.0.100', '10.2.0.100 dev eth1 src 10.2.0.1 uid 0\n');
    const vip = { endpoint: '10.2.0.100', addresses: ['10.2.0.100'], routerId: 1, vrrpVersion: 3 } as const;
    await apply(firewalld({ ...(await settings), vip: { ...vip, carrier: 'keepalived' } }), host);
    for (const zone of ['internal', 'public']) {
      expect(host.executed).toContain(`firewall-cmd --zone=${zone} --add-port=6443/tcp`);
    }
  });

  it('opens again what a reload has lost', async () => {
    const host = new El7().unit('firewalld.service', 'active', 'enabled');
    await apply(firewalld(await settings), host);
    host.firewall.get('runtime public')?.ports.shift();
    const changes = await planOf(firewalld(await settings), host);
    expect(changes.map(change => change.kind === 'run' && change.title)).toEqual([
      "Let 6443/tcp through in firewalld's zone public",
    ]);
  });

  it('is content with a range that has the port in it', async () => {
    const host = new El7().unit('firewalld.service', 'active', 'enabled');
    await apply(firewalld(await settings), host);
    for (const where of ['runtime', 'permanent']) {
      const ports = host.firewall.get(`${where} public`)?.ports;
      ports?.splice(0, ports.length, '2379-2381/tcp', '2381/udp', '6443/tcp', '8472/udp', '10250/tcp');
    }
    expect(await planOf(firewalld(await settings), host)).toEqual([]);
    host.firewall.get('runtime public')?.ports.splice(0, 1, '2379-2380/tcp');
    expect(await planOf(firewalld(await settings), host)).toHaveLength(1);
  });

  it('leaves a stopped one alone', async () => {
    const host = new El7().unit('firewalld.service', 'inactive', 'disabled');
    expect(await planOf(firewalld(await settings), host)).toEqual([]);
  });
});

describe('network-manager', () => {
  it('writes for one that is stopped, and reloads one that runs', async () => {
    const host = new El7().unit('NetworkManager.service', 'inactive', 'enabled');
    expect((await planOf(networkManager(), host)).map(change => change.kind)).toEqual(['write']);
    host
      .unit('NetworkManager.service', 'active', 'enabled')
      .answer('systemctl reload NetworkManager.service');
    await apply(networkManager(), host);
    expect(host.executed).toEqual(['systemctl reload NetworkManager.service']);
  });

  it('has nothing to do without it', async () => {
    expect(await planOf(networkManager(), new El7())).toEqual([]);
  });
});

describe('yum-repository', async () => {
  const settings = await settingsWith();

  it('replaces the file when the address changes', async () => {
    const host = new El7();
    await apply(yumRepository(settings, 'http://10.0.0.5/el7'), host);
    await apply(yumRepository(settings, 'http://10.0.0.6/el7'), host);
    expect(host.text('/etc/yum.repos.d/kube-el7-install.repo')).toContain('\nbaseurl=http://10.0.0.6/el7\n');
  });

  it('has signatures checked where a key is named, and says so where none is', async () => {
    const path = '/etc/yum.repos.d/kube-el7-install.repo';
    const host = new El7();
    await apply(yumRepository(settings, 'http://10.0.0.5/el7'), host);
    expect(host.text(path)).toMatch(/signatures of these packages are not checked[^]*gpgcheck=0/);
    const signed = { ...settings, yumGpgKey: 'file:///etc/pki/rpm-gpg/site' };
    await apply(yumRepository(signed, 'http://10.0.0.5/el7'), host);
    expect(host.text(path)).toContain('\ngpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/site\n');
  });
});
