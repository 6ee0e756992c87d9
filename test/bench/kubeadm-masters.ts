import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { LabHost } from '../lab/lab';
import { accounted } from './accounted';
import type { Side } from './raising';

const LIMIT_MS = 15 * 60_000;
const beside = (name: string): string => fileURLToPath(new URL(`../lab/${name}`, import.meta.url));
const POD_SUBNET = '10.244.0.0/16';

/** How the other masters come: each when the one before it is there, or all at once as kubeadm allows since 1.15. */
type Joining = 'in turn' | 'at once';

/**
 * kubeadm's own init and join --control-plane, as an operator would who loses no time: the network is applied while
 * the second master joins.
 */
export function kubeadm(joining: Joining): Side {
  return {
    title: `kubeadm, joins ${joining}`,
    handsOver: 0,
    raise: async (lab, { masters: hosts, worker }, joins) => {
      const [first, ...others] = hosts;
      if (first === undefined) throw new Error('kubeadm needs a host');
      const registry = lab.registry.plain;
      const vip = lab.vip.address;
      const token = `${randomBytes(3).toString('hex')}.${randomBytes(8).toString('hex')}`;
      const run = (host: LabHost, words: readonly string[]): Promise<string> =>
        host.succeed(['bash', ...words].join(' '), { timeoutMs: LIMIT_MS });
      const words = ['bash /root/bare-ha.sh init', registry, lab.kubernetesVersion, vip, token];
      const { code, stdout, stderr, cpuSeconds } = await accounted(first, words.join(' '), LIMIT_MS);
      if (code !== 0) throw new Error(`kubeadm init ended with ${code}: ${stderr}`);
      const [key = '', hash = ''] = stdout.trim().split('\n').pop()?.split(' ') ?? [];
      joins();
      const node = worker.succeed(
        `kubeadm join ${vip}:6443 --token ${token} --discovery-token-ca-cert-hash ${hash}`,
        { timeoutMs: LIMIT_MS },
      );
      const network = run(first, ['/root/bare-flannel.sh', registry, POD_SUBNET]);
      const join = (host: LabHost): Promise<string> =>
        run(host, ['/root/bare-ha.sh join', registry, vip, token, key, hash]);
      if (joining === 'at once') await Promise.all(others.map(join));
      else for (const host of others) await join(host);
      await Promise.all([network, node]);
      return cpuSeconds;
    },
    putBack: async (lab, _, survivor, lost) => {
      const begun = Date.now();
      const command = `bash /root/bare-ha.sh forget ${lost.name}`;
      const said = await survivor.succeed(command, { timeoutMs: LIMIT_MS });
      const [token = '', key = '', hash = ''] = said.trim().split('\n').pop()?.split(' ') ?? [];
      const words = ['bash /root/bare-ha.sh join', lab.registry.plain, lab.vip.address, token, key, hash];
      await lost.succeed(words.join(' '), { timeoutMs: LIMIT_MS });
      return (Date.now() - begun) / 1000;
    },
  };
}

/** Puts the scripts on a host that runs. */
export async function placeScripts(host: LabHost): Promise<void> {
  for (const name of ['bare-ha.sh', 'bare-flannel.sh']) await host.copyIn(beside(name), '/root/');
}
