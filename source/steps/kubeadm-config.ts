import { runningVersions, versionRefusal, type Running } from '../cluster/control-plane-version';
import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import type { Composed } from '../engine/change';
import { Failure, type FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { allMasters } from '../kubernetes/endpoint';
import { kubeadmConfig, TOKEN_PLACE } from '../kubernetes/kubeadm-config';
import { OWN_ETCD } from '../kubernetes/own-etcd';
import type { Settings } from '../variables/settings';
import type { Master } from '../variables/master';
import { isFinished } from './finished';
import { BOOTSTRAP_TOKEN, KEPT_KUBEADM_CONFIG, KUBEADM_CONFIG } from './paths';
import { readDockerInfo } from './prepare/docker-info';

interface Observed {
  readonly desired: readonly Desired[];
  readonly found: ObservedDesired;
  /** Lines that are not in the configuration that the finished cluster was made with; [] while it is not finished. */
  readonly other: readonly string[];
  /** What a finished cluster's control plane runs as. */
  readonly running: readonly Running[];
}

/** The configuration that kubeadm reads, in a file that only root reads, since the token stands in it. */
export function kubeadmConfigFile(settings: Settings, master: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: 'kubeadm-config',
    title: "Write kubeadm's configuration",
    after,
    probe: async host => {
      const template = await configuration(host, settings, master);
      const desired: readonly Desired[] = [
        { kind: 'file', path: KUBEADM_CONFIG, content: composed(template), mode: 0o600 },
      ];
      const finished = await isFinished(host);
      // Beside its own, the one that all masters keep: that follows the cluster when a master moves.
      const kept = (await host.read(KEPT_KUBEADM_CONFIG))?.toString('utf8') ?? '';
      const own = (await host.read(KUBEADM_CONFIG))?.toString('utf8');
      const made = own === undefined ? undefined : `${own}\n${kept}`;
      const other = finished && made !== undefined ? otherLines(template, made) : [];
      const running = finished ? await runningVersions(host, allMasters(settings, master)) : [];
      return { desired, found: await observe(host, desired), other, running };
    },
    plan: ({ desired, found, other, running }) => {
      // Everything that writes a part of the control plane comes after this.
      const refusal = versionRefusal(settings.kubeVersion, running);
      if (refusal !== undefined) throw new Failure(refusal);
      const changes = difference(desired, found);
      if (changes.length > 0 && other.length > 0) throw new Failure(otherSettings(other));
      return changes;
    },
  });
}

/** EL7's docker uses systemd's driver; what a host says itself counts as soon as docker runs there. */
export async function cgroupDriver(host: HostReader): Promise<string> {
  return (await readDockerInfo(host))?.cgroupDriver ?? 'systemd';
}

async function configuration(host: HostReader, settings: Settings, master: Master): Promise<string> {
  return kubeadmConfig(settings, { ...master, cgroupDriver: await cgroupDriver(host) });
}

function composed(template: string): Composed {
  return { template, files: { [TOKEN_PLACE]: { path: BOOTSTRAP_TOKEN, encoding: 'text', secret: true } } };
}

function otherLines(template: string, made: string): readonly string[] {
  const had = new Set(made.split('\n'));
  const lines = template.split('\n');
  // Which member an apiserver asks is no setting: clusters that an earlier version made have a list of all members there.
  const told = (line: string): boolean => !line.includes(`{{${TOKEN_PLACE}}}`) && !line.includes(OWN_ETCD);
  return [
    ...lines.filter(line => !had.has(line) && told(line)),
    // These are only there where they are not the programs' own.
    ...[...had]
      .filter(line => /^ +leader-elect-/.test(line) && !lines.includes(line))
      .map(line => `without ${line.trim()}`),
  ];
}

function otherSettings(other: readonly string[]): FailureReport {
  return {
    code: 'other-settings',
    message:
      'This cluster was made with other settings than those given now, and a running cluster is not changed by installing again.',
    hint: `Give the settings that it was made with; they stand in ${KUBEADM_CONFIG}.`,
    seen: other.map(line => `given now: ${line.trim()}`),
  };
}
