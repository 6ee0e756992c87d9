import { difference, observe } from '../../changes/desired';
import type { Desired, ObservedDesired } from '../../changes/desired';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import { readUnit } from './units';

const FILE: readonly Desired[] = [
  {
    kind: 'file',
    path: '/etc/NetworkManager/conf.d/kube-el7-install.conf',
    content: [
      "# Written by kube-el7-install: the cluster's own interfaces are no business of NetworkManager.",
      '[keyfile]',
      'unmanaged-devices+=interface-name:cni0;interface-name:flannel.*;interface-name:veth*',
      '',
    ].join('\n'),
    mode: 0o644,
  },
];

interface Observed {
  readonly present: boolean;
  readonly running: boolean;
  readonly files: ObservedDesired;
}

/** Keeps NetworkManager, where the host has it, from configuring the interfaces that flannel and the CNI plugins make. */
export function networkManager(): Step {
  return step<Observed>({
    id: 'network-manager',
    title: "Keep NetworkManager off the cluster's interfaces",
    after: [],
    probe: async host => {
      const unit = await readUnit(host, 'NetworkManager.service');
      return {
        present: unit.loaded === 'loaded',
        running: unit.active === 'active',
        files: await observe(host, FILE),
      };
    },
    plan: ({ present, running, files }) => {
      const changes = present ? difference(FILE, files) : [];
      if (changes.length === 0 || !running) return changes;
      return [
        ...changes,
        {
          kind: 'run',
          title: 'Have NetworkManager read its configuration again',
          command: { file: 'systemctl', args: ['reload', 'NetworkManager.service'] },
          timeoutMs: 60_000,
          undo: [{ kind: 'again' }],
        },
      ];
    },
  });
}
