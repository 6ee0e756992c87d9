import { Failure } from '../../engine/failure';
import type { HostReader } from '../../engine/host';
import { ETCD_HEALTHY, etcdRequest } from '../../steps/access';
import type { ClusterRecord } from '../record';

/** Who speaks for the cluster that is taken for lost. */
export interface Company {
  /** Other masters at whose peer port somebody answers. */
  readonly answering: readonly string[];
  /** This host's own etcd has a leader, and a quorum agrees with it. */
  readonly healthy: boolean;
}

/** What the network says where nobody is there. Anything else, a certificate that is refused for one, was said by somebody. */
const NOBODY = /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT|ECONNRESET|no answer/;

/** Asks every other master's peer port, and this host's own etcd. */
export async function company(host: HostReader, { here, masters }: ClusterRecord): Promise<Company> {
  const others = masters.filter(({ hostname }) => hostname !== here.hostname);
  const [answers, health] = await Promise.all([
    Promise.all(
      others.map(async ({ hostname, address }) => {
        const answer = await host.request(etcdRequest(address, '/members', { port: 'peers' }));
        return 'error' in answer && NOBODY.test(answer.error) ? [] : [hostname];
      }),
    ),
    host.request(etcdRequest(here.address, '/health')),
  ]);
  const healthy = 'status' in health && health.status === 200 && new RegExp(ETCD_HEALTHY).test(health.body);
  return { answering: answers.flat(), healthy };
}

/** A restore makes a second cluster of it where the first one still lives. */
export function refuseCompany(
  { answering, healthy }: Company,
  { here }: ClusterRecord,
  begun: boolean,
): void {
  if (healthy) {
    throw new Failure({
      code: 'quorum-not-lost',
      message: `etcd on ${here.hostname} is healthy: it has a quorum, so nothing has to be restored.`,
      hint: 'For masters that are gone while the others go on there is `kube-el7-install readd-member`.',
    });
  }
  if (answering.length === 0) return;
  const names = answering.join(' and ');
  throw new Failure({
    code: 'quorum-not-lost',
    message: `Somebody answers at etcd's peer port on ${names}, so the quorum may come back by itself, and with a restore there would be two clusters.`,
    hint: begun
      ? 'Nothing was replaced yet: give the restore up with `kube-el7-install readd-member` here. What was hidden is put back, and etcd here goes on with the others.'
      : `See what etcd there says, and bring it up if that is possible: then nothing is lost. Only if its data cannot be saved there, end etcd on ${names} for good, and run this again.`,
  });
}
