import type { Check } from '../engine/check';
import { ask } from '../steps/prepare/ask';
import { ok, warning } from './finding';

/** Certificates and leases go by the clock. EL7's timedatectl says "NTP synchronized", later ones "System clock synchronized". */
export const time: Check = {
  id: 'time',
  title: 'Time',
  run: async host => {
    const fix = 'systemctl enable --now chronyd, with servers in /etc/chrony.conf that this host can reach.';
    const { code, stdout } = await ask(host, 'timedatectl', []);
    const [, answer] = /(?:NTP|System clock) synchronized: (yes|no)/.exec(stdout) ?? [];
    if (answer === 'yes') return [ok('the clock is synchronized')];
    if (code === 0 && answer === 'no') {
      return [
        warning(
          "the clock is not synchronized; hosts whose clocks differ refuse one another's certificates",
          fix,
        ),
      ];
    }
    return [
      warning('whether the clock is synchronized could not be found out (timedatectl did not say)', fix),
    ];
  },
};
