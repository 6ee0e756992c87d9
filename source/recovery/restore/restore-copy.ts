import { step, type Step } from '../../engine/step';
import type { ClusterRecord } from '../record';
import { isInPlace, memberDirectory, type Attempt } from './attempt';
import { octal } from './octal';
import { placesOf } from './places';
import { logIn, type FoundLog } from '../wal/files';
import { commitAll, type LogDamage } from '../wal/log';
import { Failure } from '../../engine/failure';

const COPY_MS = 30 * 60_000;

interface ObservedCopy {
  readonly needed: boolean;
  readonly from: string;
}

/** Copies this host's data, so that what is there stays as it is whatever becomes of the copy. */
export function restoreCopy(record: ClusterRecord, attempt: Attempt, after: readonly string[]): Step {
  const { copy } = placesOf(attempt.id);
  return step<ObservedCopy>({
    id: 'restore-copy',
    title: `Copy what etcd on ${record.here.hostname} has`,
    after,
    probe: async host => ({
      needed: !(await isInPlace(host, attempt.id)) && (await host.stat(copy)) === undefined,
      from: await memberDirectory(host),
    }),
    plan: ({ needed, from }) =>
      needed
        ? [
            {
              kind: 'run',
              title: `Copy ${from} to ${copy}`,
              command: { file: 'sh', args: ['-c', COPY, 'sh', from, copy] },
              timeoutMs: COPY_MS,
            },
          ]
        : [],
  });
}

/** Whole or not at all. */
const COPY = [
  'set -e',
  'rm -rf "$2.new"',
  'mkdir -p -m 700 "$2.new"',
  'cp --archive --reflink=auto "$1" "$2.new/member"',
  'sync',
  'mv -T "$2.new" "$2"',
].join('\n');

interface ObservedLog {
  readonly inPlace: boolean;
  /** Before the copy is made, as in a plan, there is nothing to look at. */
  readonly copied: boolean;
  readonly log?: FoundLog | LogDamage;
}

/**
 * Lets all of the copy's log count as agreed on. A member learns only with the next message that an entry of its log is agreed on,
 * so the newest may have been acknowledged to clients while this one did not know it yet; etcd alone would throw those away.
 */
export function restoreLog(record: ClusterRecord, attempt: Attempt, after: readonly string[]): Step {
  const { copy } = placesOf(attempt.id);
  return step<ObservedLog>({
    id: 'restore-log',
    title: 'Let the last entries of its log count too',
    after,
    probe: async host => {
      const copied = (await host.stat(copy)) !== undefined;
      const inPlace = await isInPlace(host, attempt.id);
      if (inPlace || !copied) return { inPlace, copied };
      return { inPlace, copied, log: await logIn(host, `${copy}/member`, record) };
    },
    plan: ({ inPlace, copied, log }) => {
      if (inPlace || !copied || log === undefined) return [];
      if ('damage' in log) {
        throw new Failure({
          code: 'restore-log-damaged',
          message: `The log of etcd's data in ${copy}/member/wal cannot be used: ${log.damage}.`,
          hint: 'Restore from a snapshot instead. What was there is untouched.',
        });
      }
      const { path, state } = log;
      const count = state.last - state.committed;
      if (count <= 0n) return [];
      return [
        {
          kind: 'run',
          title: `Let the last ${count === 1n ? 'entry' : `${count} entries`} of ${path} count as agreed on`,
          command: {
            file: 'sh',
            args: ['-c', APPEND, 'sh', path, String(state.end), octal(commitAll(state))],
          },
          timeoutMs: 60_000,
        },
      ];
    },
  });
}

/** What was being written as the power went is cut off, as etcd itself would. */
const APPEND = 'truncate --size="$2" "$1" && printf "$3" >>"$1" && sync';
