import type { Status } from '../apart/status';
import type { MemberStatus } from '../engine/event';
import { failureLines } from './failure-text';

const STATES = {
  pending: 'not begun',
  running: 'at work',
  changed: 'done',
  unchanged: 'was right already',
  failed: 'failed',
} as const;

/** "2026-11-24 03:12:44 UTC" */
function moment(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

/** One sentence: is a run under way, and if not, how the last one ended. */
export function statusHeadline({ state, process, run }: Status): readonly string[] {
  const what = run === undefined ? 'A run' : `${run.command} on ${run.host}, run ${run.id},`;
  switch (state) {
    case 'none':
      return ['No run is under way, and the journal tells of none.'];
    case 'ended':
      return [
        'No run is under way.',
        `The last one, ${what} ${run?.outcome ?? 'ended'} at ${moment(run?.until ?? '')}.`,
      ];
    case 'cut-off':
      return [
        'No run is under way.',
        `The last one, ${what} was cut off at ${moment(run?.until ?? '')}: it was killed, or the host went down.`,
        'Run the same command again: it goes on from there.',
      ];
    case 'at-work':
    case 'waits-for-answer': {
      const by = `process ${process?.pid ?? 0}, since ${moment(process?.since ?? '')}`;
      if (process?.attachable === false) {
        return [`Process ${process.pid} of the installer is at work since ${moment(process.since)}.`];
      }
      return [`${what} is under way: ${by}.`, 'Watch it: kube-el7-install attach'];
    }
  }
}

function memberLine(member: MemberStatus): string {
  const { name, address, role } = member;
  return `  ${name}  ${address}  ${role}  ${memberState(member)}`;
}

/** How a member is, in a few words. */
export function memberState({ healthy, alarms = [], lastError }: MemberStatus): string {
  if (!healthy) return lastError ?? 'not healthy';
  return alarms.length === 0 ? 'ok' : `alarm ${alarms.join(', ')}: etcd refuses writes`;
}

function runLines({ state, run }: Status): readonly string[] {
  if (run === undefined) return [];
  const width = Math.max(0, ...run.stages.map(({ title }) => title.length));
  const live = state === 'at-work' || state === 'waits-for-answer';
  const now = Date.now();
  const failing = run.outcome === undefined ? state === 'waits-for-answer' : run.outcome === 'failed';
  return [
    '',
    'Stages',
    ...run.stages.map(({ title, state: stage, running }) => {
      const doing = live && running.length > 0 ? `: ${running.join(', ')}` : '';
      return `  ${title.padEnd(width)}  ${STATES[stage]}${doing}`;
    }),
    ...(live && run.awaited.length > 0 ? ['', 'Awaited'] : []),
    ...(live ? run.awaited : []).flatMap(({ title, since, timeoutMs, lastError }) => [
      `  ${title}: ${Math.max(0, Math.round((now - Date.parse(since)) / 1000))} s of at most ${Math.round(timeoutMs / 1000)} s`,
      ...(lastError === undefined ? [] : [`    last error: ${lastError}`]),
    ]),
    ...(run.members.length > 0 ? ['', live ? 'etcd' : 'etcd, as it was last seen'] : []),
    ...run.members.map(memberLine),
    ...(failing && run.failure !== undefined
      ? ['', 'Failed', ...failureLines(run.failure).map(line => `  ${line}`)]
      : []),
    ...(run.log === '' ? [] : ['', `Log  ${run.log}`]),
  ];
}

/** How things stand, in lines to read. */
export function statusLines(status: Status): readonly string[] {
  const { question, journal, etcd } = status;
  const lost = journal.unreadableLines;
  return [
    ...statusHeadline(status),
    ...(question === undefined
      ? []
      : [
          '',
          'It waits for an answer, and goes on waiting: attach in a terminal and choose.',
          `  ${question.text}`,
        ]),
    ...runLines(status),
    ...(etcd === undefined
      ? []
      : ['', 'etcd now', ...etcd.members.map(memberLine), ...etcd.notes.map(text => `  ${text}`)]),
    ...(lost === 0
      ? []
      : [
          '',
          `${lost === 1 ? 'One line' : `${lost} lines`} of ${journal.path} cannot be read (cut off, or altered): what stood there is missing here.`,
        ]),
  ];
}
