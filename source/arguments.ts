import {
  COMMANDS,
  OPTIONS,
  shapeOf,
  SPELLINGS,
  SPOKEN_COMMANDS,
  type CommandName,
  type OptionName,
} from './commands/names';
import { MASK } from './engine/secret';
import type { Answers } from './installer';
import { nearest } from './variables/nearest';
import type { Problem } from './variables/settings';

/** What the command line asks for. */
export interface Arguments {
  readonly command: CommandName;
  readonly yes: boolean;
  readonly output: 'screens' | 'plain' | 'json';
  /** Path as given; undefined for ./variables or the product's own. */
  readonly variablesFile?: string;
  /** The product's own variables.external. */
  readonly external: boolean;
  /** Values that flags give. */
  readonly answers: Answers;
  readonly token?: string;
  readonly tokenFile?: string;
  /** As given: what it may be is checked with the other values. */
  readonly platform?: string;
  /** Present where --ssh was given. */
  readonly ssh?: { readonly user?: string; readonly keyFile?: string };
  /** What stands behind the command: readd-member's masters, a journal, a file. */
  readonly words?: readonly string[];
  /** Only the plan is shown. */
  readonly planOnly?: true;
  /** The snapshot to restore from, as given. */
  readonly snapshot?: string;
  readonly acceptDataLoss?: true;
  /** With readd-member: a restore that was begun is given up. */
  readonly giveUpRestore?: true;
  readonly keepNothing?: true;
  /** How many times as fast as it was a journal is played. */
  readonly speed?: number;
  /** A journal is played one event at a key. */
  readonly step?: true;
}

type Parsed =
  | { readonly kind: 'arguments'; readonly arguments: Arguments }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];
const SHORT: ReadonlyMap<string, OptionName> = new Map([
  ['-y', 'yes'],
  ['-h', 'help'],
]);

/** Reads the options one by one, keeping every problem instead of stopping at the first. */
class Reader {
  readonly problems: Problem[] = [];
  readonly values = new Map<OptionName, string>();
  readonly words: string[] = [];

  constructor(argv: readonly string[]) {
    const rest = [...argv];
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
      if (word === '--') {
        this.words.push(...rest);
        return;
      }
      if (!word.startsWith('-') || word === '-') this.words.push(word);
      else this.option(word, rest);
    }
  }

  /** Adds a problem with a flag. */
  wrong(field: string, value: string, wrong: string, right: string): void {
    this.problems.push({ field, value, where: 'flag', wrong, right });
  }

  private option(word: string, rest: string[]): void {
    const equals = word.indexOf('=');
    const flag = equals === -1 ? word : word.slice(0, equals);
    let value = equals === -1 ? undefined : word.slice(equals + 1);
    const name = SHORT.get(word) ?? OPTION_NAMES.find(option => `--${option}` === flag);
    if (name === undefined) {
      const near = nearest(flag.replace(/^-+(no-)?/, ''), OPTION_NAMES);
      const right = near === undefined ? 'one of the flags in --help' : `--${near}, if that was meant`;
      this.wrong(flag.slice(0, 60), value === undefined ? '' : MASK, 'is not a flag of this program', right);
      return;
    }
    if (!OPTIONS[name]) {
      if (value === undefined) this.set(name, 'yes');
      else this.wrong(flag, value.slice(0, 60), 'takes no value', flag);
      return;
    }
    // A following word that looks like a flag is one: it is not this flag's value.
    if (value === undefined && rest[0]?.startsWith('-') === false) value = rest.shift();
    if (value === undefined || value === '') this.wrong(flag, '', 'needs a value', `${flag} VALUE`);
    else this.set(name, value);
  }

  private set(name: OptionName, value: string): void {
    const before = this.values.get(name);
    if (before !== undefined && before !== value) {
      const shown = name === 'token' ? MASK : value;
      this.wrong(`--${name}`, shown, 'is given twice with different values', 'it once');
    }
    this.values.set(name, value);
  }
}

function commandOf(reader: Reader): CommandName {
  const [word] = reader.words;
  if (word === undefined) return 'install';
  const name = SPELLINGS[word] ?? word;
  if (Object.hasOwn(COMMANDS, name)) return name as CommandName;
  const near = nearest(word, SPOKEN_COMMANDS);
  reader.wrong(
    'command',
    word.slice(0, 60),
    'is not a command of this program',
    near === undefined ? `one of ${SPOKEN_COMMANDS.join(', ')}` : `${near}, if that was meant`,
  );
  return 'install';
}

/** The words behind the command, as many as it takes. */
function wordsOf(reader: Reader, command: CommandName): readonly string[] {
  const words = reader.words.slice(1);
  const taken = shapeOf(command).words;
  const { least = 0, most = 0, what = '' } = taken ?? {};
  if (words.length > most) {
    const right = taken === undefined ? 'one command, and values behind flags' : `${what}, ${most} at most`;
    const wrong = taken === undefined ? 'is more than one command' : `is more than ${command} takes`;
    reader.wrong('command', words.slice(most).join(' ').slice(0, 60), wrong, right);
  } else if (words.length < least) {
    reader.wrong('command', command, 'needs a word behind it', `${command} and ${what}`);
  }
  return words;
}

function refuseOtherFlags(reader: Reader, command: CommandName): void {
  const { flags } = shapeOf(command);
  for (const name of reader.values.keys()) {
    if (flags.includes(name) || name === 'help' || name === 'version') continue;
    reader.wrong(`--${name}`, '', `is not for ${command}`, 'the command without it');
  }
}

function outputOf(reader: Reader, command: CommandName, terminal: boolean): Arguments['output'] {
  const given = reader.values.get('output');
  const yes = reader.values.has('yes');
  const { manner } = shapeOf(command);
  if (given !== undefined && given !== 'plain' && given !== 'json') {
    reader.wrong('--output', given.slice(0, 60), 'is no form of output', 'plain or json');
    return 'plain';
  }
  if (command === 'join-command' && given === 'json') {
    reader.wrong('--output', given, 'is not for join-command, which prints one line', 'no --output');
  }
  if (manner === 'shows') return given ?? (terminal ? 'screens' : 'plain');
  if (manner === 'prints' || yes || reader.values.has('plan')) return given ?? 'plain';
  const right = `--yes with it (nothing is asked then), or ${command === 'install' ? 'the plan command' : '--plan'}`;
  if (given !== undefined) {
    reader.wrong('--output', given, 'cannot ask questions, and without --yes there are some', right);
  } else if (!terminal) {
    reader.wrong(
      '--yes',
      '',
      'is needed: this is no terminal, so nothing can be asked',
      '--yes, or a terminal',
    );
  }
  return given ?? 'screens';
}

/** How fast a journal is played: a factor. */
function speedOf(reader: Reader): number | undefined {
  const given = reader.values.get('speed');
  if (given === undefined) return undefined;
  const speed = /^\d{1,4}(\.\d{1,3})?$/.test(given) ? Number(given) : 0;
  if (speed > 0) return speed;
  reader.wrong('--speed', given.slice(0, 60), 'is no factor', 'a number such as 10, or 0.5');
  return undefined;
}

/** A run is done by another process, somewhere else: a snapshot is named by its whole path. */
function refuseRelative(reader: Reader): void {
  const given = reader.values.get('snapshot');
  if (given === undefined || given.startsWith('/') || given === 'member') return;
  reader.wrong(
    '--snapshot',
    given.slice(0, 200),
    'is no absolute path',
    'the whole path of a snapshot, or member',
  );
}

function exclude(reader: Reader, one: OptionName, other: OptionName): void {
  if (!reader.values.has(one) || !reader.values.has(other)) return;
  reader.wrong(`--${one}`, '', `cannot stand beside --${other}`, 'one of the two');
}

/** --ssh reaches the other masters, so there must be some; in the wizard they are asked for. */
function sshOf(reader: Reader, command: CommandName, output: Arguments['output']): Arguments['ssh'] {
  const { values } = reader;
  if (!values.has('ssh')) {
    for (const name of ['ssh-user', 'ssh-key'] as const) {
      const value = values.get(name);
      if (value !== undefined) reader.wrong(`--${name}`, value, 'is only for --ssh', '--ssh with it');
    }
    return undefined;
  }
  if (['prepare', 'join-command', 'reset'].includes(command)) {
    reader.wrong('--ssh', '', `is not for ${command}, which is about this host alone`, 'no --ssh');
  } else if (!values.has('masters') && output !== 'screens' && command !== 'undo') {
    reader.wrong('--ssh', '', 'reaches the other masters, and none are given', '--masters with it');
  }
  return { ...optional('user', values.get('ssh-user')), ...optional('keyFile', values.get('ssh-key')) };
}

function optional<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, string>);
}

/** argv -> what to do, or every problem at once; pure: asks nothing and looks at nothing but what it is given. */
export function parseArguments(argv: readonly string[], context: { readonly terminal: boolean }): Parsed {
  const reader = new Reader(argv);
  const { values, problems } = reader;
  if (problems.length === 0 && values.has('help')) return { kind: 'help' };
  if (problems.length === 0 && values.has('version')) return { kind: 'version' };
  const command = commandOf(reader);
  const words = wordsOf(reader, command);
  if (problems.length === 0) refuseOtherFlags(reader, command);
  const output = outputOf(reader, command, context.terminal);
  exclude(reader, 'external', 'variables');
  exclude(reader, 'token', 'token-file');
  exclude(reader, 'speed', 'step');
  exclude(reader, 'give-up-restore', 'accept-data-loss');
  exclude(reader, 'give-up-restore', 'snapshot');
  refuseRelative(reader);
  const ssh = sshOf(reader, command, output);
  const speed = speedOf(reader);
  if (problems.length > 0) return { kind: 'problems', problems };
  return {
    kind: 'arguments',
    arguments: {
      command,
      yes: values.has('yes'),
      output,
      ...optional('variablesFile', values.get('variables')),
      external: values.has('external'),
      answers: {
        ...optional('KUBE_VERSION', values.get('kube-version')),
        ...optional('DOCKER_REGISTRY', values.get('docker-registry')),
        ...optional('vip', values.get('vip')),
        ...optional('masters', values.get('masters')),
      },
      ...optional('token', values.get('token')),
      ...optional('tokenFile', values.get('token-file')),
      ...optional('platform', values.get('platform')),
      ...(ssh === undefined ? {} : { ssh }),
      ...(words.length === 0 ? {} : { words }),
      ...(values.has('plan') ? { planOnly: true } : {}),
      ...optional('snapshot', values.get('snapshot')),
      ...(values.has('accept-data-loss') ? { acceptDataLoss: true } : {}),
      ...(values.has('give-up-restore') ? { giveUpRestore: true } : {}),
      ...(values.has('keep-nothing') ? { keepNothing: true } : {}),
      ...(speed === undefined ? {} : { speed }),
      ...(values.has('step') ? { step: true } : {}),
    },
  };
}
