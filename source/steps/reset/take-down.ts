import type { Settings } from '../../variables/settings';
import { etcdctl } from '../etcdctl';
import { clearState } from './clear';
import { etcdData } from './etcd-data';
import { keepEtcd } from './keep-etcd';
import { keepFiles } from './keep-files';
import { beginKeeping, type Keeping } from './kept';
import { kubeadmReset } from './kubeadm-reset';
import { leaveEtcd } from './leave-etcd';
import { deleteNode, waitAgain } from './leave-node';
import { podNetwork } from './network';
import { departureOf, type Place } from './place';
import type { Outline } from './series';
import { startDocker } from './start-docker';
import { stopKeepalived, stopKubelet } from './stop';

/** How a host leaves its cluster: what is kept is kept first, then it is taken out of what the others have, then all of it here goes. */
export function takeDown(
  settings: Settings,
  place: Place,
  keeping: Keeping,
  purpose: string,
): readonly Outline[] {
  const { own, others, role, etcdImage } = place;
  const leaves = !keeping.left && departureOf(place).kind === 'leaves';
  const saves = keeping.keeps && role === 'master';
  const withImage = { ...settings, images: { ...settings.images, etcd: etcdImage } };
  const asksEtcd = etcdImage !== '' && (leaves || saves);
  return [
    {
      id: 'keep',
      title: 'Keep',
      steps: [
        () => beginKeeping(keeping, purpose),
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
          ? [after => leaveEtcd(keeping, place, after), after => waitAgain(own, after)]
          : [],
    },
    {
      id: 'take-down',
      title: 'Take down',
      steps: [
        stopKubelet,
        stopKeepalived,
        ...(others.length === 0 ? [] : [(after: readonly string[]) => deleteNode(own, after)]),
        kubeadmReset,
        after => etcdData(keeping, after),
        after => podNetwork(settings, after),
        clearState,
      ],
    },
  ];
}
