import { expect } from 'vitest';
import { changesOn } from '../../../source/changes';
import type { Change } from '../../../source/engine/change';
import type { Step } from '../../../source/engine/step';
import { Secret } from '../../../source/engine/secret';
import type { Settings } from '../../../source/variables/settings';
import type { Answer } from '../../support/fake-host';
import { FakeHost } from '../../support/fake-host';
import { yumResolves } from '../../support/yum';
import { load } from '../../variables/told';

/** Settings with a plain-HTTP registry at 10.0.0.5:5000, and what is given instead. */
export async function settingsWith(instead: Partial<Settings> = {}): Promise<Settings> {
  const loaded = await load({ text: 'DOCKER_REGISTRY=10.0.0.5:5000\nDOCKER_REGISTRY_PLAIN_HTTP=yes\n' });
  if (!('settings' in loaded)) throw new Error(JSON.stringify(loaded.problems));
  return { ...loaded.settings, ...instead };
}

/** A login as the settings have it. */
export const LOGIN = { username: 'node', password: new Secret('canary-password') };

interface Unit {
  active: string;
  file: string;
}

/**
 * A stand-in for an EL7 host that keeps what commands change, so that a step can be applied and probed again.
 * Its programs do what the steps need of them and no more; test/lab has the real ones.
 */
export class El7 extends FakeHost {
  readonly packages = new Map([
    ['kernel', '3.10.0'],
    ['iptables', '1.4.21'],
  ]);
  readonly units = new Map<string, Unit>();
  readonly firewall = new Map<string, { ports: string[]; rules: string[]; sources: string[] }>();
  dockerFlags = '';
  cgroupDriver = 'systemd';
  insecure: string[] = [];
  dockerAnswers = true;
  storage: Readonly<Record<string, unknown>> = {
    Driver: 'overlay2',
    DriverStatus: [['Backing Filesystem', 'xfs']],
  };
  kubeletArguments: readonly string[] = [];

  constructor(files: ConstructorParameters<typeof FakeHost>[0] = {}) {
    super({
      '/etc/os-release':
        'NAME="CentOS Linux"\nVERSION_ID="7"\nID="centos"\nID_LIKE="rhel fedora"\nPRETTY_NAME="CentOS Linux 7 (Core)"\n',
      '/proc/swaps': 'Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n',
      '/proc/filesystems': 'nodev\tsysfs\n\txfs\n',
      '/proc/sys/net/ipv4/ip_forward': '0\n',
      '/etc/fstab': '/dev/sda1 / xfs defaults 0 0\n',
      '/etc/selinux/config': '# This file\nSELINUX=enforcing\nSELINUXTYPE=targeted\n',
      '/usr/bin/openssl': '',
      '/usr/sbin/conntrack': '',
      '/usr/bin/socat': '',
      '/usr/sbin/ebtables': '',
      '/usr/sbin/ethtool': '',
      ...files,
    });
    this.answer('getenforce', () => this.selinux)
      .answer('grubby --info=DEFAULT', { code: 127 })
      .answer('setenforce 0', () => ((this.selinux = 'Permissive\n'), {}))
      .answer(/^modprobe --dry-run /, {})
      .answer(/^modprobe \w+$/, ({ args }) => this.loadModule(args[0] ?? ''))
      .answer(/^sysctl -p /, ({ args }) => this.applySysctls(args[1] ?? ''))
      .answer('swapoff -a', () => (this.put('/proc/swaps', 'Filename\tType\tSize\tUsed\tPriority\n'), {}))
      .answer(/^systemctl show --property=Id,.* \*\.swap$/, '')
      .answer(/^systemctl show --property=LoadState/, ({ args }) => this.show(args[2] ?? ''))
      .answer('systemctl daemon-reload')
      .answer('systemctl cat docker.service', () =>
        this.packages.has('docker')
          ? `[Service]\nExecStart=/usr/bin/dockerd ${this.dockerFlags}\n`
          : { code: 1 },
      )
      .answer(/^systemctl (enable|start|restart) /, ({ args }) => this.service(args[0] ?? '', args[1] ?? ''))
      .answer(/^rpm -q --qf /, ({ args }) => this.rpmVersions(args.slice(3)))
      .answer(/^rpm -q (--whatprovides )?\S+$/, ({ args }) => this.rpmHas(args[args.length - 1] ?? ''))
      .answer(/^yum -y --disableexcludes=all (install|downgrade) /, ({ args }) => this.yum(args))
      .answer(/ --assumeno /, ({ args }) => ({ code: 1, stdout: yumResolves(wanted(args)) }))
      .answer(/^kubelet --version/, () => this.kubelet())
      .answer(/^docker info/, () => this.dockerInfo())
      .answer('hostname', 'master1\n')
      .answer('ip -o link show', '1: lo: <LOOPBACK,UP>\n2: eth0: <BROADCAST,UP>\n3: docker0: <BROADCAST>\n')
      .answer('ip -4 -o addr show', '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n')
      .answer('iptables-save', '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n')
      .answer('getent ahostsv4 master1', '10.0.0.1 STREAM master1\n')
      .answer(
        'ip -4 -o addr show scope global',
        '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n',
      )
      .answer(/^firewall-cmd /, ({ args }) => this.firewallCmd(args));
  }

  private selinux = 'Enforcing\n';

  unit(name: string, active: string, file: string): this {
    this.units.set(name, { active, file });
    return this;
  }

  private loadModule(name: string): Answer {
    if (name === 'overlay') this.put('/proc/filesystems', 'nodev\tsysfs\nnodev\toverlay\n');
    else {
      this.put('/proc/sys/net/bridge/bridge-nf-call-iptables', '0\n');
      this.put('/proc/sys/net/bridge/bridge-nf-call-ip6tables', '0\n');
    }
    return {};
  }

  private applySysctls(path: string): Answer {
    for (const [, name = '', value = ''] of (this.text(path) ?? '').matchAll(/^([\w.-]+) = (\d)$/gm)) {
      this.put(`/proc/sys/${name.replaceAll('.', '/')}`, `${value}\n`);
    }
    return {};
  }

  private show(name: string): Answer {
    const unit = this.units.get(name);
    const pid = unit?.active === 'active' ? 4711 : 0;
    return unit === undefined
      ? 'MainPID=0\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n'
      : `MainPID=${pid}\nLoadState=loaded\nActiveState=${unit.active}\nUnitFileState=${unit.file}\n`;
  }

  private service(action: string, name: string): Answer {
    const unit = this.units.get(name);
    if (unit === undefined) return { code: 5, stderr: `Unit ${name} not found.` };
    if (action === 'enable') unit.file = 'enabled';
    else {
      unit.active = 'active';
      if (name === 'docker.service') this.startDocker();
      if (name === 'kubelet.service') this.startKubelet();
    }
    return {};
  }

  private startDocker(): void {
    const read: unknown = JSON.parse(this.text('/etc/docker/daemon.json') ?? '{}');
    this.insecure = (read as { 'insecure-registries'?: string[] })['insecure-registries'] ?? [];
  }

  private startKubelet(): void {
    const [, extra = ''] =
      /^KUBELET_EXTRA_ARGS="(.*)"$/m.exec(this.text('/etc/sysconfig/kubelet') ?? '') ?? [];
    this.put(
      '/proc/4711/cmdline',
      ['kubelet', '--config=/var/lib/kubelet/config.yaml', ...extra.split(' '), ''].join('\0'),
    );
  }

  private rpmVersions(names: readonly string[]): Answer {
    const stdout = names.map(name => {
      const version = this.packages.get(name);
      return version === undefined ? `package ${name} is not installed\n` : `${name} ${version}\n`;
    });
    return { code: 1, stdout: stdout.join('') };
  }

  private rpmHas(name: string): Answer {
    const [, base = name, version] = /^(.*?)-(\d[\d.]*)$/.exec(name) ?? [];
    const present = this.packages.get(base);
    const is = present !== undefined && (version === undefined || version === present);
    return is ? `${name}\n` : { code: 1, stdout: `no package provides ${name}\n` };
  }

  private yum(args: readonly string[]): Answer {
    for (const one of wanted(args)) {
      const [, name = one, version = '1.13.1'] = /^(.*?)-(\d[\d.]*)$/.exec(one) ?? [];
      this.packages.set(name, version);
      if (name === 'docker') this.unit('docker.service', 'inactive', 'disabled');
      if (name === 'kubelet') {
        this.unit('kubelet.service', 'inactive', 'disabled');
        this.put('/etc/sysconfig/kubelet', 'KUBELET_EXTRA_ARGS=\n');
      }
      if (name === 'kubernetes-cni') this.put('/opt/cni/bin/flannel', '');
    }
    return {};
  }

  private kubelet(): Answer {
    const version = this.packages.get('kubelet');
    return version === undefined ? { code: 127 } : `Kubernetes v${version}\n`;
  }

  private dockerInfo(): Answer {
    if (this.units.get('docker.service')?.active !== 'active' || !this.dockerAnswers) {
      return { code: 1, stderr: 'Cannot connect to the Docker daemon' };
    }
    const configs = ['docker.io', ...this.insecure].map(
      name => [name, { Secure: name === 'docker.io' }] as const,
    );
    return JSON.stringify({
      ServerVersion: '1.13.1',
      CgroupDriver: this.cgroupDriver,
      LoggingDriver: 'json-file',
      DockerRootDir: '/var/lib/docker',
      RegistryConfig: { IndexConfigs: Object.fromEntries(configs) },
      ...this.storage,
    });
  }

  private firewallCmd(args: readonly string[]): Answer {
    if (args[0] === '--get-zone-of-interface=eth0') return 'public\n';
    if (args[0] === '--get-zone-of-interface=eth1') return 'internal\n';
    const where = args[0] === '--permanent' ? 'permanent' : 'runtime';
    const [, zone = ''] = /--zone=(\S+)/.exec(args.join(' ')) ?? [];
    const key = `${where} ${zone}`;
    const state = this.firewall.get(key) ?? { ports: [], rules: [], sources: [] };
    this.firewall.set(key, state);
    const option = args[args.length - 1] ?? '';
    if (option === '--list-all') return listAll(zone, state);
    const [, what = '', value = ''] = /^--add-(port|rich-rule|source)=(.*)$/.exec(option) ?? [];
    (what === 'port' ? state.ports : what === 'source' ? state.sources : state.rules).push(value);
    return 'success\n';
  }
}

/** What yum is told to install or to take back. */
function wanted(args: readonly string[]): readonly string[] {
  return args.slice(args.findIndex(arg => arg === 'install' || arg === 'downgrade') + 1);
}

/** The form of firewalld 0.6.3, EL7.9's. */
function listAll(zone: string, state: { ports: string[]; rules: string[]; sources: string[] }): string {
  return [
    `${zone} (active)`,
    '  target: default',
    '  interfaces: eth0',
    `  sources: ${state.sources.join(' ')}`,
    '  services: dhcpv6-client ssh',
    `  ports: ${state.ports.join(' ')}`,
    '  protocols: ',
    '  source-ports: 9999/tcp',
    '  rich rules: ',
    ...state.rules.map(rule => `\t${rule}`),
    '',
  ].join('\n');
}

/** Plans a step on a host. */
export async function planOf(step: Step, host: FakeHost): Promise<readonly Change[]> {
  return step.plan(await step.probe(host));
}

/** Applies a step as the engine does, and holds it to its promise: afterwards nothing is left to do. */
export async function apply(step: Step, host: FakeHost): Promise<readonly Change[]> {
  const changes = await planOf(step, host);
  for (const change of changes) {
    if (change.kind === 'await') continue;
    await changesOn(host).perform(change, {
      output: () => undefined,
      note: () => undefined,
      secret: () => undefined,
    });
  }
  expect(await planOf(step, host)).toEqual([]);
  return changes;
}
