import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { askApi } from '../kubernetes/api';
import { MASTERS_DAEMON, MASTERS_SCRIPT } from '../kubernetes/master-objects';
import { MASTERS_NAMESPACE } from '../kubernetes/master-secret';
import { templateText } from '../templates';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { mastersDaemon } from './masters-daemon';

const SCRIPT = `/api/v1/namespaces/${MASTERS_NAMESPACE}/configmaps/${MASTERS_DAEMON}`;
const DAEMON = `/apis/apps/v1/namespaces/${MASTERS_NAMESPACE}/daemonsets/${MASTERS_DAEMON}`;

/**
 * What it takes until the program that makes masters is this version's, in a cluster that has Secrets for them: an earlier one does not
 * understand all that they are told. Where it is there with this version's script, nothing is looked at any further; the images stay those that it runs with.
 */
export async function mastersCurrent(
  host: HostReader,
  settings: Settings,
  here: Master,
): Promise<readonly Change[]> {
  const [script, daemon] = await Promise.all(
    [SCRIPT, DAEMON].map(path => askApi(host, apiAccess(here), path)),
  );
  const found = daemon?.kind === 'found' ? (daemon.body as DaemonSet) : undefined;
  if (found !== undefined && script?.kind === 'found' && scriptIn(script.body)) return [];
  const { initContainers = [], containers = [] } = found?.spec?.template?.spec ?? {};
  const images = {
    ...settings.images,
    'kube-proxy': imageOf(containers, 'make-master') ?? settings.images['kube-proxy'],
    etcd: imageOf(initContainers, 'etcd-image') ?? settings.images.etcd,
  };
  const deploy = mastersDaemon({ ...settings, images }, here, []);
  return deploy.plan(await deploy.probe(host));
}

type Containers = readonly { readonly name: string; readonly image?: string }[];

interface DaemonSet {
  readonly spec?: {
    readonly template?: {
      readonly spec?: { readonly initContainers?: Containers; readonly containers?: Containers };
    };
  };
}

function imageOf(all: Containers, name: string): string | undefined {
  return all.find(one => one.name === name)?.image;
}

function scriptIn(body: unknown): boolean {
  const { data } = body as { readonly data?: Readonly<Record<string, string>> };
  return data?.[MASTERS_SCRIPT] === templateText(MASTERS_SCRIPT);
}
