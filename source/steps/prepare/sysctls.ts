import { difference, observe } from '../../changes/desired';
import type { Desired, ObservedDesired } from '../../changes/desired';
import { withView } from '../../disclosure/files';
import type { Change, Undo } from '../../engine/change';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import { readText } from './ask';
import { overriding, sysctlView } from './sysctl-files';

import type { Overriding } from './sysctl-files';

/** Sorts behind 99-sysctl.conf, EL7's link to /etc/sysctl.conf: a hardened ip_forward=0 there would win at boot otherwise. */
const SYSCTL_NAME = '99-zz-kube-el7-install.conf';
const SYSCTL_FILE = `/etc/sysctl.d/${SYSCTL_NAME}`;

const SETTINGS = {
  'net.bridge.bridge-nf-call-iptables': '1',
  'net.bridge.bridge-nf-call-ip6tables': '1',
  'net.ipv4.ip_forward': '1',
} as const;

/** With the other name of ip_forward, which sets both (kernel: net/ipv4/devinet.c, devinet_sysctl_forward). */
const AT_BOOT = new Map<string, string>([...Object.entries(SETTINGS), ['net.ipv4.conf.all.forwarding', '1']]);

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
  /** By name; '' where the kernel has no such parameter, or not yet. */
  readonly values: ReadonlyMap<string, string>;
  readonly overriding: readonly Overriding[];
}

/** What kubeadm's preflight demands of the kernel's network settings, now and after a boot. The kubelet sets the few others that it needs by itself. */
export function sysctls(after: readonly string[]): Step {
  return step<Observed>({
    id: 'sysctls',
    title: 'Set kernel parameters',
    after,
    probe: async host => {
      const values = await Promise.all(
        Object.keys(SETTINGS).map(
          async name =>
            [name, (await readText(host, `/proc/sys/${name.replace(/\./g, '/')}`)).trim()] as const,
        ),
      );
      return {
        files: await observe(host, FILE),
        values: new Map(values),
        overriding: await overriding(host, SYSCTL_NAME, AT_BOOT),
      };
    },
    plan: ({ files, values, overriding: later }) => {
      const written: Change[] = [
        ...difference(FILE, files),
        ...later.map(({ path, content, mode }) => ({
          kind: 'write' as const,
          path,
          content: withView(content, sysctlView),
          mode,
        })),
      ];
      const other = Object.entries(SETTINGS).filter(([name, value]) => values.get(name) !== value);
      if (other.length === 0) return written;
      return [
        ...written,
        {
          kind: 'run',
          title: `Apply ${SYSCTL_FILE}`,
          command: { file: 'sysctl', args: ['-p', SYSCTL_FILE] },
          timeoutMs: 30_000,
          undo: other.flatMap(([name]) => setBack(name, values.get(name) ?? '')),
        },
      ];
    },
  });
}

function setBack(name: string, value: string): readonly Undo[] {
  if (value === '') return [];
  return [
    {
      kind: 'run',
      title: `Set ${name} to ${value}`,
      command: { file: 'sysctl', args: ['-w', `${name}=${value}`] },
      timeoutMs: 30_000,
      needed: { command: { file: 'sysctl', args: ['-n', name] }, matches: `^(?!${value}\\s*$)\\S` },
    },
  ];
}
