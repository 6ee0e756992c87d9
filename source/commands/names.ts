/** Every flag, and whether a value follows it. */
export const OPTIONS = {
  yes: false,
  output: true,
  plan: false,
  variables: true,
  external: false,
  'kube-version': true,
  'docker-registry': true,
  vip: true,
  masters: true,
  platform: true,
  ssh: false,
  'ssh-user': true,
  'ssh-key': true,
  token: true,
  'token-file': true,
  snapshot: true,
  'accept-data-loss': false,
  'give-up-restore': false,
  'keep-nothing': false,
  speed: true,
  step: false,
  help: false,
  version: false,
} as const;

export type OptionName = keyof typeof OPTIONS;

/** What says which site and which hosts: everything that settings are made from. */
const SITE: readonly OptionName[] = [
  'variables',
  'external',
  'kube-version',
  'docker-registry',
  'vip',
  'masters',
  'platform',
  'ssh',
  'ssh-user',
  'ssh-key',
  'token',
  'token-file',
];

/** How a command meets whoever called it. */
interface CommandShape {
  /** The flags that mean something to it, beside --help and --version. */
  readonly flags: readonly OptionName[];
  /** What may stand behind it: how many words at most, and what they are. */
  readonly words?: { readonly most: number; readonly what: string; readonly least?: number };
  /**
   * asks: it changes something, so it asks in a terminal, or is told --yes;
   * shows: on screens in a terminal, else as lines;
   * prints: as lines, always.
   */
  readonly manner: 'asks' | 'shows' | 'prints';
}

/** Every command, as it is typed. `engine` is what the program starts itself as, to do a run apart from the terminal. */
export const COMMANDS = {
  install: { manner: 'asks', flags: ['yes', 'output', ...SITE] },
  plan: { manner: 'prints', flags: ['yes', 'output', ...SITE] },
  prepare: { manner: 'prints', flags: ['yes', 'output', ...SITE] },
  'join-command': { manner: 'prints', flags: ['yes', 'output', ...SITE] },
  'readd-member': {
    manner: 'asks',
    flags: ['yes', 'output', 'plan', 'snapshot', 'accept-data-loss', 'give-up-restore'],
    words: { most: 7, what: "the masters' names" },
  },
  attach: { manner: 'shows', flags: ['output'] },
  status: { manner: 'prints', flags: ['output'] },
  undo: { manner: 'asks', flags: ['yes', 'output', 'plan', ...SITE] },
  reset: {
    manner: 'asks',
    flags: ['yes', 'output', 'plan', 'keep-nothing', 'accept-data-loss', ...SITE],
  },
  replay: {
    manner: 'shows',
    flags: ['output', 'speed', 'step'],
    words: { least: 1, most: 1, what: "the journal's file" },
  },
  'support-bundle': {
    manner: 'prints',
    flags: SITE,
    words: { most: 1, what: 'the file to write' },
  },
  engine: { manner: 'prints', flags: [], words: { least: 1, most: 1, what: 'the request' } },
} as const satisfies Readonly<Record<string, CommandShape>>;

export type CommandName = keyof typeof COMMANDS;

/** As `COMMANDS[name]`, with what a command leaves out. */
export function shapeOf(name: CommandName): CommandShape {
  return COMMANDS[name];
}

/** The commands that are for people, in the order of the help. */
export const SPOKEN_COMMANDS = (Object.keys(COMMANDS) as readonly CommandName[]).filter(
  name => name !== 'engine',
);

/** Other spellings of a command. */
export const SPELLINGS: Readonly<Record<string, CommandName>> = { readd_member: 'readd-member' };
