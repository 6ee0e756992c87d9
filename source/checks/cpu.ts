import type { Check } from '../engine/check';
import { ask } from '../steps/prepare/ask';
import { fatal, ok, warning } from './finding';
import type { Purpose } from './purpose';

/** kubeadm's NumCPU: what `kubeadm init` refuses below. */
const MINIMUM = 2;

/** Processors that this process may use, as kubeadm counts them. */
export function cpu(purpose: Purpose): Check {
  return {
    id: 'cpu',
    title: 'Processors',
    run: async host => {
      const count = Number((await ask(host, 'nproc', [])).stdout.trim());
      if (count >= MINIMUM) return [ok(`${count} processors`)];
      const message = `${count} processor${count === 1 ? '' : 's'}; kubeadm makes a master of a host with ${MINIMUM} or more`;
      const fix = `Give the host ${MINIMUM} processors.`;
      return [
        purpose === 'install' ? fatal(message, fix) : warning(message, `${fix} A worker can do without.`),
      ];
    },
  };
}
