import type { Check } from '../engine/check';
import { ask } from '../steps/prepare/ask';
import { readDockerInfo } from '../steps/prepare/docker-info';
import { fatal, ok, warning } from './finding';
import { nearestDirectory } from './directory';

/** overlay2 stands on XFS only where it was made with ftype=1, which EL7 does since 7.3. */
export const xfs: Check = {
  id: 'xfs',
  title: "Docker's file system",
  run: async host => {
    const info = await readDockerInfo(host);
    const wanted = info?.rootDirectory ?? '/var/lib/docker';
    const directory = await nearestDirectory(host, wanted);
    const { code, stdout } = await ask(host, 'findmnt', ['-n', '-o', 'FSTYPE,TARGET', '-T', directory]);
    const [type = '', target = '/'] = stdout.trim().split(/\s+/);
    if (code !== 0 || type === '') {
      return [warning(`which file system holds ${wanted} could not be found out`, `findmnt -T ${directory}`)];
    }
    if (type !== 'xfs') return [ok(`${wanted} is on ${type}`)];
    const { stdout: geometry } = await ask(host, 'xfs_info', [target]);
    const [, ftype] = /\bftype=([01])/.exec(geometry) ?? [];
    if (ftype === '1') return [ok(`${wanted} is on XFS with ftype=1`)];
    if (ftype === undefined) {
      return [
        warning(`${wanted} is on XFS, and xfs_info ${target} did not tell its ftype`, `xfs_info ${target}`),
      ];
    }
    const what = `${wanted} is on XFS with ftype=0`;
    const fix = `Give ${wanted} a file system of its own, made with mkfs.xfs -n ftype=1.`;
    return info !== undefined && !info.storageDriver.startsWith('overlay')
      ? [warning(`${what}, so docker stays with ${info.storageDriver}`, fix)]
      : [fatal(`${what}; docker's overlay2 cannot use it`, fix)];
  },
};
