import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { fullnessText, isNearlyFull } from '../kubernetes/etcd-alarms';
import { allMasters } from '../kubernetes/endpoint';
import { faultIn, type EtcdFault } from '../kubernetes/etcd-version';
import { NEARLY_FULL } from '../recovery/verdict-parts';
import { alarmReport } from '../steps/etcd-alarms';
import { dataFault, hasFinished } from '../steps/etcd-data';
import { etcdView } from '../steps/etcd-view';
import { ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST } from '../steps/paths';
import { readText } from '../steps/prepare/ask';
import { masterHere } from '../variables/master';
import type { Settings } from '../variables/settings';
import { fatal, ok, warning } from './finding';

/** The etcd that is installed, and the one that runs here already: known faults, alarms, and how full it is. */
export function etcd(settings: Settings): Check {
  return {
    id: 'etcd',
    title: 'etcd',
    run: async host => {
      const findings = [...(await faults(host, settings)), ...(await state(host, settings))];
      return findings.length > 0 ? findings : [ok(`${nameOf(settings.images.etcd)}: no fault is known`)];
    },
  };
}

async function faults(host: HostReader, settings: Settings): Promise<readonly Finding[]> {
  const told = faultIn(settings.images.etcd);
  const running = await runningImage(host);
  const runs = running === undefined ? undefined : faultIn(running);
  return [
    ...(told === undefined
      ? []
      : [
          warning(
            faultText(settings.images.etcd, told),
            `Leave ETCD_IMAGE out, or name an image of etcd ${told.fixedIn} or later with it; the registry must have that image.`,
          ),
        ]),
    ...(running === undefined || runs === undefined || running === settings.images.etcd
      ? []
      : [
          warning(
            `etcd runs here with ${faultText(running, runs)}`,
            `Change the image in ${ETCD_CLUSTER_MANIFEST} on one master after the other to ${settings.images.etcd}, each time once etcd on the last one is healthy. A single master's etcd is changed by this run.`,
          ),
        ]),
  ];
}

function faultText(image: string, { versions, what }: EtcdFault): string {
  return `${nameOf(image)}: in etcd ${versions} ${what}`;
}

/** "etcd:3.5.1-0" */
function nameOf(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1);
}

async function runningImage(host: HostReader): Promise<string | undefined> {
  for (const path of [ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST]) {
    const image = /^\s+image: *["']?([^"'\s]+)/m.exec(await readText(host, path))?.[1];
    if (image !== undefined) return image;
  }
  return undefined;
}

/** Nothing where etcd has not been begun here. */
async function state(host: HostReader, settings: Settings): Promise<readonly Finding[]> {
  if ((await runningImage(host)) === undefined && !(await hasFinished(host))) return [];
  const own = await masterHere(host, settings);
  const fault = await dataFault(host, own);
  if (fault !== undefined) return [fatal(fault.message, fault.hint ?? '')];
  const all = allMasters(settings, own);
  const view = await etcdView(host, all);
  const { message, hint = '' } = alarmReport(view, all);
  const full = [...view.answers].filter(([, answer]) => isNearlyFull(answer));
  return [
    ...(view.alarms.length === 0 ? [] : [fatal(message, hint)]),
    ...(view.alarms.length > 0 || full.length === 0
      ? []
      : [
          warning(
            `etcd's quota is nearly used up: ${full.map(([name, answer]) => `${name}: ${fullnessText(answer)}`).join('; ')}`,
            NEARLY_FULL,
          ),
        ]),
  ];
}
