import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import type { Change } from '../engine/change';
import { step, type Step } from '../engine/step';
import { apiEndpoint } from '../kubernetes/endpoint';
import { kubeconfigTemplate } from '../kubernetes/kubeconfig';
import { toYaml } from '../kubernetes/yaml';
import { ADMINISTRATOR_NAME } from './administrator-certificate';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { ADMIN_KUBECONFIG, ADMINISTRATOR, CLUSTER_CA } from './paths';

interface Observed {
  /** A kubeconfig of another cluster stands in the place of ours. */
  readonly foreign: boolean;
  readonly found: ObservedDesired;
}

/** root's kubeconfig, so that kubectl works on the master without a flag. */
export function administrator(settings: Settings, master: Master, after: readonly string[]): Step {
  const template = toYaml(kubeconfigTemplate(ADMINISTRATOR_NAME, apiEndpoint(settings, master)));
  const file = (path: string, secret: boolean) => ({ path, encoding: 'base64', secret }) as const;
  const desired: readonly Desired[] = [
    {
      kind: 'file',
      path: ADMIN_KUBECONFIG,
      content: {
        template,
        files: {
          ca: file(CLUSTER_CA.certPath, false),
          certificate: file(ADMINISTRATOR.certPath, false),
          key: file(ADMINISTRATOR.keyPath, true),
        },
      },
      mode: 0o600,
    },
  ];
  return step<Observed>({
    id: 'administrator',
    title: "Write the administrator's kubeconfig",
    after,
    probe: async host => {
      const text = (await host.read(ADMIN_KUBECONFIG))?.toString('utf8');
      const foreign = text !== undefined && !text.includes(`current-context: ${CONTEXT}`);
      return { foreign, found: await observe(host, desired) };
    },
    plan: ({ foreign, found }) => [...(foreign ? [keepForeign] : []), ...difference(desired, found)],
  });
}

const CONTEXT = `${ADMINISTRATOR_NAME}@kubernetes`;

const keepForeign: Change = {
  kind: 'run',
  title: `Keep the kubeconfig that is there as ${ADMIN_KUBECONFIG}.before-kube-el7-install`,
  command: {
    file: 'cp',
    args: ['--preserve=mode', ADMIN_KUBECONFIG, `${ADMIN_KUBECONFIG}.before-kube-el7-install`],
  },
  timeoutMs: 10_000,
  undo: [{ kind: 'paths', paths: [`${ADMIN_KUBECONFIG}.before-kube-el7-install`] }],
};
