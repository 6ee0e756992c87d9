import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../lab/lab';
import type { LabHost } from '../lab/lab';
import { installerDirectory } from '../lab/installer';
import { accounted } from './accounted';
import type { Side } from './raising';

const LIMIT_MS = 15 * 60_000;
/** Where the installer puts the whole join command, on the master that it runs on. */
const JOIN_COMMAND = 'var/lib/kube-el7-install/join-worker';

/** The join command as soon as it is there, read from the disk from outside. */
function joinCommand(first: LabHost): Promise<string> {
  const path = join(first.rootPath, JOIN_COMMAND);
  return until('the join command', LIMIT_MS, () => {
    if (!existsSync(path)) throw new Error(`${first.name} has no /${JOIN_COMMAND}`);
    return readFileSync(path, 'utf8').trim();
  });
}

/** The installer with --yes; its events go to `tell` at the end. The other masters join, all at once, as soon as there is a command to join with. */
export function installer(tell: (events: string) => void): Side {
  return {
    title: 'kube-el7-install',
    // The swap of the first member of etcd hands the VIP over before it begins.
    handsOver: 1,
    raise: async (lab, { masters: hosts, worker }, joins) => {
      const [first, ...others] = hosts;
      if (first === undefined) throw new Error('the installer needs a host');
      const masters = hosts.map(({ name }) => name).join(',');
      const words = `./kube-el7-install --yes --output json --vip ${lab.vip.address} --masters ${masters}`;
      const run = async (): Promise<number> => {
        const command = `cd ${installerDirectory} && ${words}`;
        const { code, stdout, stderr, cpuSeconds } = await accounted(first, command, LIMIT_MS);
        tell(stdout);
        if (code !== 0) throw new Error(`the installer ended with ${code}: ${stderr}`);
        return cpuSeconds;
      };
      const joining = async (): Promise<void> => {
        const command = await joinCommand(first);
        joins();
        await Promise.all([...others, worker].map(host => host.succeed(command, { timeoutMs: LIMIT_MS })));
      };
      const [cpuSeconds] = await Promise.all([run(), joining()]);
      return cpuSeconds;
    },
    putBack: async (_, { masters }, survivor, lost) => {
      const names = masters.map(({ name }) => name).join(' ');
      const command = `${installerDirectory}/kube-el7-install join-command`;
      await lost.succeed((await survivor.succeed(command)).trim(), { timeoutMs: LIMIT_MS });
      // An ordinary node by now: from here on it is what the operator has answered to.
      const begun = Date.now();
      await survivor.succeed(
        `cd ${installerDirectory} && ./kube-el7-install readd-member --yes --output json ${names}`,
        { timeoutMs: LIMIT_MS },
      );
      return (Date.now() - begun) / 1000;
    },
  };
}
