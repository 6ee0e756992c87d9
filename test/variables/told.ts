import type { Loaded, Told } from '../../source/variables/load';
import { loadSettings } from '../../source/variables/load';
import type { Problem, Settings } from '../../source/variables/settings';
import { FakeHost } from '../support/fake-host';

export interface Shortened {
  readonly text?: string;
  readonly answers?: Told['answers'];
  readonly flags?: Told['flags'];
  readonly environment?: Told['environment'];
  readonly vip?: string;
  readonly masters?: string;
  readonly platform?: string;
  readonly ssh?: Told['topology']['ssh'];
  readonly token?: string;
  readonly host?: FakeHost;
}

/** What the names of a small site resolve to. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`master${at + 1}`, [`10.0.0.${at + 1}`]])),
  'vip.lab': ['10.0.0.100'],
  'elb.lab': ['10.0.0.201', '10.0.0.202'],
  'of-master2.lab': ['10.0.0.2'],
  localhost: ['127.0.0.1'],
};

/** Addresses and the lines that getent has for them; others have none. */
const ADDRESSES: Readonly<Record<string, string>> = {
  '10.0.0.2': '10.0.0.2        master2 m2\n',
  '10.0.0.3': '10.0.0.3        Master3.example.com\n',
  '10.0.0.66': '10.0.0.66       under_score\n',
};

/** A host on which master1 … master9 resolve, and which is master1. */
export function lookedUpHost(files: ConstructorParameters<typeof FakeHost>[0] = {}): FakeHost {
  return new FakeHost(files)
    .answer(/^getent ahostsv4 /, ({ args }) => {
      const name = args[1] ?? '';
      const addresses = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
      return addresses?.map(one => `${one}      STREAM ${name}\n${one}      DGRAM\n`).join('') ?? { code: 2 };
    })
    .answer(/^getent hosts /, ({ args }) => ADDRESSES[args[1] ?? ''] ?? { code: 2 })
    .answer('hostname', 'master1\n')
    .answer(
      'ip -4 -o addr show scope global',
      '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n',
    )
    .answer(/^ip -4 -o route get /, ({ args }) => `${args[4] ?? ''} dev eth0 src 10.0.0.1 uid 0\n`);
}

/** Loads with a registry given, unless the text or a flag says otherwise. */
export function load(short: Shortened): Promise<Loaded> {
  return loadSettings(
    {
      answers: short.answers ?? {},
      flags: short.flags ?? {},
      environment: short.environment ?? {},
      file: { label: 'variables', text: short.text ?? 'DOCKER_REGISTRY=10.0.0.5:5000\n' },
      topology: {
        vip: short.vip ?? '',
        masters: short.masters ?? '',
        where: { vip: 'flag', masters: 'flag' },
        ...(short.platform === undefined ? {} : { platform: short.platform }),
        ...(short.ssh === undefined ? {} : { ssh: short.ssh }),
      },
      ...(short.token === undefined ? {} : { token: { value: short.token, flag: '--token' } }),
    },
    short.host ?? lookedUpHost(),
  );
}

export async function settings(short: Shortened): Promise<Settings> {
  const loaded = await load(short);
  if (!('settings' in loaded)) throw new Error(JSON.stringify(loaded.problems, null, 1));
  return loaded.settings;
}

export async function problems(short: Shortened): Promise<readonly Problem[]> {
  const loaded = await load(short);
  return 'problems' in loaded ? loaded.problems : [];
}
