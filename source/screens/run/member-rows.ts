import type { MemberStatus } from '../../engine/event';
import { plain, type Row } from '../frame/rows';
import { bytes, count } from '../state/units';
import { cut, fit } from '../terminal/width';
import { ROLE_SIGNS } from './glyphs';

/** How many voters there are and how many may fail: a majority must stay. */
function quorumText(members: readonly MemberStatus[]): string {
  const voters = members.filter(({ role }) => role === 'voter' || role === 'leader').length;
  if (voters === 0) {
    return members.every(({ role }) => role === 'absent') ? 'not begun yet' : 'no member answers yet';
  }
  const quorum = Math.floor(voters / 2) + 1;
  return `${count(voters, 'voter')} · quorum ${quorum} · may lose ${voters - quorum}`;
}

function memberRow(member: MemberStatus, columns: number): Row {
  const { name, role, address, healthy, roundTripMs, databaseBytes, lastError } = member;
  const figures = [
    ...(roundTripMs === undefined ? [] : [`answers in ${roundTripMs.toFixed(1)} ms`]),
    ...(databaseBytes === undefined ? [] : [bytes(databaseBytes)]),
  ].join('   ');
  const state = healthy ? `ok   ${figures}` : (lastError ?? (role === 'absent' ? '' : 'does not answer yet'));
  const text = `${fit(name, 14)} ${fit(role, 9)} ${fit(address, 16)} ${state}`;
  return [
    {
      text: ` ${ROLE_SIGNS[role]} `,
      ...(healthy ? { tone: 'good' } : role === 'absent' ? {} : { tone: 'warning' }),
    },
    { text: cut(text, columns - 4) },
  ];
}

/** The etcd pane: the quorum, and one line per member. */
export function memberRows(members: readonly MemberStatus[], columns: number): readonly Row[] {
  return members.length === 0
    ? [plain(' etcd   not begun yet')]
    : [
        [{ text: ' etcd   ', bold: true }, { text: quorumText(members) }],
        ...members.map(member => memberRow(member, columns)),
      ];
}
