import { Failure } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { kindsOf, parseAlarms, type EtcdAlarm } from '../kubernetes/etcd-alarms';
import { memberOf } from '../kubernetes/etcd-cluster';
import { listed } from '../engine/words';
import type { Master } from '../variables/master';
import { etcdRequest, type EtcdAccess } from './access';
import type { EtcdView } from './etcd-view';

/** Where etcd's JSON gateway has its alarms: from 3.4 on, and in 3.3. */
const GATEWAYS = ['v3', 'v3beta'] as const;

/** etcd's alarms by the first master that tells them; undefined where none does. The client port is asked: a quorum must agree. */
export async function askAlarms(
  host: HostReader,
  masters: readonly Master[],
  access: EtcdAccess,
): Promise<readonly EtcdAlarm[] | undefined> {
  for (const { address } of masters) {
    for (const gateway of GATEWAYS) {
      const request = etcdRequest(address, `/${gateway}/maintenance/alarm`, { port: 'clients', access });
      const answer = await host.request({ ...request, method: 'POST', body: '{"action":"GET"}' });
      if ('error' in answer) break;
      const alarms = answer.status === 200 ? parseAlarms(answer.body) : undefined;
      if (alarms !== undefined) return alarms;
    }
  }
  return undefined;
}

/** Alarms, and who is a member, as far as that is known. */
type Alarmed = Pick<EtcdView, 'alarms'> & { readonly members?: EtcdView['members'] | undefined };

/** "NOSPACE (master1), CORRUPT (master2)": each alarm with the member that it is about. */
function alarmsText({ alarms, members = [] }: Alarmed, all: readonly Master[]): string {
  const nameOf = (id: string): string =>
    all.find(master => memberOf(members, master)?.id === id)?.hostname ??
    members.find(member => member.id === id)?.name ??
    (id === '0' ? 'of no member by name' : `member ${id}`);
  const parts = kindsOf(alarms).map(kind => {
    const names = alarms.filter(alarm => alarm.kind === kind).map(({ member }) => nameOf(member));
    return `${kind} (${listed([...new Set(names)])})`;
  });
  return parts.join(', ');
}

/** What an alarm means for who wants to write. */
function alarmMeaning(alarms: readonly EtcdAlarm[]): string {
  const kinds = kindsOf(alarms);
  const meanings = kinds.map(
    kind =>
      ({ NOSPACE: 'its database is full', CORRUPT: "members' data differ" })[kind] ??
      `${kind} is unknown here`,
  );
  return `${listed(meanings)}, so nothing can be written`;
}

/** What clears it. */
const CLEAR_ALARM =
  'See `kube-el7-install readd-member --plan` on a master, and clear it with `kube-el7-install readd-member`. Then run again.';

/** Refuses to change etcd's members while an alarm is raised: nothing can be written then, and their data may differ. */
export function refuseAlarms(view: EtcdView, all: readonly Master[]): void {
  if (view.alarms.length === 0) return;
  throw new Failure(alarmReport(view, all));
}

/** The report on an alarm that is in the way. */
export function alarmReport(view: Alarmed, all: readonly Master[]): ConstructorParameters<typeof Failure>[0] {
  return {
    code: 'etcd-alarm',
    message: `etcd has an alarm, ${alarmsText(view, all)}: ${alarmMeaning(view.alarms)}. Its members are not changed in that state.`,
    hint: CLEAR_ALARM,
  };
}
