import { describe, expect, it } from 'vitest';
import { assignment, parseEnvironmentFile, wordsOf } from '../../../source/steps/prepare/environment-file';

const values = (text: string): readonly string[] =>
  parseEnvironmentFile(text).map(({ name, value }) => `${name}|${value}`);

/** Each as systemd 219's parse_env_file_internal goes through it. */
describe('a file of EnvironmentFile=', () => {
  it.each([
    ['A=1\n', ['A|1']],
    ['A=1', ['A|1']],
    ['A=\n', ['A|']],
    ['A=', ['A|']],
    ['', []],
    ['A\nB=1\n', ['B|1']],
    ['  A = x y  \n', ['A|x y']],
    ['# A=1\n; B=2\n  # C=3\nD=4\n', ['D|4']],
    ['A="x y"\n', ['A|x y']],
    ["A='x y'\n", ['A|x y']],
    ['A="x" "y"\n', ['A|xy']],
    ['A="x"y\n', ['A|xy']],
    ['A="x "  \n', ['A|x ']],
    ['A=x "y z"\n', ['A|x "y z"']],
    ['A=--gates="B=1,C=2" --v=2\n', ['A|--gates="B=1,C=2" --v=2']],
    ['A="x \\\n  y"\nB=1\n', ['A|x   y', 'B|1']],
    ['A=x \\\n  y\nB=1\n', ['A|x   y', 'B|1']],
    ['A="x\\"y"\n', ['A|x"y']],
    ['A=x\\ \n', ['A|x ']],
    ['A="x\ny"\nB=1\n', ['A|x\ny', 'B|1']],
    ['# A=1 \\\nB=2\nC=3\n', ['C|3']],
    ['A=1\r\nB="2"\r\n', ['A|1', 'B|2']],
    ['A=1 # no comment\n', ['A|1 # no comment']],
    ['export A=1\n', ['export A|1']],
    ['A=1\nA=2\n', ['A|1', 'A|2']],
    ['A="x\nB=1\n', ['A|x\nB=1\n']],
  ])('%j', (text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  it('tells where each stands, and whether a quote is left open', () => {
    const text = '# one\nA="x \\\n y"\n\nB=1\n';
    const [a, b] = parseEnvironmentFile(text);
    expect(text.slice(a?.start, a?.end)).toBe('A="x \\\n y"');
    expect([a?.line, b?.line]).toEqual([2, 5]);
    expect(parseEnvironmentFile('A="x\n')[0]?.open).toBe(true);
    expect(parseEnvironmentFile('A="x"\n')[0]?.open).toBe(false);
  });
});

describe('the words of $NAME', () => {
  it.each([
    ['', []],
    ['  --a   --b=1 ', ['--a', '--b=1']],
    ['--a="x y" --b', ['--a=x y', '--b']],
    ["--a='x \"y'", ['--a=x "y']],
    ['--a=x\\ y', ['--a=x y']],
    ["--a='x", ['--a=x']],
    ['--a "" --b', ['--a', '', '--b']],
  ])('%j', (value, expected) => {
    expect(wordsOf(value)?.map(({ text }) => text)).toEqual(expected);
    expect(
      wordsOf(value)
        ?.map(({ raw }) => raw)
        .join(''),
    ).toBe(value.trim().replace(/ +(?=--|"")/g, ''));
  });

  it('are none where a double quote is left open', () => {
    expect(wordsOf('--a="x')).toBeUndefined();
  });
});

describe('a line written', () => {
  it.each([
    '',
    '--a --b=1',
    '--a="x y"',
    "--a='x'",
    `--a="x" --b='y'`,
    '--a=x\\ y',
    `"--a"='\\'`,
    '$HOME `x`',
  ])('is read as %j', value => {
    expect(values(`${assignment('A', value)}\nB=1\n`)).toEqual([`A|${value}`, 'B|1']);
  });
});
