import {
  manifestVersion,
  newestOf,
  runningVersions,
  type Running,
} from '../../cluster/control-plane-version';
import { Failure, type FailureReport } from '../../engine/failure';
import { step, type Step } from '../../engine/step';
import { compareVersions } from '../../kubernetes/versions';
import { keyOf } from '../../kubernetes/master-files';
import { storedFor } from '../../recovery/stored';
import { apiAccess } from '../access';
import { STATIC_PODS } from '../paths';
import type { Readd } from './context';

const KEY = keyOf(`${STATIC_PODS}/kube-apiserver.yaml`);

interface Observed {
  readonly newest: Running | undefined;
  /** Of which version the apiserver is that is stored for each master. */
  readonly stored: readonly { readonly hostname: string; readonly version: string }[];
}

/** Before anything else: what is stored for masters is not older than what runs, as it is once `kubeadm upgrade` was run. It changes nothing. */
export function readdVersion(readd: Readd, after: readonly string[]): Step {
  const { here, steady, due } = readd;
  const masters = [...due.map(({ master }) => master), ...steady];
  return step<Observed>({
    id: 'readd-version',
    title: 'See that what is stored is as new as what runs',
    after,
    probe: async host => {
      const running = await runningVersions(host, steady);
      const stored = await Promise.all(
        masters.map(async ({ hostname }) => {
          const found = await storedFor(host, apiAccess(here), hostname);
          const text = found?.values.get(KEY)?.toString('utf8') ?? '';
          return { hostname, version: manifestVersion(text)?.replace(/^v/, '') ?? '' };
        }),
      );
      return { newest: newestOf(running), stored: stored.filter(({ version }) => version !== '') };
    },
    plan: ({ newest, stored }) => {
      const old = stored.filter(({ version }) => newest && compareVersions(version, newest.version) < 0);
      if (newest !== undefined && old.length > 0) throw new Failure(refusal(newest, old));
      return [];
    },
  });
}

function refusal(newest: Running, old: Observed['stored']): FailureReport {
  const names = old.map(({ hostname, version }) => `${hostname} (v${version})`).join(', ');
  return {
    code: 'older-than-running',
    message: `What is stored for ${names} is older than the control plane that runs, v${newest.version} (${newest.where}): an older one is not put beside it.`,
    hint: 'Nothing was changed. `kubeadm upgrade` does not refresh what is stored, and this program does not either. Put the control plane of the lost master back by hand, with `kubeadm join --control-plane` of the version that runs.',
  };
}
