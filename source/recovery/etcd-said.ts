import type { HostReader } from '../engine/host';
import type { Node } from '../kubernetes/api';
import { isReady } from '../kubernetes/master-state';
import { staticPodOf } from '../kubernetes/names';
import { containerLog, newestContainer, podLog } from '../steps/container-log';
import type { MemberAnswer } from '../steps/etcd-answers';
import { etcdSaid, type EtcdSaid } from '../steps/etcd-words';
import type { Master } from '../variables/master';

const PODS = ['etcd-cluster', 'etcd-init'] as const;
const TAIL = 100;

/** Why a master's etcd does not run, in its own words: asked of docker on this host, and of the cluster for others. */
export async function etcdWords(
  host: HostReader,
  here: Master,
  { hostname }: Master,
  { answer, node }: { readonly answer: MemberAnswer; readonly node: Node | undefined },
): Promise<EtcdSaid | undefined> {
  if (answer.healthy) return undefined;
  if (hostname === here.hostname) return answer.roundTripMs === undefined ? ownWords(host) : undefined;
  if (node === undefined || !isReady(node)) return undefined;
  const logs = await Promise.all(PODS.map(pod => podLog(host, staticPodOf(pod, hostname), TAIL)));
  return logs.map(etcdSaid).find(said => said !== undefined);
}

/** One that runs is asked itself; what it said on its way is no reason why it does not. */
async function ownWords(host: HostReader): Promise<EtcdSaid | undefined> {
  for (const pod of PODS) {
    const found = await newestContainer(host, pod);
    if (found === undefined || !found.status.startsWith('Exited')) continue;
    const said = etcdSaid(await containerLog(host, found.id, TAIL));
    if (said !== undefined) return said;
  }
  return undefined;
}
