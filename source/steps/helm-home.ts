import { difference, observe, type Desired } from '../changes/desired';
import type { ObservedDesired } from '../changes/desired';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { fromYaml, toYaml } from '../kubernetes/yaml';
import type { Settings } from '../variables/settings';
import { HELM_HOME, TILLER_CA } from './paths';

const REPOSITORIES = `${HELM_HOME}/repository/repositories.yaml`;
const LOCAL_INDEX = `${HELM_HOME}/repository/local/index.yaml`;
/** A date is part of both formats and means nothing in them: a fixed one lets two runs write the same bytes. */
const GENERATED = '2020-01-01T00:00:00Z';

interface Observed {
  readonly desired: readonly Desired[];
  readonly found: ObservedDesired;
}

/** root's helm home, as `helm init --client-only` of helm 2 leaves it (cmd/helm/installer, pkg/helm/helmpath), ready for `helm --tls`. */
export function helmHome(settings: Settings, after: readonly string[]): Step {
  return step<Observed>({
    id: 'helm-home',
    title: "Make root's helm home",
    after,
    probe: async host => {
      const desired = await wanted(host, settings.helmRepository);
      return { desired, found: await observe(host, desired) };
    },
    plan: ({ desired, found }) => difference(desired, found),
  });
}

async function wanted(host: HostReader, helmRepository: string): Promise<readonly Desired[]> {
  const folders = ['repository/cache', 'repository/local', 'plugins', 'starters', 'cache/archive'];
  return [
    ...folders.map((name): Desired => ({ kind: 'directory', path: `${HELM_HOME}/${name}`, mode: 0o755 })),
    {
      kind: 'file',
      path: `${HELM_HOME}/ca.pem`,
      content: {
        template: '{{ca}}',
        files: { ca: { path: TILLER_CA.certPath, encoding: 'text', secret: false } },
      },
      mode: 0o644,
    },
    ...((await hasStable(host, helmRepository)) ? [] : [file(REPOSITORIES, repositories(helmRepository))]),
    // `helm serve` goes on from it: what is there is the operator's.
    ...((await host.stat(LOCAL_INDEX)) === undefined ? [file(LOCAL_INDEX, localIndex)] : []),
    { kind: 'link', path: `${HELM_HOME}/repository/cache/local-index.yaml`, target: LOCAL_INDEX },
  ];
}

function file(path: string, content: object): Desired {
  return { kind: 'file', path, content: toYaml(content), mode: 0o644 };
}

/** An operator adds repositories and helm rewrites the file: it is as it should be while stable is HELM_REPO. */
async function hasStable(host: HostReader, url: string): Promise<boolean> {
  const [document] = fromYaml((await host.read(REPOSITORIES))?.toString('utf8') ?? '') ?? [];
  const list = (
    document as { readonly repositories?: readonly Readonly<Record<string, unknown>>[] } | undefined
  )?.repositories;
  return list?.some(one => one['name'] === 'stable' && one['url'] === url) ?? false;
}

function repositories(url: string): object {
  const entry = (name: string, address: string): object => ({
    ...{ name, url: address, cache: `${HELM_HOME}/repository/cache/${name}-index.yaml` },
    ...{ caFile: '', certFile: '', keyFile: '', username: '', password: '' },
  });
  return {
    apiVersion: 'v1',
    generated: GENERATED,
    repositories: [entry('stable', url), entry('local', 'http://127.0.0.1:8879/charts')],
  };
}

const localIndex = { apiVersion: 'v1', entries: {}, generated: GENERATED };
