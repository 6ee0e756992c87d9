import type { Check } from '../engine/check';
import { readText } from '../steps/prepare/ask';
import { fatal, ok, warning } from './finding';
import type { Purpose } from './purpose';

/** kubeadm's Mem, in its megabytes (1024 × 1024). */
const MINIMUM_MB = 1700;

/** Memory, counted as kubeadm does. */
export function memory(purpose: Purpose): Check {
  return {
    id: 'memory',
    title: 'Memory',
    run: async host => {
      const [, kib] = /^MemTotal:\s+(\d+) kB$/m.exec(await readText(host, '/proc/meminfo')) ?? [];
      const megabytes = Math.floor(Number(kib ?? 0) / 1024);
      if (megabytes >= MINIMUM_MB) return [ok(`${megabytes} MB of memory`)];
      const message = `${megabytes} MB of memory; kubeadm makes a master of a host with ${MINIMUM_MB} MB or more`;
      const fix = 'Give the host 2 GB of memory or more.';
      return [
        purpose === 'install' ? fatal(message, fix) : warning(message, `${fix} A worker can do with less.`),
      ];
    },
  };
}
