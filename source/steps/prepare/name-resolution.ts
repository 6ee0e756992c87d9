import { difference, observe, type Desired, type ObservedDesired } from '../../changes/desired';
import { namesView, withView } from '../../disclosure/files';
import { step, type Step } from '../../engine/step';
import { localhostFault } from '../../kubernetes/hosts-file';
import { readResolver, RESOLV_CONF } from '../../kubernetes/resolver';
import type { Settings } from '../../variables/settings';
import { readText } from './ask';

export const HOSTS = '/etc/hosts';
const LINE = '127.0.0.1 localhost\n';
const NO_SERVERS =
  '# Written by kube-el7-install: without this file the kubelet starts no pod. Put a line "nameserver ADDRESS" here.\n';

interface Observed {
  readonly desired: readonly Desired[];
  readonly found: ObservedDesired;
}

/** What every host has, and the kubelet ends without: a line for localhost, and a resolv.conf even where there is no DNS server. */
export function nameResolution({ clusterDns }: Settings): Step {
  return step<Observed>({
    id: 'name-resolution',
    title: 'See that localhost resolves',
    after: [],
    probe: async host => {
      const hosts = await readText(host, HOSTS);
      const { state, path } = await readResolver(host, clusterDns);
      const mode = (await host.stat(HOSTS))?.mode ?? 0o644;
      const desired: readonly Desired[] = [
        ...(localhostFault(hosts) === 'absent'
          ? [{ kind: 'file', path: HOSTS, content: withView(`${LINE}${hosts}`, namesView), mode } as const]
          : []),
        ...(state === 'absent' && path === RESOLV_CONF
          ? [{ kind: 'file', path: RESOLV_CONF, content: NO_SERVERS, mode: 0o644 } as const]
          : []),
      ];
      return { desired, found: await observe(host, desired) };
    },
    plan: ({ desired, found }) => difference(desired, found),
  });
}
