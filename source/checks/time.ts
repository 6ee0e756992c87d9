import type { Check } from '../engine/check';
import { ask } from '../steps/prepare/ask';
import { ok, warning } from './finding';

/** chrony's name for a reference that is the host's own clock. */
const OWN_CLOCK = '7F7F0101';

/** Certificates and leases go by the clock. The kernel's flag is asked first, as EL7's timedatectl shows it ("NTP synchronized") or a later one ("System clock synchronized"); then chronyd, which may keep the clock without setting the flag. */
export const time: Check = {
  id: 'time',
  title: 'Time',
  run: async host => {
    const { stdout } = await ask(host, 'timedatectl', []);
    if (/(?:NTP|System clock) synchronized: yes/.test(stdout)) return [ok('the clock is synchronized')];
    const chrony = await ask(host, 'chronyc', ['-n', 'tracking']);
    const [, reference = ''] = /^Reference ID\s*:\s*(\S+)/m.exec(chrony.stdout) ?? [];
    if (chrony.code === 0 && /^Leap status\s*:\s*Normal/m.test(chrony.stdout)) {
      return [
        ok(
          reference === OWN_CLOCK
            ? 'chronyd keeps the time by its own clock, as its configuration says'
            : 'chronyd keeps the clock synchronized',
        ),
      ];
    }
    const said = chrony.code === 127 ? '' : ` (chronyc: ${firstLine(chrony.stdout + chrony.stderr)})`;
    return [
      warning(
        `the clock is not synchronized${said}; hosts whose clocks differ refuse one another's certificates`,
        'systemctl enable --now chronyd, with servers in /etc/chrony.conf that this host can reach.',
      ),
    ];
  },
};

function firstLine(text: string): string {
  return /^Leap status\s*:.*$/m.exec(text)?.[0] ?? text.trim().split('\n')[0] ?? '';
}
