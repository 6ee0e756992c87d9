import { difference, observe, type ObservedDesired } from '../changes/desired';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { askApi } from '../kubernetes/api';
import { kubectl, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import { hasAppliedCopy, pathOf } from '../kubernetes/objects';
import { tillerSecret } from '../kubernetes/tiller';
import { toYaml } from '../kubernetes/yaml';
import { apiAccess } from './access';
import { manifestFile, storeSecrets } from './manifest';
import type { Master } from '../variables/master';
import { TILLER_CA, TILLER_SERVER } from './paths';

const FILES = {
  'tls.crt': TILLER_SERVER.certPath,
  'tls.key': TILLER_SERVER.keyPath,
  'ca.crt': TILLER_CA.certPath,
} as const;
type Key = keyof typeof FILES;
const KEYS = Object.keys(FILES) as readonly Key[];

interface Observed {
  readonly file: ObservedDesired;
  /** How the Secret in the cluster compares with the files. */
  readonly live: 'same' | 'other' | 'copied' | 'absent';
}

/** The Secret that tiller reads its pair from. The key goes from file to file and through kubectl's file, never through an argument list. */
export function tillerSecretStep(master: Master, after: readonly string[]): Step {
  const template = tillerSecret({ 'tls.crt': '{{certificate}}', 'tls.key': '{{key}}', 'ca.crt': '{{ca}}' });
  const place = (path: string, secret: boolean) => ({ path, encoding: 'base64', secret }) as const;
  const file = manifestFile('tiller-secret', {
    template: toYaml(template),
    files: {
      certificate: place(FILES['tls.crt'], false),
      key: place(FILES['tls.key'], true),
      ca: place(FILES['ca.crt'], false),
    },
  });
  return step<Observed>({
    id: 'tiller-secret',
    title: "Store tiller's certificate in the cluster",
    after,
    probe: async host => ({
      file: await observe(host, [file]),
      live: await compare(host, master, pathOf(template)),
    }),
    plan: observed => {
      const changes = difference([file], observed.file);
      if (changes.length === 0 && observed.live === 'same') return [];
      // tiller reads its pair once, as it starts.
      const secret = { path: file.path, object: template, copied: observed.live === 'copied' };
      return [
        ...changes,
        ...storeSecrets('kubectl apply tiller-secret', 'tiller', [secret]),
        ...(observed.live === 'other' ? [restart] : []),
      ];
    },
  });
}

const restart = {
  kind: 'run',
  title: 'Start tiller anew with its new certificate',
  command: kubectl(
    'delete',
    'pods',
    '--namespace',
    'kube-system',
    '--selector',
    'app=helm,name=tiller',
    '--wait=false',
  ),
  timeoutMs: 60_000,
  again: WHILE_UNANSWERED,
} as const;

async function compare(host: HostReader, master: Master, path: string): Promise<Observed['live']> {
  const [answer, ...contents] = await Promise.all([
    askApi(host, apiAccess(master), path),
    ...KEYS.map(key => host.read(FILES[key])),
  ]);
  if (answer.kind !== 'found') return 'absent';
  const { data } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  if (hasAppliedCopy(answer.body)) return 'copied';
  const same = KEYS.every((key, index) => data?.[key] === contents[index]?.toString('base64'));
  return same ? 'same' : 'other';
}
