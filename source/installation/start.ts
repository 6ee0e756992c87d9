import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arguments } from '../arguments';
import { Failure } from '../engine/failure';
import { settleLeftovers } from '../hosts/leftovers';
import { LocalHost } from '../hosts/local';
import { problemsText } from '../renderers/failure-text';
import { jsonListener } from '../renderers/json';
import { plainListener } from '../renderers/plain';
import { EXIT, runHeadless } from './headless';
import type { Ports } from './installation';
import { openInstaller } from './installation';
import { otherHosts } from './other-hosts';
import { printJoinCommand } from './join-command';
import { installRecipe, joinRecipe, prepareRecipe, type Recipe } from './recipe';

/** What a command needs of the process. */
export interface Surface {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly packageRoot: string;
  readonly product: string;
  readonly root: boolean;
  readonly signal: AbortSignal;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

const DIRECTORIES = {
  stateDirectory: '/var/lib/kube-el7-install',
  logDirectory: '/var/log/kube-el7-install',
};
const RECIPES: Partial<Readonly<Record<Arguments['command'], Recipe>>> = {
  install: installRecipe,
  plan: installRecipe,
  prepare: prepareRecipe,
  'join-command': joinRecipe,
};

function ports(surface: Surface): Ports {
  return {
    ...surface,
    directories: DIRECTORIES,
    others: otherHosts,
    host: run => new LocalHost(run === undefined ? {} : { run }),
    settleLeftovers,
  };
}

/** The join command pulls no image: without a registry at hand this name, which exists nowhere (RFC 2606), stands in its place. */
function withoutRegistry(given: Arguments): Arguments {
  return { ...given, answers: { DOCKER_REGISTRY: 'registry.invalid', ...given.answers } };
}

/** Does what the arguments say on this host, and returns the exit code. Screens are loaded only where they are opened. */
export async function start(given: Arguments, surface: Surface): Promise<number> {
  if (given.command === 'replay') {
    const { replay } = await import('../commands/replay');
    return replay(given, surface);
  }
  if (given.command === 'support-bundle') {
    const { supportBundle } = await import('../commands/support-bundle');
    return supportBundle(given, {
      ...surface,
      host: new LocalHost(),
      openInstaller: () => openInstaller(given, installRecipe, ports(surface)),
    });
  }
  const said = given.command === 'join-command' ? withoutRegistry(given) : given;
  const recipe = RECIPES[given.command];
  if (recipe === undefined) {
    throw new Failure({ code: 'no-such-command', message: `${given.command} is not there yet.` });
  }
  const { installer, problems } = await openInstaller(said, recipe, ports(surface));
  const { signal, print, complain } = surface;
  if (given.command === 'join-command') {
    return printJoinCommand({ installer, host: new LocalHost(), signal, print, complain });
  }
  if (given.output !== 'screens') {
    const listener = given.output === 'json' ? jsonListener(print) : plainListener(print);
    return runHeadless({ installer, problems, arguments: given, listener, signal, complain });
  }
  if (problems.length > 0) {
    complain(problemsText(problems));
    return EXIT.invalid;
  }
  const { openScreens } = await import('../screens/index');
  return openScreens({
    installer,
    product: surface.product,
    signal,
    savePlan: async text => {
      const path = join(surface.workingDirectory, 'kube-el7-install-plan.txt');
      await writeFile(path, text, { mode: 0o600 });
      return path;
    },
  });
}
