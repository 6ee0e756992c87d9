import type { Check } from '../engine/check';
import { readText } from '../steps/prepare/ask';
import { readSwapAreas } from '../steps/prepare/swap';
import { fatal, ok, warning } from './finding';

/** Swap will be switched off; that is fatal only where memory cannot take back what was swapped out. */
export const swap: Check = {
  id: 'swap',
  title: 'Swap',
  run: async host => {
    const areas = await readSwapAreas(host);
    if (areas.length === 0) return [ok('no swap')];
    const used = sum(areas.map(area => area.usedKiB));
    const what = `swap is on: ${areas.map(area => `${area.path}, ${mebibytes(area.sizeKiB)}`).join('; ')}`;
    const [, available] = /^MemAvailable:\s+(\d+) kB$/m.exec(await readText(host, '/proc/meminfo')) ?? [];
    if (available !== undefined && used > Number(available)) {
      return [
        fatal(
          `${what}; ${mebibytes(used)} are in use and only ${mebibytes(Number(available))} of memory are free to take them back`,
          'Stop what uses the memory, or give the host more, so that swap can be switched off.',
        ),
      ];
    }
    return [
      warning(
        `${what}; it will be switched off, here and in /etc/fstab, because the kubelet does not start with it`,
        'Nothing, if the host can do without. Otherwise use another host.',
      ),
    ];
  },
};

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function mebibytes(kib: number): string {
  return `${Math.round(kib / 1024)} MiB`;
}
