import { listed } from '../engine/words';
import { kindsOf } from '../kubernetes/etcd-alarms';
import { isWell } from './diagnosis';
import type { Examined } from './examined';
import { majorityOf, type Comparison } from './hashes';
import type { Part } from './verdict-parts';
import { willDo } from './will-do';

/** The alarms that can be cleared here. */
const KNOWN = ['CORRUPT', 'NOSPACE'];

/** Why nothing may be done about etcd's members or its alarms; undefined where something may. */
export function doubted({ alarms, compared, voters, here }: Examined): Part | undefined {
  const unknown = kindsOf(alarms).filter(kind => !KNOWN.includes(kind));
  if (unknown.length > 0) return unknownAlarm(unknown);
  if (compared === undefined) return undefined;
  const majority = majorityOf(compared, voters);
  if (majority === undefined) return undecided(compared, voters);
  return majority.agreed.includes(here) ? undefined : onTheOtherSide(here, majority.agreed);
}

function unknownAlarm(kinds: readonly string[]): Part {
  return {
    verdict: 'wait',
    summary: `etcd has an alarm that this program does not know: ${listed(kinds)}. Its members are not changed in that state.`,
    hint: 'See what the documentation of this version of etcd says about it (`etcdctl alarm list`), clear it, and look again.',
  };
}

function undecided({ groups, silent, revision }: Comparison, voters: number): Part {
  const sides = groups.map(
    names => `${listed(names)} ${names.length === 1 ? 'has' : 'have'} one set of data`,
  );
  const unknown = silent.map(({ name, reason }) => `${name} could not be compared: ${reason}`);
  const at = revision === undefined ? '' : ` at revision ${revision}`;
  const what =
    groups.length > 1
      ? `The data of etcd's members differ${at}, and no majority of the ${voters} voters agrees: ${sides.join('; ')}.`
      : `It is not known whether the data of etcd's ${voters} voters are the same.`;
  return {
    verdict: 'wait',
    summary: [what, ...unknown.map(text => `${text}.`)].join(' '),
    hint:
      groups.length > 1
        ? 'Nothing is done, since nobody can tell which data are right. Save a snapshot of each side (`etcdctl snapshot save` at each member), compare what is in them, and restore from the right one: power the other masters off, and run this again there with --snapshot.'
        : 'Nothing is done before they can be compared. Let all members answer, and look again.',
  };
}

function onTheOtherSide(here: string, agreed: readonly string[]): Part {
  return {
    verdict: 'wait',
    summary: `The data of etcd on ${here}, this host, differ from those of the majority: ${listed(agreed)}.`,
    hint: `The member that differs is put back from one that is right: run this on ${listed(agreed)}.`,
  };
}

/** Clears alarms before anything else that is to be done; what cannot be done yet is told, and does not keep a full etcd waiting. */
export function clearing(part: Part, examined: Examined): Part {
  const { alarms } = examined;
  const nothingElse = part.verdict === 'whole';
  const summary = nothingElse ? alarmSummary(examined) : `${alarmSummary(examined)} ${part.summary}`;
  // A member that differs has to be taken out first, and on a master that is not well nothing is begun.
  if (!leavesNoneThatDiffers(part, examined) || ownIsIll(examined)) {
    return {
      ...part,
      verdict: part.verdict === 'refused' ? 'refused' : 'wait',
      summary,
      readd: [],
      willDo: [],
    };
  }
  if (part.verdict === 'readd') return { ...part, summary, alarms };
  const hint = [advice(examined), nothingElse ? undefined : part.hint, notCompared(examined)];
  return {
    verdict: 'readd',
    summary,
    alarms,
    willDo: willDo([], examined),
    hint: hint.filter(text => text !== undefined).join(' '),
  };
}

function leavesNoneThatDiffers({ readd = [] }: Part, { members, compared }: Examined): boolean {
  if (compared === undefined) return true;
  return members.every(({ name, condition }) => condition !== 'corrupt' || readd.includes(name));
}

function ownIsIll({ members, here }: Examined): boolean {
  const own = members.find(({ name }) => name === here);
  return own !== undefined && !isWell(own) && own.condition !== 'node-address';
}

function alarmSummary({ alarms, members, compared }: Examined): string {
  const kinds = kindsOf(alarms);
  const full = members.filter(({ condition }) => condition === 'full');
  return [
    ...(kinds.includes('CORRUPT') ? [corruptText(members, compared)] : []),
    ...(kinds.includes('NOSPACE')
      ? [
          `etcd is full and refuses writes (alarm NOSPACE)${full.length === 0 ? '' : `: ${full.map(({ name, detail }) => `${name}: ${detail}`).join('; ')}`}.`,
        ]
      : []),
  ].join(' ');
}

function corruptText(members: Examined['members'], compared: Comparison | undefined): string {
  const differ = members.filter(({ condition }) => condition === 'corrupt').map(({ name }) => name);
  const agreed = listed(compared?.groups[0] ?? []);
  const what =
    differ.length > 0
      ? `the data of ${listed(differ)} differ from those of ${agreed}`
      : `${agreed} ${compared?.groups[0]?.length === 1 ? 'has its' : 'have the same'} data at revision ${compared?.revision ?? 0}`;
  return `etcd refuses writes (alarm CORRUPT): ${what}.`;
}

function advice({ alarms }: Examined): string | undefined {
  if (!kindsOf(alarms).includes('NOSPACE')) return undefined;
  return 'Find out what fills etcd. Where all of it is needed, give it a larger quota: --quota-backend-bytes in its manifest, 8 GiB at most.';
}

function notCompared({ compared }: Examined): string | undefined {
  const names = (compared?.silent ?? []).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return `${listed(names)} could not be compared: put ${names.length === 1 ? 'it' : 'them'} back with an empty disk rather than with the old one.`;
}
