import { setTimeout as delay } from 'node:timers/promises';
import type { Arguments } from '../arguments';
import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import type { Diagnosis, ExaminedMember, RestoreSource } from './diagnosis';
import { examine } from './examine';

const PAUSE_MS = 3000;

/**
 * The diagnosis as a preflight check: where nothing can be put back it is fatal, and says what would help. One that has
 * just joined is waited for.
 */
export function verdictCheck(given: Arguments, pauseMs = PAUSE_MS): Check {
  return {
    id: 'recovery',
    title: "etcd's members (one that has just joined is waited for, up to 3 min)",
    run: async host => {
      const diagnosis = await settled(host, given, pauseMs);
      if (diagnosis === undefined) return [];
      return [...diagnosis.members.map(memberFinding), verdictFinding(diagnosis, given)];
    },
  };
}

/** How etcd's members are; looked at again while it may come right by itself. */
export async function settled(
  host: HostReader,
  { snapshot, words }: Arguments,
  pauseMs = PAUSE_MS,
): Promise<Diagnosis | undefined> {
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const diagnosis = await examine(host, snapshot, words);
    if (waitedMs >= (diagnosis?.againForS ?? 0) * 1000) return diagnosis;
    await delay(pauseMs);
  }
}

function memberFinding({ name, address, role, condition, detail }: ExaminedMember): Finding {
  const message = `${name} (${address}), ${role === 'none' ? 'no member' : role}: ${detail}`;
  if (condition === 'well') return { level: 'ok', message };
  return { level: 'warning', message, fix: 'The verdict below says what can be done about it.' };
}

function verdictFinding(diagnosis: Diagnosis, given: Arguments): Finding {
  const { verdict, summary, hint = '', quorum, cluster } = diagnosis;
  const message = [summary, ...(quorum.length === 0 ? [] : [`Quorum: ${quorum.join('; ')}.`])].join(' ');
  if (given.giveUpRestore === true) return givingUp(diagnosis);
  switch (verdict) {
    case 'give-up':
      return given.acceptDataLoss === true
        ? { level: 'fatal', message, fix: OTHERS_THERE }
        : givingUp(diagnosis);
    case 'whole':
    case 'readd':
      return { level: 'ok', message };
    case 'quorum-lost':
      return given.acceptDataLoss === true && sourceOf(diagnosis, given) !== undefined
        ? {
            level: 'warning',
            message,
            fix: `${cluster} is made anew from what is left, as was said with --accept-data-loss.`,
          }
        : { level: 'fatal', message, fix: `${hint} ${restoreHint(diagnosis, given)}` };
    default:
      return { level: 'fatal', message, fix: hint };
  }
}

const OTHERS_THERE =
  'With a restore there would be two clusters. Run the same command without --accept-data-loss: it gives the restore up, and etcd here goes on with the others.';

function givingUp({ summary, mayGiveUp, willDo, verdict }: Diagnosis): Finding {
  return mayGiveUp === true
    ? {
        level: 'warning',
        message: summary,
        fix: `The restore is given up: ${(verdict === 'give-up' ? willDo : []).join('; ') || 'what was hidden is put back'}.`,
      }
    : {
        level: 'fatal',
        message: `There is no restore here that could be given up: none was begun, or it has replaced etcd's data already. ${summary}`,
        fix: 'See kube-el7-install readd-member --plan for what can be done.',
      };
}

/** What is restored from: the one that was named, else the newest. */
export function sourceOf({ sources = [] }: Diagnosis, { snapshot }: Arguments): RestoreSource | undefined {
  return snapshot === undefined ? sources[0] : sources.find(({ id }) => id === snapshot);
}

function restoreHint(diagnosis: Diagnosis, given: Arguments): string {
  const { sources = [] } = diagnosis;
  if (sources.length === 0)
    return 'There is nothing here that a cluster could be made from: name a snapshot with --snapshot FILE.';
  if (sourceOf(diagnosis, given) === undefined)
    return `${given.snapshot ?? ''} is no snapshot that can be used.`;
  const listed = sources.map(
    ({ id, revision, time, loss }) => `${id}: revision ${revision}, ${time}. ${loss}`,
  );
  return `With --accept-data-loss it is made anew, from the first of these, or from the one that --snapshot names: ${listed.join(' ')}`;
}
