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
  readonly token?: string;
  readonly host?: FakeHost;
}

/** A host on which master1 … master3 resolve, and which is master1. */
export function lookedUpHost(files: ConstructorParameters<typeof FakeHost>[0] = {}): FakeHost {
  return new FakeHost(files)
    .answer(/^getent ahostsv4 /, ({ args }) => {
      const number = /^master([1-3])$/.exec(args[1] ?? '')?.[1];
      return number === undefined
        ? { code: 2 }
        : `10.0.0.${number}      STREAM ${args[1] ?? ''}\n10.0.0.${number}      DGRAM\n`;
    })
    .answer('ip -o -4 addr show', '1: lo    inet 127.0.0.1/8\n2: eth0    inet 10.0.0.1/24 brd 10.0.0.255\n');
}

/** Loads with a registry given, unless the text or a flag says otherwise. */
export function load(short: Shortened): Promise<Loaded> {
  return loadSettings(
    {
      answers: short.answers ?? {},
      flags: short.flags ?? {},
      environment: short.environment ?? {},
      file: { label: 'variables', text: short.text ?? 'DOCKER_REGISTRY=10.0.0.5:5000\n' },
      topology: { vip: short.vip ?? '', masters: short.masters ?? '', where: 'flag' },
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
