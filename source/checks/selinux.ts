import type { Check } from '../engine/check';
import { readSelinux } from '../steps/prepare/selinux';
import { ok, warning } from './finding';

/** SELinux will be set permissive, which an operator ought to know before. */
export const selinux: Check = {
  id: 'selinux',
  title: 'SELinux',
  run: async host => {
    const { mode, config } = await readSelinux(host);
    if (mode === undefined) return [ok('no SELinux on this host')];
    if (mode === 'Enforcing') {
      return [
        warning(
          'SELinux is enforcing; it will be set permissive, now and in /etc/selinux/config',
          'Nothing, if that is allowed here. Otherwise do not install on this host.',
        ),
      ];
    }
    if (/^\s*SELINUX\s*=\s*enforcing\s*$/im.test(config ?? '')) {
      return [
        warning(
          `SELinux is ${mode.toLowerCase()} now and enforcing at the next boot; /etc/selinux/config will be set to permissive`,
          'Nothing, if that is allowed here. Otherwise do not install on this host.',
        ),
      ];
    }
    return [ok(`SELinux is ${mode.toLowerCase()}`)];
  },
};
