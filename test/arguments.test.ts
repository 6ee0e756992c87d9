import { describe, expect, it } from 'vitest';
import { parseArguments } from '../source/arguments';
import { Random } from './support/random';

const terminal = { terminal: true };
const pipe = { terminal: false };

function fields(argv: readonly string[], context = terminal): readonly string[] {
  const parsed = parseArguments(argv, context);
  return parsed.kind === 'problems'
    ? parsed.problems.map(problem => `${problem.field} ${problem.wrong}`)
    : [parsed.kind];
}

function given(argv: readonly string[], context = terminal) {
  const parsed = parseArguments(argv, context);
  if (parsed.kind !== 'arguments') throw new Error(JSON.stringify(parsed));
  return parsed.arguments;
}

describe('commands', () => {
  it('are install with screens where nothing is said', () => {
    expect(given([])).toEqual({
      command: 'install',
      yes: false,
      output: 'screens',
      external: false,
      answers: {},
    });
  });

  it.each(['plan', 'prepare', 'join-command'] as const)(
    '%s asks nothing, so it needs no terminal',
    command => {
      expect(given([command], pipe)).toMatchObject({ command, output: 'plain' });
    },
  );

  it('take every flag, before and after the command', () => {
    expect(
      given([
        '--variables',
        'v',
        'plan',
        '--kube-version=1.20.2',
        '--docker-registry',
        'r:1',
        '--vip',
        '10.0.0.9',
        '--masters',
        'a,b',
        '--platform=aws',
        '--ssh',
        '--ssh-user',
        'admin',
        '--ssh-key',
        '/root/key',
        '--token',
        't',
        '--output',
        'json',
        '-y',
      ]),
    ).toEqual({
      command: 'plan',
      yes: true,
      output: 'json',
      variablesFile: 'v',
      external: false,
      answers: { KUBE_VERSION: '1.20.2', DOCKER_REGISTRY: 'r:1', vip: '10.0.0.9', masters: 'a,b' },
      token: 't',
      platform: 'aws',
      ssh: { user: 'admin', keyFile: '/root/key' },
    });
  });

  it('give way to --help and --version', () => {
    expect(parseArguments(['plan', '--help'], pipe)).toEqual({ kind: 'help' });
    expect(parseArguments(['--version'], pipe)).toEqual({ kind: 'version' });
    expect(parseArguments(['-h'], pipe)).toEqual({ kind: 'help' });
  });
});

describe('output', () => {
  it('is plain with --yes, and json only where nothing is asked', () => {
    expect(given(['--yes'], pipe).output).toBe('plain');
    expect(given(['--yes', '--output', 'json'], pipe).output).toBe('json');
    expect(given(['prepare', '--output', 'json'], pipe).output).toBe('json');
    expect(fields(['--output', 'json'])).toEqual([
      '--output cannot ask questions, and without --yes there are some',
    ]);
    expect(fields(['--output', 'plain'])).toHaveLength(1);
    expect(fields(['join-command', '--output', 'json'])[0]).toContain('is not for join-command');
  });

  it('is refused clearly without a terminal and without --yes', () => {
    expect(fields([], pipe)).toEqual(['--yes is needed: this is no terminal, so nothing can be asked']);
  });
});

describe('problems', () => {
  it('come all at once', () => {
    expect(
      fields([
        'instal',
        '--vipp',
        'x',
        '--output',
        'xml',
        '--external',
        '--variables',
        'f',
        '--kube-version',
      ]),
    ).toEqual([
      '--vipp is not a flag of this program',
      '--kube-version needs a value',
      'command is not a command of this program',
      'command is more than one command',
      '--output is no form of output',
      '--external cannot stand beside --variables',
    ]);
  });

  it('suggest the nearest flag and command', () => {
    const right = (argv: string[]) => {
      const parsed = parseArguments(argv, terminal);
      return parsed.kind === 'problems' ? parsed.problems[0]?.right : undefined;
    };
    expect(right(['--master', 'a'])).toBe('--masters, if that was meant');
    expect(right(['--no-yes'])).toContain('--yes');
    expect(right(['pan'])).toBe('plan, if that was meant');
    expect(right(['--colour'])).toBe('one of the flags in --help');
  });

  it('do not take a flag for a value', () => {
    expect(fields(['--vip', '--yes'])).toEqual(['--vip needs a value']);
    expect(fields(['--vip='])).toEqual(['--vip needs a value']);
    expect(fields(['--yes=no'])).toEqual(['--yes takes no value']);
    expect(fields(['--vip', 'a', '--vip', 'b'])).toEqual(['--vip is given twice with different values']);
  });

  it('want other masters for --ssh, unless the wizard asks for them', () => {
    expect(given(['--ssh']).ssh).toEqual({});
    expect(given(['--yes', '--ssh', '--masters', 'a,b']).ssh).toEqual({});
    expect(fields(['--yes', '--ssh'])).toEqual(['--ssh reaches the other masters, and none are given']);
    expect(fields(['plan', '--ssh'], pipe)).toHaveLength(1);
    expect(fields(['prepare', '--ssh', '--masters', 'a,b'])).toEqual([
      '--ssh is not for prepare, which is about this host alone',
    ]);
    expect(fields(['--ssh-user', 'x', '--ssh-key', 'y'])).toEqual([
      '--ssh-user is only for --ssh',
      '--ssh-key is only for --ssh',
    ]);
  });

  it('never repeat a token', () => {
    const wrong = parseArguments(['--token', 'hunter2', '--token', 'hunter3', '--tokn=hunter4'], pipe);
    expect(wrong.kind).toBe('problems');
    expect(JSON.stringify(wrong)).not.toMatch(/hunter/);
    expect(fields(['--token', 'a', '--token-file', 'b'])).toEqual([
      '--token cannot stand beside --token-file',
    ]);
  });
});

it('makes problems or arguments of whatever is typed, never an exception', { timeout: 120_000 }, () => {
  const random = new Random(16_202);
  const words = [
    '--yes',
    '-y',
    '-h',
    '--help',
    '--vip',
    '--masters',
    '--token',
    '--token-file',
    '--output',
    'json',
    'plain',
    'plan',
    'prepare',
    'join-command',
    'install',
    '--',
    '-',
    '---',
    '--=',
    '--=x',
    '-yh',
    '-yx',
    '-1',
    '',
    ' ',
    '--output=json',
    '--variables',
    'é\u0000',
    '__proto__',
    '--__proto__',
    '--__proto__=1',
    '--constructor',
    '-é',
    '\n',
    '--no-yes',
    '--ssh',
    '--ssh-key',
    '--platform=aws',
    '--kube-version=1.20.2',
    '--toString',
  ];
  let accepted = 0;
  for (let round = 0; round < 4000; round += 1) {
    const argv = random.several(0, 6, () => random.pick(words));
    const parsed = parseArguments(argv, { terminal: random.chance(50) });
    if (parsed.kind === 'problems') {
      expect(parsed.problems.length).toBeGreaterThan(0);
      for (const problem of parsed.problems) expect(problem.wrong !== '' && problem.right !== '').toBe(true);
    } else accepted += 1;
    if (parsed.kind === 'arguments' && parsed.arguments.output === 'json') {
      expect(parsed.arguments.yes || parsed.arguments.command !== 'install').toBe(true);
    }
  }
  expect(accepted).toBeGreaterThan(50);
});
