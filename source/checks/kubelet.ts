import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { readText } from '../steps/prepare/ask';
import { readDockerInfo } from '../steps/prepare/docker-info';
import { parseEnvironmentFile } from '../steps/prepare/environment-file';
import { NAME, SYSCONFIG, openQuote, readFlags, refusal } from '../steps/prepare/kubelet-arguments';
import type { Flag } from '../steps/prepare/kubelet-arguments';
import { wantedArguments } from '../steps/prepare/kubelet';
import { kubeletRefusal } from '../steps/prepare/kubelet-refusal';
import { cardOf } from '../variables/master';
import { assignedTo } from '../variables/own-address';
import type { Settings } from '../variables/settings';
import { fatal, ok, warning } from './finding';
import { judge } from './kubelet-flags';

/** What an operator gave the kubelet in /etc/sysconfig/kubelet: it is kept and wins over all else, so it must not contradict what the cluster needs. */
export function kubelet(settings: Settings): Check {
  return {
    id: 'kubelet',
    title: "The kubelet's flags",
    run: async host => {
      const text = await readText(host, SYSCONFIG);
      const flags = readFlags(text);
      if (flags === undefined) {
        const { message, hint = '' } = openQuote().report;
        return [...unread(text), fatal(message, hint)];
      }
      const wanted = wantedArguments(settings, (await readDockerInfo(host))?.cgroupDriver);
      const findings = [
        ...unread(text),
        ...replaced(flags, wanted),
        ...judge(flags, {
          settings,
          hostname: (await readText(host, '/proc/sys/kernel/hostname')).trim().toLowerCase(),
          addresses: (await assignedTo(host)).map(({ address }) => address),
          address: await knownBy(host, settings),
        }),
        ...(await refused(host, settings, flags)),
      ];
      if (findings.length > 0) return findings;
      const kept = flags.filter(({ name }) => !wanted.some(one => one.startsWith(`--${name}=`)));
      return [
        ok(
          kept.length === 0
            ? 'it is given none but those of the installer'
            : `kept from ${SYSCONFIG}: ${kept.map(({ name }) => `--${name}`).join(', ')}`,
        ),
      ];
    },
  };
}

async function knownBy(host: HostReader, settings: Settings): Promise<string | undefined> {
  const card = await cardOf(host, settings);
  return 'address' in card ? card.address : undefined;
}

/** Lines that look like settings and are none to systemd. */
function unread(text: string): readonly Finding[] {
  const all = parseEnvironmentFile(text);
  const findings = all
    .filter(({ name }) => name !== NAME && new RegExp(`(^|\\s)${NAME}$`).test(name))
    .map(({ name, line }) =>
      warning(
        `line ${line} of ${SYSCONFIG} begins with "${name}=", which systemd does not read: flags there have no effect`,
        `Write ${NAME}= at the beginning of the line, or remove it.`,
      ),
    );
  const several = all.filter(({ name }) => name === NAME);
  if (several.length < 2) return findings;
  return [
    ...findings,
    warning(
      `${SYSCONFIG} sets ${NAME} ${several.length} times (lines ${several.map(({ line }) => line).join(', ')}); only the last has an effect, and the others will be removed`,
      'Put into the last what is needed of the others.',
    ),
  ];
}

/** Flags that are the installer's, with another value. */
function replaced(flags: readonly Flag[], wanted: readonly string[]): readonly Finding[] {
  return flags.flatMap(({ name, value }) => {
    const ours = wanted.find(one => one.startsWith(`--${name}=`));
    if (ours === undefined || ours === `--${name}=${value}`) return [];
    return [
      warning(
        `${SYSCONFIG} has --${name}=${value}; it will be replaced by ${ours}`,
        name === 'cgroup-driver'
          ? "Nothing: the kubelet must use docker's. To have another, configure docker so."
          : 'Nothing, if that is meant; otherwise set it in the variables file.',
      ),
    ];
  });
}

async function refused(
  host: HostReader,
  settings: Settings,
  flags: readonly Flag[],
): Promise<readonly Finding[]> {
  const reason = await kubeletRefusal(host, settings.kubeVersion, flags);
  if (reason === undefined) return [];
  const { message, hint = '' } = refusal(settings.kubeVersion, reason).report;
  return [fatal(message, hint)];
}
