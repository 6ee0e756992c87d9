import type { Check, Finding } from '../engine/check';
import { readSelinux } from '../steps/prepare/selinux';
import { ok, warning } from './finding';

const ALLOWED = 'Nothing, if that is allowed here. Otherwise do not install on this host.';

/** SELinux will be set permissive, which an operator ought to know before. */
export const selinux: Check = {
  id: 'selinux',
  title: 'SELinux',
  run: async host => {
    const { mode, atBoot, kernel } = await readSelinux(host);
    if (mode === undefined) return [ok('no SELinux on this host')];
    const findings: Finding[] = [];
    if (mode === 'Enforcing') {
      findings.push(
        warning('SELinux is enforcing; it will be set permissive, now and in /etc/selinux/config', ALLOWED),
      );
    } else if (atBoot === 'enforcing' && kernel !== 'selinux=0') {
      findings.push(
        warning(
          `SELinux is ${mode.toLowerCase()} now and enforcing at the next boot; /etc/selinux/config will be set to permissive`,
          ALLOWED,
        ),
      );
    }
    if (kernel === 'enforcing=1' && atBoot !== 'disabled') {
      findings.push(
        warning(
          'the kernel is started with enforcing=1, which wins over /etc/selinux/config: SELinux is enforcing again after the next boot',
          'grubby --update-kernel=ALL --remove-args=enforcing, and take it out of GRUB_CMDLINE_LINUX in /etc/default/grub.',
        ),
      );
    }
    return findings.length > 0 ? findings : [ok(`SELinux is ${mode.toLowerCase()}`)];
  },
};
