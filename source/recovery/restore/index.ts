import type { Stage } from '../../engine/step';
import { etcdctl } from '../../steps/etcdctl';
import type { RestoreSource } from '../diagnosis';
import type { ClusterRecord } from '../record';
import type { Attempt } from './attempt';
import { restoreBegin } from './restore-begin';
import { restoreControlPlane } from './restore-control-plane';
import { restoreCopy, restoreLog } from './restore-copy';
import { restoreData, restoreSwap } from './restore-data';
import { restoreExtract } from './restore-extract';
import { restoreFinish } from './restore-finish';
import { restoreRevision } from './restore-revision';
import { restoreSafety } from './restore-safety';
import { restoreSecrets } from './restore-secrets';
import { restoreStart } from './restore-start';
import { restoreStop } from './restore-stop';
import { OWN } from './sources';

export { attemptFor, progressOf, unfinishedAttempt, type Attempt } from './attempt';
export { company, type Company } from './company';
export { giveUpStages } from './restore-give-up';
export { restoreNotes } from './restore-revision';
export { findSources, type FoundSources } from './sources';

/** Makes a cluster of one member on this host again, where the quorum is lost for good. What is done up to `restore-swap` can be left at any point, and etcd's data is as it was. */
export function restoreStages(
  record: ClusterRecord,
  source: Pick<RestoreSource, 'id'>,
  { attempt }: { readonly attempt: Attempt },
): readonly Stage[] {
  const own =
    source.id === OWN
      ? [
          restoreCopy(record, attempt, ['restore-stop']),
          restoreLog(record, attempt, ['restore-copy']),
          restoreExtract(record, attempt, ['restore-log']),
        ]
      : [];
  return [
    {
      id: 'restore-keep',
      title: 'Keep what there is',
      steps: [
        etcdctl(record.settings, []),
        restoreBegin(record, attempt, ['etcdctl']),
        restoreSafety(record, attempt, ['restore-begin']),
        restoreStop(record, attempt, ['restore-safety']),
      ],
    },
    {
      id: 'restore-data',
      title: 'Restore etcd',
      steps: [
        ...own,
        restoreData(record, attempt, [own.at(-1)?.id ?? 'restore-stop']),
        restoreSwap(attempt, ['restore-data']),
        restoreStart(record, ['restore-swap']),
        restoreRevision(record, attempt, ['restore-start']),
      ],
    },
    {
      id: 'restore-cluster',
      title: 'Bring the cluster back',
      steps: [
        restoreControlPlane(record, attempt, ['restore-revision']),
        restoreSecrets(record, attempt, ['restore-control-plane']),
        restoreFinish(record, attempt, ['restore-secrets']),
      ],
    },
  ];
}
