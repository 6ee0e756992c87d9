import { randomInt } from 'node:crypto';
import { difference, observe, type Desired } from '../changes/desired';
import type { Change } from '../engine/change';
import { Secret } from '../engine/secret';
import { step, type Step } from '../engine/step';
import type { Settings } from '../variables/settings';
import { BOOTSTRAP_TOKEN, KUBELET_CONFIG } from './paths';

const FORM = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const MODE = 0o600;

interface Observed {
  /** Whether a token is there already that stays. */
  readonly kept: boolean;
  readonly mode: number | undefined;
}

/** The token that workers join with stands in a file of its own, so that an interrupted installation goes on with the same one and no argument list ever holds it. */
export function bootstrapToken(settings: Settings, after: readonly string[]): Step {
  const token = settings.token ?? newToken();
  return step<Observed>({
    id: 'bootstrap-token',
    title: 'Make the bootstrap token',
    after,
    probe: async host => {
      const [bytes, stat, begun] = await Promise.all([
        host.read(BOOTSTRAP_TOKEN),
        host.stat(BOOTSTRAP_TOKEN),
        host.stat(KUBELET_CONFIG),
      ]);
      const usable = FORM.test(bytes?.toString('utf8') ?? '');
      // A token given later has no part in a cluster that was begun with another one.
      const free = settings.token !== undefined && begun === undefined;
      const desired: readonly Desired[] = [
        { kind: 'file', path: BOOTSTRAP_TOKEN, content: token, mode: MODE },
      ];
      const same = free && difference(desired, await observe(host, desired)).length === 0;
      return { kept: usable && (!free || same), mode: stat?.mode };
    },
    plan: ({ kept, mode }) => {
      if (!kept) return [{ kind: 'write', path: BOOTSTRAP_TOKEN, content: token, mode: MODE }];
      return mode === MODE ? [] : [onlyRootReads];
    },
  });
}

const onlyRootReads: Change = {
  kind: 'run',
  title: `Let only root read ${BOOTSTRAP_TOKEN}`,
  command: { file: 'chmod', args: [MODE.toString(8), BOOTSTRAP_TOKEN] },
  timeoutMs: 10_000,
  undo: [{ kind: 'paths', paths: [BOOTSTRAP_TOKEN] }],
};

/** In the form of bootstrap tokens: an id of 6 and a secret of 16 letters and digits. */
export function newToken(): Secret {
  const word = (length: number): string =>
    Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return new Secret(`${word(6)}.${word(16)}`);
}
