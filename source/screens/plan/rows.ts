import type { ShownValue } from '../../engine/event';
import type { Plan } from '../../installer';
import type { Settings } from '../../variables/settings';
import { plain, type Row } from '../frame/rows';
import { changesIn, planRows, type PlanState } from '../state/plan';
import { count } from '../state/units';
import { cut, ends, fit, shorten, wrap } from '../terminal/width';

/** "9 stages, 47 changes; 3 of 31 steps are done already". */
export function planTitle({ stages, steps }: Plan): string {
  const changes = steps.reduce((sum, step) => sum + changesIn(step.changes), 0);
  const satisfied = steps.filter(step => step.changes.length === 0).length;
  const done =
    satisfied === 0 ? '' : `; ${satisfied} of ${count(steps.length, 'step')} as they should be already`;
  return changes === 0
    ? 'Nothing to change: every step is as it should be'
    : `${count(stages.length, 'stage')}, ${count(changes, 'change')}${done}`;
}

/** The VIP with what brings it, and who become masters beside this host; nothing for a single master without a VIP. */
export function topologyRows(settings: Settings | undefined, columns: number): readonly Row[] {
  const { vip, others = [], ssh } = settings ?? {};
  const names = others.map(({ hostname }) => hostname).join(', ');
  const parts = [
    ...(vip === undefined
      ? []
      : [`VIP ${vip.endpoint} by ${vip.carrier === 'keepalived' ? 'keepalived' : 'a load balancer'}`]),
    ...(names === ''
      ? []
      : [`masters that ${ssh === undefined ? 'join later' : 'are joined over ssh'}: ${names}`]),
  ];
  return parts.length === 0 ? [] : wrap(parts.join(' · '), columns - 2).map(text => plain(` ${text}`));
}

/** The tree, one row per line; the marked one is bold and pointed at. */
export function treeRows(state: PlanState, columns: number): readonly Row[] {
  return planRows(state).map(({ key, depth, text, note, open }) => {
    const marked = key === state.cursor;
    const sign = open === undefined ? ' ' : open ? '▾' : '▸';
    const line = `${marked ? '›' : ' '}${'   '.repeat(depth)}${sign} ${depth === 3 ? '| ' : ''}${text}`;
    const end = note === '' ? '' : `  ${note} `;
    const short = depth === 2 ? shorten(line, columns - end.length) : line;
    return [{ text: ends(short, end, columns), bold: marked }];
  });
}

/** What is to be known beside the changes, in at most four lines: the plan in a file has it whole. */
export function noteRows(notes: readonly string[], columns: number): readonly Row[] {
  const lines = notes.flatMap(note => wrap(`▲ ${note}`, columns - 2));
  const kept = lines.length > 4 ? [...lines.slice(0, 3), `${lines[3] ?? ''} …`] : lines;
  return kept.map(text => [{ text: ` ${cut(text, columns - 2)}`, tone: 'warning' }]);
}

/** The values that somebody gave come first, for they are what one wants to see again. */
export function teaserRows(values: readonly ShownValue[], columns: number): readonly Row[] {
  const given = values.filter(({ source }) => source !== 'default');
  const text = [...given, ...values.filter(({ source }) => source === 'default')]
    .map(({ name, value, source }) => `${name} ${value} (${source})`)
    .join(' · ');
  const [first = '', ...rest] = wrap(`Values: ${text}`, columns - 2);
  const second =
    rest[0] === undefined ? [] : [plain(` ${rest.length > 1 ? cut(`${rest[0]} …`, columns - 2) : rest[0]}`)];
  return [plain(` ${first}`), ...second];
}

/** Every value with where it comes from; a long one takes a second line rather than losing its end. */
export function valueRows(values: readonly ShownValue[], columns: number): readonly Row[] {
  const width = Math.min(30, Math.max(0, ...values.map(({ name }) => name.length)));
  return values.flatMap(({ name, value, source }) => {
    const end = `  ${source} `;
    const [first = '', ...more] = wrap(value, columns - width - 3 - end.length);
    return [
      [{ text: ` ${fit(name, width)}  `, bold: true }, { text: ends(first, end, columns - width - 3) }],
      ...more.map(text => plain(`${' '.repeat(width + 3)}${text}`)),
    ];
  });
}
