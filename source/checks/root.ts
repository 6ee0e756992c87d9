import type { Check } from '../engine/check';
import { ask } from '../steps/prepare/ask';
import { fatal, ok } from './finding';

/** Everything that the installer does needs root. */
export const root: Check = {
  id: 'root',
  title: 'Root',
  run: async host => {
    const { stdout } = await ask(host, 'id', ['-u']);
    const id = stdout.trim();
    return id === '0'
      ? [ok('running as root')]
      : [fatal(`running as user ${id}, not as root`, 'Run it again as root: sudo kube-el7-install')];
  },
};
