import type { Random } from '../support/random';

/** Texts that programs have stumbled over. */
export const ODD: readonly string[] = [
  '',
  ' ',
  '-',
  '--',
  '--help',
  '-rf',
  '$(touch /tmp/ran)',
  '`reboot`',
  '; reboot #',
  '&& reboot',
  '| sh',
  "'; reboot; '",
  '"$(reboot)"',
  '${IFS}',
  '$HOME',
  '~root',
  '*',
  '../../../etc/shadow',
  '/dev/zero',
  '\0',
  '\r\n',
  '\x1b[2J',
  '\u202ex',
  '\ud800',
  '\ufeff',
  '\u00e9\u0301',
  '\u{1f4a9}',
  '%s%n%x',
  '{{name}}',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'NaN',
  '1e999',
  '-1',
  '0x10',
  '99999999999999999999',
  'x'.repeat(300),
  'x'.repeat(20_000),
];

/** Values of other kinds than the one that belongs somewhere. */
export const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  [],
  {},
  [null],
  [[]],
  { length: 3 },
  ...ODD.slice(0, -1),
];

/** The bytes with one to three of them changed, left out, doubled, or all cut off from there. */
export function damaged(bytes: Buffer, random: Random): Buffer {
  let made = bytes;
  for (let times = 1 + random.below(3); times > 0; times -= 1) {
    const at = random.below(made.length + 1);
    const [before, after] = [made.subarray(0, at), made.subarray(at)];
    const noise = Buffer.from(random.several(1, 4, () => random.below(256)));
    switch (random.below(6)) {
      case 0:
        made = before;
        break;
      case 1:
        made = Buffer.concat([before, after.subarray(random.below(40))]);
        break;
      case 2:
        made = Buffer.concat([before, noise, after]);
        break;
      case 3:
        made = Buffer.concat([before, after.subarray(0, random.below(200)), after]);
        break;
      case 4:
        made = Buffer.concat([before, Buffer.from(random.pick(ODD)), after]);
        break;
      default:
        made = Buffer.concat([before, noise, after.subarray(noise.length)]);
    }
  }
  return made;
}

/** A copy of a value of JSON in which one part, chosen at random, is another thing or gone. */
export function misshapen(value: unknown, random: Random): unknown {
  if (random.chance(15) || typeof value !== 'object' || value === null) return random.pick(ODD_VALUES);
  if (Array.isArray(value)) {
    if (value.length === 0) return [random.pick(ODD_VALUES)];
    const at = random.below(value.length);
    return value.map((part: unknown, index) => (index === at ? misshapen(part, random) : part));
  }
  const names = Object.keys(value);
  if (names.length === 0) return random.pick(ODD_VALUES);
  const name = random.pick(names);
  const copy = new Map<string, unknown>(Object.entries(value));
  if (random.chance(20)) copy.delete(name);
  else copy.set(name, misshapen(copy.get(name), random));
  return Object.fromEntries(copy);
}

/** Cases between two moments in which the test's own process may do something else. */
const AT_ONCE = 50;
let cases = 0;

/** Runs a case, and where it fails says which one it was. */
export async function tried(what: () => unknown, where: () => string): Promise<void> {
  cases += 1;
  if (cases % AT_ONCE === 0) await new Promise(resolve => setImmediate(resolve));
  try {
    await what();
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(`${where()}\n${reason}`);
  }
}
