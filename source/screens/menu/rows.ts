import type { Diagnosis, ExaminedMember } from '../../recovery/diagnosis';
import { labelledRows } from '../frame/labelled';
import type { Row } from '../frame/rows';
import type { ListSheet } from '../list/rows';
import { CONDITION_WORDS, illMembers, memberText } from '../state/conditions';
import { entries } from '../state/menu';
import type { Standing } from '../state/menu-types';
import type { ScreensState } from '../state/screens';
import { count, spoken } from '../state/units';
import { cut, wrap, wrapError } from '../terminal/width';

const LABEL = 12;
/** Columns of the mark before a line. */
const MARK = 3;
/** Lines for what is the matter with etcd. */
const ILL_LINES = 3;

function kindText({ kind, other }: Standing, found: Diagnosis | undefined): string {
  if (other !== undefined) return other;
  switch (kind) {
    case 'nothing':
    case 'prepared':
      return 'nothing of a cluster is here';
    case 'begun':
      return 'an installation was begun here, and is no cluster yet';
    case 'worker':
      return 'a node of a cluster, and no master';
    case 'master': {
      const masters = found?.members.length ?? 0;
      if (masters === 0) return 'a master';
      return masters === 1 ? 'the single master of its cluster' : `a master of ${masters}`;
    }
  }
}

function hostRows({ menu, examination }: ScreensState, columns: number): readonly Row[] {
  if (menu === undefined) return [];
  const { host, underWay } = menu.standing;
  const run = underWay ? '; a run is under way' : '';
  const text = `${host}: ${kindText(menu.standing, examination?.found)}${run}`;
  return labelledRows('This host', wrapError(text, columns - LABEL - 1, 3), LABEL);
}

/** What is the matter with etcd: with what shows it where that fits, else in few words, and the rest is on the screen for recovery. */
function illText(found: Diagnosis, fits: (text: string) => boolean): string {
  const ill = illMembers(found);
  const lost = found.verdict === 'quorum-lost' ? 'nothing can be written. ' : '';
  const said = (words: (member: ExaminedMember) => string): string =>
    lost + ill.map(member => `${member.name} ${words(member)}`).join('; ');
  const whole = ill.length === 0 ? lost + found.summary : said(memberText);
  return fits(whole) || ill.length === 0 ? whole : said(({ condition }) => CONDITION_WORDS[condition]);
}

function etcdRows({ menu, examination, now }: ScreensState, columns: number): readonly Row[] {
  const { found, asking, failed, none } = examination ?? {};
  if (none === true || menu?.standing.kind !== 'master' || menu.standing.other !== undefined) return [];
  const room = columns - LABEL - 1;
  const row = (text: string, lines: number, tone?: 'good' | 'bad' | 'warning') =>
    labelledRows('etcd', wrapError(text, room, lines), LABEL, tone);
  if (failed !== undefined) return row(`▲ could not be asked: ${failed}`, 2, 'warning');
  if (found === undefined) {
    const since = asking === undefined ? '' : `, for ${spoken(Math.max(0, now - asking))} now`;
    return row(`● its members are being asked how they are${since}`, 1);
  }
  if (found.verdict === 'whole')
    return row(`✔ ${count(found.members.length, 'member')}, all well`, 1, 'good');
  return row(`✘ ${illText(found, text => wrap(text, room).length <= ILL_LINES)}`, ILL_LINES, 'bad');
}

function saidRows({ menu, bundle }: ScreensState, columns: number): readonly Row[] {
  const room = columns - LABEL - 1;
  return [
    ...(bundle === undefined ? [] : labelledRows('Bundle', wrapError(bundle, room, 2), LABEL)),
    ...(menu?.said === undefined ? [] : labelledRows('▲', wrapError(menu.said, room, 2), LABEL, 'warning')),
  ];
}

/** What this host is, how etcd is, and what can be done from here. */
export function menuSheet(state: ScreensState): ListSheet {
  const { columns } = state.size;
  const all = entries(state);
  const room = columns - MARK;
  return {
    title: 'what to do',
    above: [...hostRows(state, columns), ...etcdRows(state, columns), ...saidRows(state, columns), []],
    texts: all.map(({ title, reason }, index) =>
      cut(`${index + 1} ${title}${reason === undefined ? '' : ` (${reason})`}`, room),
    ),
    faint: all.map(({ reason }) => reason !== undefined),
    keys: [
      ['enter', 'open'],
      ['r', 'look again'],
      ['?', 'help'],
      ['q', 'quit'],
    ],
  };
}
