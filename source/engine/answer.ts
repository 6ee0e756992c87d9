const LONGEST = 400;
/** Where answers and log lines in JSON have their sentence: Kubernetes' Status, etcd's gateway, zap's log lines, registries' errors, docker's events, what masters report. */
const SENTENCES = ['message', 'msg', 'refused', 'error', 'errorDetail', 'detail', 'reason', 'did'] as const;
const SHOWN_FIELDS = 4;
/** Words by which a program's line tells why it failed. */
const TELLING =
  /\b(?:err(?:or)?|fail(?:ed|ure|s)?|fatal|panic|cannot|can't|could not|couldn't|unable|denied|refused|forbidden|unauthorized|invalid|unknown|no such|not found|no space|not permitted|does(?: not|n't) exist|already exists|timed? ?out|timeout|conflicts?|requires|nothing provides|no package)\b/i;

/** What an answer or a line says, in one line for people: of JSON its own message, of an HTML page its title, of other text the last line. Undefined where it says nothing. */
export function sentenceOf(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const title = /^(?:<!doctype html|<html)[^]*?(?:<title>\s*([^<]{1,100}?)\s*<\/title>|$)/i.exec(trimmed);
  if (title !== null) return `an HTML page${title[1] === undefined ? '' : `, "${title[1]}"`}`;
  const whole = inJson(trimmed);
  if (whole !== undefined) return cut(whole);
  const line = trimmed.split('\n').at(-1)?.trim() ?? '';
  const [, before = '', json = ''] = /^([^{[]{0,200}?)([{[].*)$/.exec(line) ?? [];
  const said = json === '' ? undefined : inJson(json);
  return cut(said === undefined ? line : before + said);
}

/** Why a program failed, of the lines that it printed: the last that tells of a failure, else the last. */
export function reasonIn(lines: readonly string[]): string | undefined {
  const said = lines.flatMap(line => sentenceOf(line) ?? []);
  return said.filter(line => TELLING.test(line)).at(-1) ?? said.at(-1);
}

function inJson(text: string): string | undefined {
  if (!/^[{[]/.test(text)) return undefined;
  try {
    return ofValue(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function ofValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : ofValue(value[0]);
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(fields['errors']) && fields['errors'].length > 0) return ofValue(fields['errors'][0]);
  const found = SENTENCES.flatMap(name => {
    const said = fields[name];
    return said === undefined || said === null || said === '' ? [] : [ofValue(said)];
  });
  const [first, second] = [...new Set(found)];
  if (first !== undefined)
    return second === undefined || first.includes(second) ? first : `${first}: ${second}`;
  const plain = Object.entries(fields).filter(([, one]) =>
    ['string', 'number', 'boolean'].includes(typeof one),
  );
  if (plain.length === 0) return 'an answer without a message';
  return plain
    .slice(0, SHOWN_FIELDS)
    .map(([name, one]) => `${name}: ${String(one)}`)
    .join(', ');
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
