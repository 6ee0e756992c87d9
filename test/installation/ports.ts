import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Arguments } from '../../source/arguments';
import type { Check } from '../../source/engine/check';
import { step, type Step } from '../../source/engine/step';
import type { Ports } from '../../source/installation/installation';
import { NO_OTHERS } from '../../source/installation/other-hosts';
import type { Recipe } from '../../source/installation/recipe';
import type { FakeHost } from '../support/fake-host';

export const TOKEN = 'abcdef.0123456789abcdef';

export const given: Arguments = {
  command: 'install',
  yes: true,
  output: 'plain',
  external: false,
  answers: {},
};

/** A step that writes one file. */
export function fileStep(path: string, content: string): Step {
  return step<string | undefined>({
    id: 'one-file',
    title: 'Write a file',
    after: [],
    probe: async host => (await host.read(path))?.toString(),
    plan: found => (found === content ? [] : [{ kind: 'write', path, content, mode: 0o644 }]),
  });
}

export const fine: Check = {
  id: 'fine',
  title: 'Fine',
  run: () => Promise.resolve([{ level: 'ok', message: 'all is well' }]),
};

/** A recipe of one step and the checks given. */
export function recipeOf(
  checks: readonly Check[] = [fine],
  steps: readonly Step[] = [fileStep('/etc/made', 'x\n')],
): Recipe {
  return {
    command: 'install',
    checks: () => Promise.resolve(checks),
    work: () => Promise.resolve({ stages: [{ id: 'only', title: 'Only', steps }], notes: ['Noted.'] }),
  };
}

/** Ports on a host in memory; state and logs go to a directory of their own. */
export function portsOn(host: FakeHost, more: Partial<Ports> = {}): Ports {
  const directory = mkdtempSync(join(tmpdir(), 'installation-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    environment: {},
    workingDirectory: '/site',
    packageRoot: '/package',
    product: 'kube-el7-install test',
    root: true,
    directories: { stateDirectory: join(directory, 'state'), logDirectory: join(directory, 'log') },
    host: () => host,
    others: () => Promise.resolve(NO_OTHERS),
    settleLeftovers: () => Promise.resolve([]),
    ...more,
  };
}
