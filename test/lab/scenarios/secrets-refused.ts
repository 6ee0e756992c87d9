import { expect } from 'vitest';
import { first } from './masters';
import type { Nodes } from './masters';
import { kubectl } from './support';

const namespace = 'kube-system';
const account = `system:serviceaccount:${namespace}:kube-el7-install-masters`;

/** Asserts that the Secrets that make masters are readable by their own service account, and by nobody who could have the credentials that a cluster hands out. */
export async function expectSecretsRefused(nodes: Nodes): Promise<void> {
  const master = first(nodes);
  const [worker] = nodes.workers;
  if (worker === undefined) throw new Error('it takes a worker to be refused');
  const names = nodes.masters.map(host => `kube-el7-install-master-${host.name}`);
  const there = await kubectl(master, `get secrets -n ${namespace} -o name`);
  for (const name of names) expect(there).toContain(`secret/${name}\n`);

  const server = (await worker.succeed("awk '/server:/ {print $2}' /etc/kubernetes/kubelet.conf")).trim();
  const joinCommand = await master.read('/var/lib/kube-el7-install/join-worker');
  const bootstrap = /--token (\S+)/.exec(joinCommand)?.[1] ?? '';
  const accounts = ['default', 'kube-proxy', 'flannel'];
  const tokens = await Promise.all(
    accounts.map(async name => {
      const secret = await kubectl(
        master,
        `get serviceaccount ${name} -n ${namespace} -o jsonpath='{.secrets[0].name}'`,
      );
      const encoded = await kubectl(
        master,
        `get secret ${secret} -n ${namespace} -o jsonpath='{.data.token}'`,
      );
      return Buffer.from(encoded, 'base64').toString('utf8');
    }),
  );
  // What is asked with a token is asked with nothing else: no kubeconfig, no certificate.
  const asToken = (token: string): string =>
    `--kubeconfig /dev/null --server ${server} --certificate-authority /etc/kubernetes/pki/ca.crt --token ${token}`;
  const asked = [
    ...[bootstrap, ...tokens].map(token => ({ host: worker, who: asToken(token) })),
    { host: worker, who: '--kubeconfig /etc/kubernetes/kubelet.conf' },
    ...nodes.masters.map(host => ({ host, who: '--kubeconfig /etc/kubernetes/kubelet.conf' })),
  ];
  for (const { host, who } of asked) {
    for (const what of [...names.map(name => `secret ${name}`), 'secrets']) {
      const answer = await host.run(`kubectl ${who} get ${what} -n ${namespace}`);
      expect(answer.stderr, `${host.name}: get ${what}`).toContain('(Forbidden)');
      expect(answer.code).not.toBe(0);
    }
  }

  const may = (who: string, what: string): Promise<string> =>
    master
      .run(`kubectl auth can-i get ${what} -n ${namespace} --as ${who}`)
      .then(({ stdout }) => stdout.trim().split(' ')[0] ?? '');
  for (const name of names) expect(await may(account, `secret/${name}`)).toBe('yes');
  expect(await may(account, 'secrets')).toBe('no');
  expect(await may(`system:node:${worker.name} --as-group system:nodes`, `secret/${names[0] ?? ''}`)).toBe(
    'no',
  );
}
