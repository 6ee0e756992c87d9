import type { ExaminedMember, MemberCondition } from '../../recovery/diagnosis';
import { plain, type Row, type Span } from '../frame/rows';
import { ROLE_SIGNS } from '../run/glyphs';
import { memberText } from '../state/conditions';
import { cut, fit, textWidth, wrapError } from '../terminal/width';

/** Columns of a member's role, and the fewest that what is said of it is given beside the rest. */
const ROLE = 8;
const LEAST = 24;
/** Lines of what is said of one member. */
const MOST_LINES = 4;

/** Conditions of a member that is there, and only not as it should be. */
const PRESENT: readonly MemberCondition[] = [
  'node-address',
  'clock-off',
  'full',
  'learner',
  'never-started',
  'absent',
];

function signOf({ condition, role }: ExaminedMember): Span {
  if (condition === 'well') {
    return { text: ` ${ROLE_SIGNS[role === 'none' ? 'absent' : role]} `, tone: 'good' };
  }
  return PRESENT.includes(condition) ? { text: ' ▲ ', tone: 'warning' } : { text: ' ✘ ', tone: 'bad' };
}

interface Widths {
  readonly name: number;
  readonly address: number;
}

function rowsOf(member: ExaminedMember, widths: Widths, columns: number): readonly Row[] {
  const { name, address, role, condition, roundTripMs } = member;
  const sign = signOf(member);
  const long = textWidth(name) > widths.name;
  const named = long ? '' : name;
  const head = `${fit(named, widths.name)}  ${fit(role === 'none' ? '' : role, ROLE)} ${fit(address, widths.address)}  `;
  const beside = columns - 4 - textWidth(head);
  const trip = condition === 'well' && roundTripMs !== undefined ? `   ${roundTripMs.toFixed(1)} ms` : '';
  const text = memberText(member) + trip;
  const above: readonly Row[] = long ? [[sign, { text: cut(name, columns - 4), bold: true }]] : [];
  const first: Span = long ? { text: '   ' } : sign;
  if (beside >= LEAST) {
    const [line = '', ...more] = wrapError(text, beside, MOST_LINES);
    const indent = ' '.repeat(3 + textWidth(head));
    return [...above, [first, { text: head + line }], ...more.map(rest => plain(indent + rest))];
  }
  const below = wrapError(text, columns - 6, MOST_LINES);
  return [
    ...above,
    [first, { text: cut(head.trimEnd(), columns - 4) }],
    ...below.map(rest => plain(`     ${rest}`)),
  ];
}

/** Every member in the order of the record: its role, its address, how it is, and what shows that. A long name has a line of its own. */
export function examinedRows(members: readonly ExaminedMember[], columns: number): readonly Row[] {
  const longest = (texts: readonly string[]) => Math.max(0, ...texts.map(textWidth));
  const most = columns >= 110 ? 32 : 16;
  const names = members.map(({ name }) => name).filter(name => textWidth(name) <= most);
  const widths = {
    name: Math.min(most, longest(names)),
    address: longest(members.map(({ address }) => address)),
  };
  return members.flatMap(member => rowsOf(member, widths, columns));
}
