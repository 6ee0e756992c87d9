import type { Desired } from '../../changes/desired';
import { templateText } from '../../templates';
import type { Settings } from '../../variables/settings';
import { STATE } from '../paths';

const SCRIPT = `${STATE}/kubelet-address.sh`;
const DROP_IN = '/etc/systemd/system/kubelet.service.d/10-kube-el7-install-address.conf';
const FOUND = '/run/kube-el7-install/kubelet.env';

/**
 * Lets each start of a kubelet find the address that the cluster knows its host by: a host that was cloned from a prepared
 * image gets its address, and learns of its cluster, only later. Systemd reads the file anew for each program of a unit,
 * so what the first one writes is there for the kubelet (systemd.exec, EnvironmentFile=).
 */
export function kubeletAddress({ nodeSubnet = '', serviceSubnet }: Settings): readonly Desired[] {
  const text = [
    '# Written by kube-el7-install: --node-ip, for hosts with several addresses or without a default route.',
    '[Service]',
    `EnvironmentFile=-${FOUND}`,
    `ExecStartPre=-/bin/sh ${SCRIPT} "${nodeSubnet}" ${serviceSubnet} ${FOUND}`,
    '',
  ].join('\n');
  return [
    { kind: 'directory', path: STATE, mode: 0o700 },
    { kind: 'file', path: SCRIPT, content: templateText('kubelet-address.sh'), mode: 0o700 },
    { kind: 'file', path: DROP_IN, content: text, mode: 0o644 },
  ];
}
