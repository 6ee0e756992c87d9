import { difference, observe } from '../../changes/desired';
import type { Desired, ObservedDesired } from '../../changes/desired';
import { variablesView, withView } from '../../disclosure/files';
import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import type { Settings } from '../../variables/settings';
import { readText } from './ask';
import { ACCOUNTING_TEXT } from './docker-configuration';
import { readDockerInfo } from './docker-info';
import { kubeletAddress } from './kubelet-address';
import { readUnit } from './units';
import type { Unit } from './units';
import {
  COMMENTS,
  SYSCONFIG,
  cgroupDriverOf,
  openQuote,
  readFlags,
  refusal,
  withArguments,
} from './kubelet-arguments';
import { kubeletRefusal } from './kubelet-refusal';
import { isAws } from './platform';

const DROP_IN = '/etc/systemd/system/kubelet.service.d/10-kube-el7-install.conf';
const NO_METADATA = '/etc/systemd/system/kubelet.service.d/10-kube-el7-install-no-metadata.conf';

/** Up to 1.26 the kubelet looks for credentials of AWS's registry before it starts, and outside of AWS waits six seconds for an answer that does not come (aws-sdk-go, ec2metadata). */
const NO_METADATA_TEXT = '[Service]\nEnvironment=AWS_EC2_METADATA_DISABLED=true\n';

interface Observed {
  readonly unit: Unit;
  /** The running kubelet's arguments; [] where none runs, or one that kubeadm's own unit did not start. */
  readonly running: readonly string[];
  readonly wanted: readonly string[];
  readonly desired: readonly Desired[];
  readonly files: ObservedDesired;
}

/**
 * What must hold on every node before it joins, in the form of kubelet 1.11 and later: KUBELET_EXTRA_ARGS in the RPM's /etc/sysconfig/kubelet, which stands last on the kubelet's command line and so wins over kubeadm's flags and the cluster's KubeletConfiguration.
 * Cluster DNS is the cluster's, and comes to each node with that KubeletConfiguration. Only enabled here: without a configuration from kubeadm it would start in vain.
 */
export function kubelet(settings: Settings, after: readonly string[]): Step {
  return step<Observed>({
    id: 'kubelet',
    title: 'Configure the kubelet',
    after,
    probe: async host => {
      const text = await readText(host, SYSCONFIG);
      // A docker that is stopped keeps the driver that it had when the file was written.
      const driver = (await readDockerInfo(host))?.cgroupDriver ?? cgroupDriverOf(text);
      const wanted = wantedArguments(settings, driver);
      const content = withArguments(text, wanted, driver !== undefined);
      if (content === undefined) throw openQuote();
      const reason = await kubeletRefusal(host, settings.kubeVersion, readFlags(content) ?? []);
      if (reason !== undefined) throw refusal(settings.kubeVersion, reason);
      const desired: readonly Desired[] = [
        {
          kind: 'file',
          path: SYSCONFIG,
          content: withView(content, text => variablesView(text, COMMENTS)),
          mode: 0o644,
        },
        { kind: 'file', path: DROP_IN, content: ACCOUNTING_TEXT, mode: 0o644 },
        ...kubeletAddress(settings),
        (await isAws(host))
          ? { kind: 'absent', path: NO_METADATA }
          : { kind: 'file', path: NO_METADATA, content: NO_METADATA_TEXT, mode: 0o644 },
      ];
      const unit = await readUnit(host, 'kubelet.service');
      return {
        unit,
        running: await runningArguments(host, unit.pid),
        wanted,
        desired,
        files: await observe(host, desired),
      };
    },
    plan,
  });
}

function plan({ unit, running, wanted, desired, files }: Observed): readonly Change[] {
  const changes: Change[] = [...difference(desired, files)];
  if (changes.some(change => 'path' in change && change.path !== SYSCONFIG)) {
    changes.push({ kind: 'service', unit: 'kubelet.service', action: 'reload-units' });
  }
  if (unit.file !== 'enabled') changes.push({ kind: 'service', unit: 'kubelet.service', action: 'enable' });
  if (running.length > 0 && !wanted.every(argument => running.includes(argument))) {
    changes.push({ kind: 'service', unit: 'kubelet.service', action: 'restart' });
  }
  return changes;
}

/** The flags that are the installer's. */
export function wantedArguments(settings: Settings, cgroupDriver: string | undefined): readonly string[] {
  return [
    `--pod-infra-container-image=${settings.images.pause}`,
    ...(settings.systemReserved === '' ? [] : [`--system-reserved=${settings.systemReserved}`]),
    ...(cgroupDriver === undefined ? [] : [`--cgroup-driver=${cgroupDriver}`]),
  ];
}

/** Another start of the kubelet, such as the one that runs etcd before kubeadm, has arguments of its own and is not judged. */
async function runningArguments(host: HostReader, pid: number): Promise<readonly string[]> {
  if (pid === 0) return [];
  const found = (await readText(host, `/proc/${pid}/cmdline`))
    .split('\0')
    .filter(argument => argument !== '');
  return found.includes('--config=/var/lib/kubelet/config.yaml') ? found : [];
}
