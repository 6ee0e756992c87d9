import type { MemberStatus } from '../engine/event';
import type { HostReader } from '../engine/host';
import { fullnessText, isNearlyFull } from '../kubernetes/etcd-alarms';
import { statusOf } from '../observers/etcd-members';
import { NEARLY_FULL } from '../recovery/verdict-parts';
import { readRecord } from '../recovery/record';
import { alarmReport } from '../steps/etcd-alarms';
import { etcdView } from '../steps/etcd-view';

/** etcd's members at this moment, as a master sees them. */
export interface EtcdNow {
  readonly members: readonly MemberStatus[];
  /** What somebody should do something about: an alarm, or a quota that is nearly used up. */
  readonly notes: readonly string[];
}

/** Asks etcd's members how they are; undefined where this host is no master that knows them. Reads only. */
export async function etcdNow(host: HostReader): Promise<EtcdNow | undefined> {
  const record = await readRecord(host);
  if (record === undefined) return undefined;
  const { here, masters } = record;
  const order = [here, ...masters.filter(one => one !== here)];
  const view = await etcdView(host, order);
  const { message, hint = '' } = alarmReport(view, order);
  const full = [...view.answers].filter(([, answer]) => isNearlyFull(answer));
  const nearly = full.map(([name, answer]) => `${name}: ${fullnessText(answer)}`).join('; ');
  return {
    members: masters.map(master => statusOf(view, order, master)),
    notes: [
      ...(view.alarms.length === 0 ? [] : [message, hint]),
      ...(view.alarms.length > 0 || full.length === 0
        ? []
        : [`etcd's quota is nearly used up: ${nearly}.`, NEARLY_FULL]),
    ],
  };
}
