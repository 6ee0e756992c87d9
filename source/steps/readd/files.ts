import { difference, observe, type Desired, type ObservedDesired } from '../../changes/desired';
import { Secret } from '../../engine/secret';
import { step, type Step } from '../../engine/step';
import { ownCopy } from '../../kubernetes/master-files';
import { isSecretFile, movedFiles, type MovedFiles } from '../../recovery/moved';
import { storedFor, withRecord } from '../../recovery/stored';
import type { Master } from '../../variables/master';
import { apiAccess } from '../access';
import { ETCD_PKI, MASTERS, PKI } from '../paths';
import type { Readd } from './context';

interface Observed {
  readonly desired: readonly Desired[];
  readonly found: ObservedDesired;
}

/**
 * One master's files with the new addresses in them, made on this host, which has the CAs too; they are stored in the cluster afterwards.
 * Nothing where the cluster has them already.
 */
export function readdFiles(readd: Readd, master: Master, after: readonly string[]): Step {
  const { hostname } = master;
  return step<Observed>({
    id: `readd-files-${hostname}`,
    title: `Make ${hostname}'s files with what has changed`,
    after,
    probe: async host => {
      const stored = await storedFor(host, apiAccess(readd.here), hostname);
      const whole = stored && (await withRecord(host, stored));
      const desired = whole === undefined ? [] : desiredFiles(master, movedFiles(whole, readd.moves));
      return { desired, found: await observe(host, desired) };
    },
    plan: ({ desired, found }) => difference(desired, found),
  });
}

function desiredFiles(master: Master, { texts, certificates }: MovedFiles): readonly Desired[] {
  if (texts.size === 0 && certificates.length === 0) return [];
  const directories = [
    MASTERS,
    `${MASTERS}/${master.hostname}`,
    ownCopy(master, PKI),
    ownCopy(master, ETCD_PKI),
  ];
  return [
    ...directories.map((path): Desired => ({ kind: 'directory', path, mode: 0o700 })),
    ...certificates.map((certificate): Desired => ({ kind: 'certificate', certificate })),
    ...[...texts].map(([path, text]): Desired => ({
      kind: 'file',
      path: ownCopy(master, path),
      content: isSecretFile(path) ? new Secret(text) : text,
      mode: 0o600,
    })),
  ];
}
