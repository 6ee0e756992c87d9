import { withView, yamlView } from '../../disclosure/files';
import type { Change } from '../../engine/change';
import type { FailureReport } from '../../engine/failure';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { kubeletRuns } from '../../steps/kubelet-runs';
import type { ClusterRecord } from '../record';
import { isInPlace, type Attempt } from './attempt';
import { company, refuseCompany, type Company } from './company';
import { CONTROL_PLANE, ETCD_MANIFESTS, HIDDEN, kindOf, textOf, waitingText, type Kind } from './manifests';

/** A kubelet goes on with the pod of a manifest that it no longer understands for up to twenty seconds, and gives the apiserver half a minute to end. */
const ENDED_MS = 10 * 60_000;

/** Whether somebody listens for etcd's clients (094B), its peers (094C) or the API (192B). */
const NOBODY_LISTENS =
  '! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q ":\\(094B\\|094C\\|192B\\) [0:]* 0A"';

interface Observed {
  readonly company: Company;
  readonly inPlace: boolean;
  readonly etcd: readonly { readonly path: string; readonly kind: Kind }[];
  readonly controlPlane: readonly { readonly path: string; readonly text: string }[];
  readonly hidden: boolean;
  readonly listening: boolean;
  readonly kubelet: boolean;
}

/** Ends etcd and what lives on it. Nothing is lost by it, and where it stays so nothing else is. */
export function restoreStop(record: ClusterRecord, attempt: Attempt, after: readonly string[]): Step {
  return step<Observed>({
    id: 'restore-stop',
    title: 'End etcd and the control plane on this host',
    after,
    probe: host => look(host, record, attempt),
    plan: observed => {
      if (observed.inPlace) return [];
      const running = observed.etcd.filter(({ kind }) => kind === 'pod');
      // The last moment at which somebody who came back costs nothing.
      if (running.length > 0) refuseCompany(observed.company, record, true);
      const waits = observed.controlPlane.flatMap(({ path, text }): readonly Change[] =>
        kindOf(text) === 'pod'
          ? [{ kind: 'write', path, content: withView(waitingText(text), yamlView), mode: 0o600 }]
          : [],
      );
      const hide = running.map(({ path }): Change => hidden(path));
      if (waits.length === 0 && hide.length === 0 && !observed.listening) return [];
      return [
        ...waits,
        ...hide,
        ...(observed.kubelet
          ? []
          : [{ kind: 'service', unit: 'kubelet.service', action: 'start' } satisfies Change]),
        {
          kind: 'await',
          condition: {
            kind: 'command',
            title: 'etcd and the apiserver on this host have ended',
            command: { file: 'sh', args: ['-c', NOBODY_LISTENS] },
          },
          timeoutMs: ENDED_MS,
        },
      ];
    },
    diagnose: (_, failure) => Promise.resolve(explained(failure)),
  });
}

async function look(host: HostReader, record: ClusterRecord, attempt: Attempt): Promise<Observed> {
  const [etcd, controlPlane, hiddenFile, ports, kubelet] = await Promise.all([
    Promise.all(ETCD_MANIFESTS.map(async path => ({ path, kind: kindOf(await textOf(host, path)) }))),
    Promise.all(CONTROL_PLANE.map(async path => ({ path, text: (await textOf(host, path)) ?? '' }))),
    host.stat(HIDDEN),
    host.query({ file: 'sh', args: ['-c', NOBODY_LISTENS] }),
    kubeletRuns(host),
  ]);
  return {
    company: await company(host, record),
    inPlace: await isInPlace(host, attempt.id),
    etcd,
    controlPlane,
    hidden: hiddenFile !== undefined,
    listening: ports.code !== 0,
    kubelet,
  };
}

/** One rename: the program that makes masters sees the manifest, or that it is hidden, and never neither. */
function hidden(path: string): Change {
  return {
    kind: 'run',
    title: `Hide ${path} from the kubelet`,
    command: { file: 'mv', args: ['-f', '-T', path, HIDDEN] },
    timeoutMs: 30_000,
  };
}

function explained(failure: FailureReport): FailureReport {
  if (failure.code !== 'timed-out') return failure;
  return {
    ...failure,
    hint: 'See whether the kubelet runs (`systemctl status kubelet`) and which containers are left (`docker ps`), then run it again. Nothing was changed but the manifests, which wait.',
  };
}
