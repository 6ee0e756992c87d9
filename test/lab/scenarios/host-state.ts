import type { LabHost } from '../lab';

/** What the installer keeps of itself, and what programs write by themselves as they run: neither is a part of how a host is. */
const passedOver = [
  '/var/lib/kube-el7-install',
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/lib/rpm',
  '/var/lib/dnf',
  '/var/lib/systemd',
  '/var/lib/dpkg',
  '/var/lib/apt',
  '/root/kube-el7-install',
  '/root/.kube/cache',
];
/** docker's own key, and what ldconfig and rpm make anew. */
const ownFiles = [
  '/etc/docker/key.json',
  '/etc/ld.so.cache',
  '/etc/.updated',
  '/root/installer-stderr',
  '/var/lib/logrotate',
];

/** How a host is: its packages, its files with modes and contents, its services, its network as the kernel has it. A line each, so that a difference can be read. */
export async function hostState(host: LabHost): Promise<readonly string[]> {
  const pruned = [...passedOver, ...ownFiles].map(path => `-path ${path}`).join(' -o ');
  const places = '/etc /root /opt /usr/lib/systemd /usr/bin /usr/local /var/lib';
  const [packages, directories, files, links, services, interfaces, routes, rules, swap] = await Promise.all(
    [
      "rpm -qa --qf 'package %{NAME}-%{VERSION}\\n' | sort",
      `find ${places} -xdev \\( ${pruned} \\) -prune -o -type d -printf 'directory %m %p\\n' | sort -k3`,
      `find ${places} -xdev \\( ${pruned} \\) -prune -o -type f -printf '%m %p\\n' | sort -k2 | ` +
        'while read -r m p; do echo "file $m $p $(sha256sum <"$p" | cut -c1-12)"; done',
      `find ${places} -xdev \\( ${pruned} \\) -prune -o -type l -printf 'link %p %l\\n' | sort -k2`,
      'systemctl list-units --type=service --state=active --no-legend --plain | awk \'{print "active", $1}\' | grep -v " systemd-" | sort',
      'ip -o link show | awk \'{print "interface", $2}\' | sort',
      "ip -4 route show | sed 's/^/route /' | sort",
      "{ iptables-save; ip6tables-save; } | grep -v '^#' | sed 's/\\[.*\\]//; s/^/rule /' | grep -E 'KUBE|CNI|10\\.244|cni0' | sort",
      'cat /proc/swaps',
    ].map(command => host.succeed(`{ ${command}; } || true`, { timeoutMs: 120_000 })),
  );
  return [packages, directories, files, links, services, interfaces, routes, rules, swap].flatMap(text =>
    (text ?? '').split('\n').filter(line => line !== ''),
  );
}

/** Lines that only one of two states has: "- " what is gone, "+ " what is new. */
export function differences(before: readonly string[], after: readonly string[]): readonly string[] {
  const [had, has] = [new Set(before), new Set(after)];
  return [
    ...before.filter(line => !has.has(line)).map(line => `- ${line}`),
    ...after.filter(line => !had.has(line)).map(line => `+ ${line}`),
  ];
}
