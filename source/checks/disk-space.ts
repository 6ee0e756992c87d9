import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { ask, lines } from '../steps/prepare/ask';
import { readDockerInfo } from '../steps/prepare/docker-info';
import { nearestDirectory } from './directory';
import { fatal, ok, warning } from './finding';
import type { Purpose } from './purpose';

const GIB = 1024 ** 3;

interface Need {
  readonly path: string;
  /** Below this it cannot work, in bytes. */
  readonly least: number;
  /** Below this it will not work for long, in bytes. */
  readonly comfortable: number;
  /** Free share below which the kubelet evicts pods or throws images away (its defaults: nodefs 10 %, imagefs 15 %). */
  readonly evictionPercent?: number;
}

/** Room for etcd (its quota is 2 GiB, and snapshots and its log stand beside it), for images and containers, and for the kubelet. */
export function diskSpace(purpose: Purpose): Check {
  return {
    id: 'disk-space',
    title: 'Disk space',
    run: async host => {
      const images = (await readDockerInfo(host))?.rootDirectory ?? '/var/lib/docker';
      const needs: readonly Need[] = [
        ...(purpose === 'install' ? [{ path: '/var/lib/etcd', least: GIB, comfortable: 4 * GIB }] : []),
        { path: images, least: 3 * GIB, comfortable: 10 * GIB, evictionPercent: 15 },
        { path: '/var/lib/kubelet', least: GIB / 2, comfortable: GIB, evictionPercent: 10 },
      ];
      return Promise.all(needs.map(need => judge(host, need)));
    },
  };
}

async function judge(host: HostReader, need: Need): Promise<Finding> {
  const directory = await nearestDirectory(host, need.path);
  const { stdout } = await ask(host, 'df', ['-P', '-B1', directory]);
  // Filesystem, 1-blocks, Used, Available, Capacity, Mounted on
  const [, size = '', , available = '', , mount = ''] = lines(stdout)[1]?.split(/\s+/) ?? [];
  if (!/^\d+$/.test(available) || !/^\d+$/.test(size)) {
    return warning(`how much is free for ${need.path} could not be found out`, `df ${directory}`);
  }
  const free = Number(available);
  const percent = (100 * free) / Number(size);
  const fix =
    mount === need.path
      ? `Make room there, or make ${mount} larger.`
      : `Make room on ${mount}, or mount a disk at ${need.path}.`;
  const where = `${gibibytes(free)} free for ${need.path} (on ${mount})`;
  if (free < need.least) {
    return fatal(`${where}; at least ${gibibytes(need.least)} are needed`, fix);
  }
  if (need.evictionPercent !== undefined && percent < need.evictionPercent) {
    return warning(
      `${where}, ${percent.toFixed(0)} % of it: below ${need.evictionPercent} % the kubelet reports DiskPressure and evicts pods`,
      fix,
    );
  }
  if (free < need.comfortable) {
    return warning(`${where}; ${gibibytes(need.comfortable)} or more keep it going`, fix);
  }
  return ok(where);
}

function gibibytes(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
