import type { Check } from '../engine/check';
import { ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST } from '../steps/paths';
import { ask } from '../steps/prepare/ask';
import { nearestDirectory } from './directory';
import { fatal, ok, warning } from './finding';

const WRITES = 100;

/** etcd's own advice: the 99th percentile of its log's fdatasync stays below 10 ms. */
const LIMIT_MS = 10;

/**
 * Appends 8 KiB and waits until the disk has it, a hundred times, one dd for each: dd itself takes the time, from before the write to after the fdatasync.
 * The one check that writes: into a file that is removed from its directory before the first byte is written to it, and is gone with the shell that holds it open.
 */
const SCRIPT = `
file=$(mktemp "$1/.kube-el7-install.XXXXXXXX") || exit 1
exec 9>>"$file" || { rm -f "$file"; exit 1; }
rm -f "$file" || exit 1
for write in $(seq ${WRITES}); do
  dd if=/dev/zero bs=8192 count=1 conv=fdatasync 2>&1 >&9 | tail -n 1
done
`;

/** How long the disk below /var/lib/etcd takes to keep a write: etcd waits for it before it answers. */
export const diskLatency: Check = {
  id: 'disk-latency',
  title: 'Disk latency',
  run: async host => {
    for (const manifest of [ETCD_INIT_MANIFEST, ETCD_CLUSTER_MANIFEST]) {
      if ((await host.stat(manifest)) === undefined) continue;
      return [ok('not measured: etcd is at work here, and would have to wait for what is written beside it')];
    }
    const directory = await nearestDirectory(host, '/var/lib/etcd');
    const { code, stdout, stderr } = await ask(host, 'sh', ['-c', SCRIPT, 'sh', directory], 120_000);
    const times = [...stdout.matchAll(/, ([\d.e+-]+) s(?:econds)?,/g)]
      .map(([, seconds]) => Number(seconds) * 1000)
      .sort((a, b) => a - b);
    if (code === 124) {
      return [
        fatal(
          `${WRITES} writes of 8 KiB below ${directory} did not reach the disk within two minutes`,
          'Give /var/lib/etcd a disk of its own that is quicker.',
        ),
      ];
    }
    if (code !== 0 || times.length < WRITES) {
      const reason = stderr.trim().split('\n').pop() ?? '';
      return [
        fatal(`nothing can be written below ${directory}: ${reason}`, `Find out why: touch ${directory}/x`),
      ];
    }
    const slow = times[Math.ceil(times.length * 0.99) - 1] ?? 0;
    const middle = times[Math.floor(times.length / 2)] ?? 0;
    const what = `99 of ${WRITES} synced writes of 8 KiB below ${directory} took ${slow.toFixed(1)} ms or less, half of them ${middle.toFixed(1)} ms`;
    if (slow <= LIMIT_MS) return [ok(what)];
    return [
      warning(
        `${what}; etcd wants ${LIMIT_MS} ms, or leaders are lost under load`,
        'Give /var/lib/etcd a quicker disk, or one that it does not share.',
      ),
    ];
  },
};
