import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { askApi } from '../../kubernetes/api';
import { MASTERS_DAEMON, MASTERS_SCRIPT } from '../../kubernetes/master-objects';
import { MASTERS_NAMESPACE } from '../../kubernetes/master-secret';
import { templateText } from '../../templates';
import { apiAccess } from '../access';
import { mastersDaemon } from '../masters-daemon';
import type { Readd } from './context';

const SCRIPT = `/api/v1/namespaces/${MASTERS_NAMESPACE}/configmaps/${MASTERS_DAEMON}`;
const DAEMON = `/apis/apps/v1/namespaces/${MASTERS_NAMESPACE}/daemonsets/${MASTERS_DAEMON}`;

interface Observed {
  readonly current: boolean;
  readonly whole: Step;
  readonly observed: unknown;
}

/**
 * The program that makes masters as this version has it, before any of them is told something: an earlier one does not understand
 * all of it. Where its script is this version's nothing is looked at any further; the images stay those that it runs with.
 */
export function readdProgram(readd: Readd, after: readonly string[]): Step {
  return step<Observed>({
    id: 'readd-program',
    title: 'Deploy the program that makes masters as this version has it',
    after,
    probe: async host => {
      const [current, whole] = await Promise.all([isCurrent(host, readd), asItRuns(host, readd)]);
      return { current, whole, observed: await whole.probe(host) };
    },
    plan: ({ current, whole, observed }) => (current ? [] : whole.plan(observed)),
  });
}

async function isCurrent(host: HostReader, { here }: Readd): Promise<boolean> {
  const answer = await askApi(host, apiAccess(here), SCRIPT);
  if (answer.kind !== 'found') return false;
  const { data } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  return data?.[MASTERS_SCRIPT] === templateText(MASTERS_SCRIPT);
}

type Containers = readonly { readonly name: string; readonly image?: string }[];

interface DaemonSet {
  readonly spec?: {
    readonly template?: {
      readonly spec?: { readonly initContainers?: Containers; readonly containers?: Containers };
    };
  };
}

async function asItRuns(host: HostReader, { settings, here }: Readd): Promise<Step> {
  const answer = await askApi(host, apiAccess(here), DAEMON);
  const { spec } = (answer.kind === 'found' ? answer.body : {}) as DaemonSet;
  const { initContainers = [], containers = [] } = spec?.template?.spec ?? {};
  const imageOf = (all: Containers, name: string, otherwise: string): string =>
    all.find(one => one.name === name)?.image ?? otherwise;
  const images = {
    ...settings.images,
    'kube-proxy': imageOf(containers, 'make-master', settings.images['kube-proxy']),
    etcd: imageOf(initContainers, 'etcd-image', settings.images.etcd),
  };
  return mastersDaemon({ ...settings, images }, here, []);
}
