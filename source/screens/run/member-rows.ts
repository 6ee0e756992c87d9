import type { MemberStatus } from '../../engine/event';
import { plain, type Row } from '../frame/rows';
import type { RunState } from '../state/run-types';
import { bytes, count } from '../state/units';
import { cut, fit, textWidth, wrapError } from '../terminal/width';
import { ROLE_SIGNS } from './glyphs';

/** Columns of a member's role, its address, and what is said of its state. */
const ROLE = 8;
const ADDRESS = 15;
const STATE = 12;
/** Columns of a member's last round trips, and of the gap before them. */
const TRIPS = 10;
const GAP = 2;

const BARS = Array.from('▁▂▃▄▅▆▇█');
/** Where each bar begins, ms: the same for all members, so that they can be compared. */
const STEPS_MS = [2, 5, 20, 50, 100, 200, 500] as const;

function isVoter({ role }: MemberStatus): boolean {
  return role === 'voter' || role === 'leader';
}

function arithmetic(voters: number): { readonly quorum: number; readonly spare: number } {
  const quorum = Math.floor(voters / 2) + 1;
  return { quorum, spare: voters - quorum };
}

/** How many voters there are and how many may fail: a majority must stay. */
export function quorumText(members: readonly MemberStatus[]): string {
  const voters = members.filter(isVoter);
  if (voters.length === 0) {
    return members.every(({ role }) => role === 'absent') ? 'not begun yet' : 'no member answers yet';
  }
  const { quorum } = arithmetic(voters.length);
  const alarms = [...new Set(members.flatMap(({ alarms: raised = [] }) => raised))];
  if (alarms.length > 0)
    return `${count(voters.length, 'voter')} · alarm ${alarms.join(', ')}: nothing can be written`;
  const healthy = voters.filter(member => member.healthy).length;
  if (healthy === voters.length) {
    return `${count(voters.length, 'voter')} · quorum ${quorum} · may lose ${voters.length - quorum}`;
  }
  const left = healthy < quorum ? 'too few: nothing can be written' : `may lose ${healthy - quorum} more`;
  return `${healthy} of ${count(voters.length, 'voter')} healthy · quorum ${quorum} · ${left}`;
}

/** What the next member changes about the quorum; empty where all are voters. */
function nextText(members: readonly MemberStatus[]): string {
  const voters = members.filter(isVoter).length;
  const next = members.find(member => !isVoter(member));
  if (next === undefined || voters === 0) return '';
  const { quorum, spare } = arithmetic(voters + 1);
  return `with ${next.name}: quorum ${quorum}, may lose ${spare}`;
}

function quorumRow(members: readonly MemberStatus[], columns: number): Row {
  const now = quorumText(members);
  const next = nextText(members);
  const room = columns - 9 - textWidth(now);
  return [
    { text: ' etcd   ', bold: true },
    { text: now },
    ...(next === '' || room < 12 ? [] : [{ text: cut(` › ${next}`, room) }]),
  ];
}

function bars(trips: readonly number[]): string {
  return trips
    .map(ms => BARS[STEPS_MS.filter(step => ms >= step).length] ?? '')
    .join('')
    .padStart(TRIPS);
}

/** A learner's state is how far it is behind the leader; a healthy voter's only that it is, or which alarm it has raised. */
function stateText({ role, healthy, lag, alarms = [] }: MemberStatus): string | undefined {
  if (alarms.length > 0 && healthy) return alarms.join(' ');
  if (role === 'learner' && lag !== undefined) return lag === 0 ? 'in step' : `${lag} behind`;
  return healthy ? 'ok' : undefined;
}

function figures({ roundTripMs: ms, databaseBytes }: MemberStatus): string {
  const trip = ms === undefined ? '' : `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return `${trip.padStart(8)} ${(databaseBytes === undefined ? '' : bytes(databaseBytes)).padStart(9)}`;
}

function memberRow(member: MemberStatus, trips: readonly number[], name: string, columns: number): Row {
  const { role, address, healthy, lastError } = member;
  const sign = {
    text: ` ${ROLE_SIGNS[role]} `,
    ...(healthy && member.alarms === undefined
      ? { tone: 'good' as const }
      : role === 'absent'
        ? {}
        : { tone: 'warning' as const }),
  };
  const head = `${name} ${fit(role, ROLE)} ${fit(address, ADDRESS)}`;
  const state = stateText(member);
  if (state === undefined) {
    const why = lastError ?? (role === 'absent' ? '' : 'does not answer yet');
    const [line = ''] = wrapError(why, columns - 5 - textWidth(head), 1);
    return [sign, { text: `${head} ${line}` }];
  }
  const text = `${head} ${fit(state, STATE)} ${figures(member)}`;
  const drawn = columns - 4 - textWidth(text) < TRIPS + GAP ? '' : ' '.repeat(GAP) + bars(trips);
  return [sign, { text: cut(text, columns - 4) }, { text: drawn, tone: 'accent' }];
}

/** A host may be called "constructor". */
function tripsOf(trips: RunState['trips'], { name }: MemberStatus): readonly number[] {
  return (Object.hasOwn(trips, name) ? trips[name] : undefined) ?? [];
}

/** Names in a column of their own: without the domain that all of them have, and cut where they still differ. */
function distinctNames(names: readonly string[], widest: number): readonly string[] {
  const [domain = ''] = names.map(name => /\..*$/.exec(name)?.[0] ?? '');
  const shared = domain !== '' && names.every(name => name.endsWith(domain) && name !== domain);
  const short = shared ? names.map(name => name.slice(0, -domain.length)) : names;
  const longest = Math.max(...short.map(textWidth));
  const whole = Math.max(...names.map(textWidth)) <= widest;
  const shown = whole ? names : short;
  const width = Math.min(whole ? Math.max(...names.map(textWidth)) : longest, widest);
  const cutAtEnd = shown.map(name => fit(name, width));
  if (new Set(cutAtEnd).size === new Set(names).size) return cutAtEnd;
  return shown.map(name => fit(name.length > width ? `…${name.slice(1 - width)}` : name, width));
}

/** The etcd pane: the quorum, and one line per member. */
export function memberRows({ members, trips }: RunState, columns: number): readonly Row[] {
  if (members.length === 0) {
    return [plain(' etcd   not begun yet')];
  }
  const names = distinctNames(
    members.map(({ name }) => name),
    columns >= 110 ? 32 : 16,
  );
  return [
    quorumRow(members, columns),
    ...members.map((member, at) => memberRow(member, tripsOf(trips, member), names[at] ?? '', columns)),
  ];
}
