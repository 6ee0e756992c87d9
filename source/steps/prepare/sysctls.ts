import { difference, observe } from '../../changes/desired';
import type { Desired, ObservedDesired } from '../../changes/desired';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import { readText } from './ask';

/** Sorts behind 99-sysctl.conf, EL7's link to /etc/sysctl.conf: a hardened ip_forward=0 there would win at boot otherwise. */
const SYSCTL_FILE = '/etc/sysctl.d/99-zz-kube-el7-install.conf';

const SETTINGS = {
  'net.bridge.bridge-nf-call-iptables': '1',
  'net.bridge.bridge-nf-call-ip6tables': '1',
  'net.ipv4.ip_forward': '1',
} as const;

const FILE: readonly Desired[] = [
  {
    kind: 'file',
    path: SYSCTL_FILE,
    content: [
      '# Written by kube-el7-install: what pods send over a bridge passes iptables, and the host forwards it.',
      ...Object.entries(SETTINGS).map(([name, value]) => `${name} = ${value}`),
      '',
    ].join('\n'),
    mode: 0o644,
  },
];

interface Observed {
  readonly files: ObservedDesired;
  readonly effective: boolean;
}

/** What kubeadm's preflight demands of the kernel's network settings, now and after a boot. The kubelet sets the few others that it needs by itself. */
export function sysctls(after: readonly string[]): Step {
  return step<Observed>({
    id: 'sysctls',
    title: 'Set kernel parameters',
    after,
    probe: async host => {
      const found = await Promise.all(
        Object.entries(SETTINGS).map(
          async ([name, value]) =>
            (await readText(host, `/proc/sys/${name.replace(/\./g, '/')}`)).trim() === value,
        ),
      );
      return { files: await observe(host, FILE), effective: found.every(Boolean) };
    },
    plan: ({ files, effective }) => [
      ...difference(FILE, files),
      ...(effective
        ? []
        : [
            {
              kind: 'run' as const,
              title: `Apply ${SYSCTL_FILE}`,
              command: { file: 'sysctl', args: ['-p', SYSCTL_FILE] },
              timeoutMs: 30_000,
            },
          ]),
    ],
  });
}
