import { kubeadmConfig } from '../../source/kubernetes/kubeadm-config';
import type { ClusterRecord } from '../../source/recovery/record';
import type { Master } from '../../source/variables/master';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf, type Shortened } from '../variables/told';

const MASTERS = [1, 2, 3, 4, 5].map(at => ({ hostname: `master${at}`, address: `10.0.0.${at}` }));

let settings: Settings;

/** Before all tests that ask for records. */
export async function recorded(): Promise<void> {
  settings = await settingsOf({ vip: '10.0.0.100', masters: 'master1,master2,master3' });
}

/** A record of so many masters as one of them has it. */
export function recordOf(count: number, place = 0): ClusterRecord {
  const masters = MASTERS.slice(0, count);
  const here = masters[place];
  if (here === undefined) throw new Error('no such master');
  return { settings: { ...settings, others: masters.filter(one => one !== here) }, here, masters };
}

/** kubeadm's configuration as an installation of those masters keeps it on each of them. */
export async function configurationOf(told: Shortened): Promise<string> {
  const [first] = MASTERS as [Master];
  const text = kubeadmConfig(await settingsOf(told), { ...first, cgroupDriver: 'cgroupfs' });
  return text.replace(/^bootstrapTokens:\n(?:[ -].*\n)*/m, '');
}
