import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** DMI of a QEMU machine, of EC2's Nitro instances and of VMware, as their /sys/class/dmi/id has it. */
const firmware = {
  generic: {
    sys_vendor: 'QEMU',
    product_name: 'Standard PC (i440FX + PIIX, 1996)',
    bios_vendor: 'SeaBIOS',
    bios_version: '1.11.0-2.el7',
  },
  aws: { sys_vendor: 'Amazon EC2', product_name: 't3.large', bios_vendor: 'Amazon EC2', bios_version: '1.0' },
  vmware: {
    sys_vendor: 'VMware, Inc.',
    product_name: 'VMware Virtual Platform',
    bios_vendor: 'Phoenix Technologies LTD',
    bios_version: '6.00',
  },
} as const;

/** Which way out of a host's network there is: over the cluster's only card, over another one, or none although there is another one. */
export type WayOut = 'own card' | 'other card' | 'none';

/** What makes a host another one than the plain one. */
export interface Traits {
  readonly says: string;
  readonly firmware?: keyof typeof firmware;
  /** Its name is one of AWS', with dots, of 47 characters. */
  readonly longName?: true;
  readonly wayOut?: WayOut;
  /** Files as they are in its root; undefined is one that is not there. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** Shell commands of each boot, once its cards are up. */
  readonly atBoot?: string;
}

const kubelet = `# set by the operations team
KUBELET_EXTRA_ARGS="--node-labels=zone=a \\
  --hostname-override=node.example --v=2"
`;
const yum = `[main]
cachedir=/var/cache/yum/$basearch/$releasever
gpgcheck=0
exclude=kernel* centos-release*
  docker* kubelet
  kubernetes-cni
`;
const earlier = `ip link add cni0 type bridge && ip address add 10.244.7.1/24 dev cni0 && ip link set cni0 up
ip link add flannel.1 type vxlan id 1 local "$ADDRESS" dev host0 dstport 8472 nolearning && ip address add 10.244.7.0/32 dev flannel.1 && ip link set flannel.1 up
iptables -t nat -N KUBE-SERVICES && iptables -t nat -A PREROUTING -j KUBE-SERVICES
iptables -t nat -N KUBE-POSTROUTING && iptables -t nat -A POSTROUTING -j KUBE-POSTROUTING
`;

/** Every face that a host can be given; several go together. The first three say what the firmware is. */
const table = {
  generic: { says: 'the plain host: one card, the default route over it', firmware: 'generic' },
  aws: { says: 'firmware of EC2', firmware: 'aws' },
  vmware: { says: 'firmware of VMware', firmware: 'vmware' },
  'long-name': { says: 'a name as AWS gives it, of 47 characters with dots', longName: true },
  'two-cards': { says: "the default route leads over another card than the cluster's", wayOut: 'other card' },
  'no-default-route': { says: 'two cards, and no default route', wayOut: 'none' },
  'resolver-loopback': {
    says: 'resolv.conf names this host itself',
    files: { 'etc/resolv.conf': 'nameserver 127.0.0.1\n' },
  },
  'resolver-search-only': {
    says: 'resolv.conf without a nameserver',
    files: { 'etc/resolv.conf': '# written by the provisioning\nsearch lab example.com\n' },
  },
  'resolver-empty': { says: 'an empty resolv.conf', files: { 'etc/resolv.conf': '' } },
  'resolver-absent': { says: 'no resolv.conf', files: { 'etc/resolv.conf': undefined } },
  'no-localhost': { says: '/etc/hosts does not know localhost' },
  'earlier-cluster': {
    says: 'cni0, flannel.1, iptables chains and /etc/cni of a cluster that was here before',
    files: {
      'etc/cni/net.d/10-flannel.conflist': '{"name":"cbr0","plugins":[{"type":"flannel"}]}\n',
      'var/lib/cni/networks/cbr0/10.244.7.2': '0\n',
    },
    atBoot: earlier,
  },
  'kubelet-file': {
    says: '/etc/sysconfig/kubelet with quotes, a continued line and a name of its own',
    files: { 'etc/sysconfig/kubelet': kubelet },
  },
  'yum-excludes': {
    says: "yum's excludes on several lines, docker and the kubelet among them",
    files: { 'etc/yum.conf': yum, 'etc/dnf/dnf.conf': yum },
  },
  'talking-shell': {
    says: "root's shell prints a greeting to whoever comes from another host",
    files: {
      'root/.bashrc':
        'case ${SSH_CLIENT:-} in "" | *.*.*.1\\ *) ;; *) echo "This system is monitored." ;; esac\n',
    },
  },
} satisfies Readonly<Record<string, Traits>>;

export type Face = keyof typeof table;

/** The faces by name, with what each says. */
export const faces: Readonly<Record<Face, Traits>> = table;

export function isFace(word: string): word is Face {
  return word in faces;
}

/** What several faces make together; of what only one can say the last one counts. */
export interface Features {
  readonly firmware: Readonly<Record<string, string>>;
  readonly isAws: boolean;
  readonly longName: boolean;
  readonly knowsLocalhost: boolean;
  readonly wayOut: WayOut;
  readonly files: Readonly<Record<string, string | undefined>>;
  readonly atBoot: string;
}

export function featuresOf(given: readonly Face[]): Features {
  const traits: readonly Traits[] = given.map(name => faces[name]);
  const last = <T>(of: (one: Traits) => T | undefined): T | undefined =>
    traits.map(of).reduce((before, one) => one ?? before, undefined);
  const made = last(one => one.firmware) ?? 'generic';
  return {
    firmware: firmware[made],
    isAws: made === 'aws',
    longName: traits.some(one => one.longName === true),
    knowsLocalhost: !given.includes('no-localhost'),
    wayOut: last(one => one.wayOut) ?? 'own card',
    files: Object.assign({}, ...traits.map(one => one.files)) as Record<string, string | undefined>,
    atBoot: traits.map(one => one.atBoot ?? '').join(''),
  };
}

/** The long name of a host, by the last part of the first address of its role. */
export function longNameOf(number: number): string {
  return `ip-172-31-100-${String(200 + number)}.eu-central-1.compute.internal`;
}

const recordIn = (directory: string): string => join(directory, 'faces.json');

/** The faces that a machine was last made with. */
export function facesIn(directory: string): readonly Face[] {
  const path = recordIn(directory);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Face[]) : [];
}

export function recordFaces(directory: string, given: readonly Face[]): void {
  writeFileSync(recordIn(directory), JSON.stringify(given));
}
