import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../engine/failure';

/** As much as a program prints in a moment: a full file system still takes directories and short files. */
const PROBE = Buffer.alloc(16 * 1024);

/**
 * A directory for files that leave nothing behind. /run first: it is in memory, root's alone, and not full of what others
 * left, as /tmp may be. `places` are tried in their order.
 */
export async function scratchDirectory(
  places: readonly string[] = ['/run', tmpdir(), '/var/tmp'],
): Promise<string> {
  const wrong: string[] = [];
  for (const place of new Set(places)) {
    let directory: string | undefined;
    try {
      directory = await mkdtemp(join(place, 'kube-el7-install-'));
      const probe = join(directory, 'probe');
      await writeFile(probe, PROBE);
      await rm(probe);
      return directory;
    } catch (error) {
      if (directory !== undefined) await rm(directory, { recursive: true, force: true });
      wrong.push(`${place}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
    }
  }
  throw new Failure({
    code: 'file-not-written',
    message: `No directory takes temporary files (${wrong.join('; ')}).`,
    hint: 'Make room there or mount it writable (df -h /run /tmp /var/tmp; df -i), then run again.',
  });
}
