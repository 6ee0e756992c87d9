import type { Check } from '../engine/check';
import { missingRules } from '../steps/prepare/firewalld';
import { readFirewall } from '../steps/prepare/firewalld-zones';
import { readUnit } from '../steps/prepare/units';
import type { Settings } from '../variables/settings';
import { ok, warning } from './finding';

/** What of the host's firewall the installer will open, and what it leaves to the operator: only firewalld is changed. */
export function firewall(settings: Settings): Check {
  return {
    id: 'firewall',
    title: 'Firewall',
    run: async host => {
      const firewalld = await readUnit(host, 'firewalld.service');
      const iptables = await readUnit(host, 'iptables.service');
      if (iptables.active === 'active') {
        return [
          warning(
            'iptables.service is active with rules of its own, which the installer does not change',
            `Make sure that it lets in TCP 6443, 10250, 2379-2381, UDP 8472 and IP protocol 112 from the other hosts, and forwards ${settings.podSubnet}.`,
          ),
        ];
      }
      if (firewalld.active === 'active') {
        const missing = missingRules(settings, await readFirewall(host, settings));
        if (missing.length === 0) return [ok('firewalld is active, and all that is needed is open')];
        return [
          warning(
            `firewalld is active; it will be told to let through ${[...new Set(missing.map(rule => rule.opens))].join(', ')}`,
            'Nothing, if that is allowed here. Otherwise do not install on this host.',
          ),
        ];
      }
      if (firewalld.file === 'enabled') {
        return [
          warning(
            'firewalld is stopped but starts at the next boot, and would then close the ports of the cluster',
            'systemctl start firewalld before installing, so that its ports are opened; or systemctl disable firewalld.',
          ),
        ];
      }
      return [ok('no firewall is active')];
    },
  };
}
