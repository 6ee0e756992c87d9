import type { FailureReport } from '../../engine/failure';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { etcdPod } from '../../kubernetes/etcd-pod';
import { hasLearners, podFacts, WAITING_KIND } from '../../kubernetes/etcd-manifests';
import { attemptOf, masterSecret } from '../../kubernetes/master-secret';
import { withEtcdTimings } from '../../kubernetes/timings';
import { toYaml } from '../../kubernetes/yaml';
import { movedText } from '../../recovery/moved';
import { readStored, storedFor, type StoredMaster } from '../../recovery/stored';
import { apiAccess } from '../access';
import { etcdView, type EtcdView } from '../etcd-view';
import { KEEPALIVED_MANIFEST, KEPT_KUBEADM_CONFIG } from '../paths';
import type { Due, Readd } from './context';
import { isStored, movedChange, storeChange, type StoredChange } from './stored-change';

interface Observed {
  readonly stored: StoredMaster | undefined;
  readonly change: StoredChange;
}

/**
 * What a master that is put back is given: its files with its new address, and the manifest that its etcd starts with,
 * which names exactly those that are members by then. keepalived waits: it would not be heard by the others, which know
 * the old address, and take the VIP for itself. The record of the cluster comes last of all.
 */
export function readdStore(readd: Readd, due: Due, after: readonly string[]): Step {
  const { master, recorded } = due;
  const all = [...readd.steady, ...readd.away, ...readd.due.map(one => one.master)];
  return step<Observed>({
    id: `readd-store-${master.hostname}`,
    title: `Store what ${master.hostname} is to have`,
    after,
    probe: async host => {
      const [stored, view] = await Promise.all([
        storedFor(host, apiAccess(readd.here), master.hostname),
        etcdView(host, all),
      ]);
      const change = stored && (await changeOf(host, readd, due, stored, view));
      return { stored, change: change ?? NOTHING };
    },
    plan: ({ stored, change }) => {
      const begun = attemptOf(stored?.turn) !== undefined && stored?.address === master.address;
      if (stored === undefined || begun || isStored(stored, change)) return [];
      return storeChange(master, change);
    },
    diagnose: (host, failure) => withoutSecret(host, failure, readd, recorded.hostname),
  });
}

const NOTHING: StoredChange = { files: [], texts: {}, list: [], ready: true };

async function changeOf(
  host: HostReader,
  readd: Readd,
  due: Due,
  stored: StoredMaster,
  view: EtcdView,
): Promise<StoredChange> {
  const moved = await movedChange(
    host,
    stored,
    due.master,
    readd.moves,
    path => path !== KEPT_KUBEADM_CONFIG,
  );
  const first = stored.address !== due.master.address;
  const cluster = stored.values.get('etcd-cluster.yaml')?.toString('utf8') ?? '';
  return {
    ...moved,
    texts: {
      address: due.master.address,
      // The members' times may have been changed since it was stored.
      'etcd-cluster.yaml': withEtcdTimings(movedText(cluster, readd.moves), readd.settings.timings.etcd),
      'etcd-init.yaml': initManifest(readd, due, view),
    },
    list: first ? moved.list.filter(({ path }) => path !== KEEPALIVED_MANIFEST) : moved.list,
  };
}

/** As a new member of a cluster that is there (etcdserver/api/membership, ValidateClusterAndAssignIDs: the members must be just these). */
function initManifest({ settings, here, due: all }: Readd, due: Due, { members = [] }: EtcdView): string {
  const gone = new Set(all.map(({ outgoing }) => outgoing));
  const { hostname: name, address } = due.master;
  const url = `https://${address}:2380`;
  const others = members
    .filter(member => !gone.has(member.id) && !member.peerUrls.includes(url))
    .flatMap(member => {
      const at = /^https:\/\/([\d.]+):2380$/.exec(member.peerUrls[0] ?? '')?.[1];
      return at === undefined ? [] : [{ name: member.name, address: at }];
    });
  const pod = etcdPod({
    ...{ pod: 'etcd-init', name, address, image: settings.images.etcd, state: 'existing' },
    initialCluster: [...others, { name, address }],
    clients: 'itself',
    ...podFacts(settings),
    ...(hasLearners(settings) ? {} : { awaits: here.address }),
  });
  return toYaml({ ...pod, kind: WAITING_KIND });
}

async function withoutSecret(
  host: HostReader,
  failure: FailureReport,
  { here }: Readd,
  hostname: string,
): Promise<FailureReport> {
  const stored = await readStored(host, apiAccess(here), hostname);
  if (stored !== undefined) return failure;
  return {
    ...failure,
    message: `The cluster keeps nothing for ${hostname}, or does not tell: ${failure.message}`,
    hint: `See whether the API answers here, and whether \`kubectl get secret -n kube-system ${masterSecret(hostname)}\` has it.`,
  };
}
