import { departureOf } from '../../cluster/departure';
import type { Place } from '../../cluster/place';
import type { Role } from '../../cluster/role';
import type { Settings } from '../../variables/settings';
import { etcdctl } from '../etcdctl';
import { ETCD_DATA } from '../paths';
import { clearState } from './clear';
import { etcdData } from './etcd-data';
import { keepEtcd } from './keep-etcd';
import { keepFiles } from './keep-files';
import { beginKeeping, type Keeping } from './kept';
import { kubeadmReset } from './kubeadm-reset';
import { leaveEtcd } from './leave-etcd';
import { deleteNode, waitAgain } from './leave-node';
import { podNetwork, type Networks } from './network';
import type { Outline } from './series';
import { startDocker } from './start-docker';
import { handVipOver, stopKeepalived, stopKubelet } from './stop';

/** How a host leaves its cluster: what is kept is kept first, then it is taken out of what the others have, then all of it here goes. */
export function takeDown(
  settings: Settings,
  place: Place,
  keeping: Keeping,
  purpose: string,
): readonly Outline[] {
  const { own, others, role, external } = place;
  const data = keeping.data ?? dataOf(role);
  const etcdImage = role.etcd?.image ?? '';
  const leaves = !keeping.left && departureOf(place).kind === 'leaves';
  const saves = keeping.keeps && role.kind === 'master';
  const withImage = { ...settings, images: { ...settings.images, etcd: etcdImage } };
  const asksEtcd = etcdImage !== '' && (leaves || saves);
  return [
    {
      id: 'keep',
      title: 'Keep',
      steps: [
        () => beginKeeping(keeping, purpose, data),
        startDocker,
        ...(asksEtcd ? [(after: readonly string[]) => etcdctl(withImage, after)] : []),
        ...(asksEtcd && saves ? [(after: readonly string[]) => keepEtcd(keeping, place, after)] : []),
        ...(keeping.keeps ? [(after: readonly string[]) => keepFiles(keeping, after)] : []),
      ],
    },
    {
      id: 'leave',
      title: 'Leave the cluster',
      // An etcd that has just begun ends when it is told to wait, so that it leaves first.
      steps:
        leaves || keeping.left
          ? [handVipOver, after => leaveEtcd(keeping, place, after), after => waitAgain(own, after)]
          : [],
    },
    {
      id: 'take-down',
      title: 'Take down',
      steps: [
        stopKubelet,
        stopKeepalived,
        ...(others.length === 0 && external.length === 0
          ? []
          : [(after: readonly string[]) => deleteNode(own, after)]),
        after => kubeadmReset(role, after),
        ...(data === undefined ? [] : [(after: readonly string[]) => etcdData(keeping, data, after)]),
        after => podNetwork(networksOf(settings, role), after),
        clearState,
      ],
    },
  ];
}

/** Where the data is of the etcd that goes; what another one has on this host stays where it is. */
function dataOf({ kind, maker, etcd, data, strays }: Role): string | undefined {
  if (kind !== 'master' && kind !== 'begun') return undefined;
  if (maker !== 'ours') return etcd?.dataDirectory ?? data?.directory;
  return strays.some(({ directory }) => directory === ETCD_DATA) ? undefined : ETCD_DATA;
}

/** What another tool's cluster has for its pods is known only where it says so. */
function networksOf({ podSubnet, serviceSubnet }: Settings, role: Role): Networks {
  const told = role.podSubnet === undefined ? {} : { podSubnet: role.podSubnet };
  return role.maker === 'other' ? told : { podSubnet, serviceSubnet, ...told };
}
