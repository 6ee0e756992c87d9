import { join } from 'node:path';
import { apart, type Apart } from '../apart/installer';
import { RUN_DIRECTORY } from '../apart/places';
import type { EngineRequest } from '../apart/request';
import type { Arguments } from '../arguments';
import { attach, attachScreens, engineAtWork } from '../commands/attach';
import { engine } from '../commands/engine';
import { status } from '../commands/status';
import { holderOf } from '../engine/lock';
import { settleLeftovers } from '../hosts/leftovers';
import { LocalHost } from '../hosts/local';
import { startOwnProcess } from '../hosts/own-process';
import { either, type Interruptions } from '../interruptions';
import type { Installer } from '../installer';
import { problemsText } from '../renderers/failure-text';
import { jsonListener } from '../renderers/json';
import { plainListener } from '../renderers/plain';
import { homeOf } from '../surroundings';
import { VARIABLES } from '../variables/table';
import { EXIT, runHeadless } from './headless';
import type { Opened, Ports } from './installation';
import { openInstaller } from './installation';
import { otherHosts } from './other-hosts';
import { printJoinCommand } from './join-command';
import { readdRecipe } from './readd-recipe';
import { showScreens } from './open-screens';
import { installRecipe, joinRecipe, prepareRecipe, type Recipe } from './recipe';
import { readStanding } from './standing';
import { resetRecipe } from './reset-recipe';
import { undoRecipe } from './undo-recipe';

/** What a command needs of the process. */
export interface Surface extends Interruptions {
  /** The words that start this program, without its arguments. */
  readonly program: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly packageRoot: string;
  readonly product: string;
  readonly root: boolean;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

const DIRECTORIES = {
  stateDirectory: '/var/lib/kube-el7-install',
  logDirectory: '/var/log/kube-el7-install',
};
/** What each command that changes something, or plans to, does. */
const RECIPES: Partial<Readonly<Record<Arguments['command'], Recipe>>> = {
  install: installRecipe,
  plan: installRecipe,
  prepare: prepareRecipe,
  'join-command': joinRecipe,
  'readd-member': readdRecipe,
  undo: undoRecipe,
  reset: resetRecipe,
};

const LOCK = join(DIRECTORIES.stateDirectory, 'lock');
/** What the screens can bring about. */
const SCREENS_COMMANDS = ['install', 'readd-member', 'undo', 'reset'] as const;

function ports(surface: Surface): Ports {
  return {
    ...surface,
    directories: DIRECTORIES,
    others: otherHosts,
    host: run => new LocalHost(run === undefined ? {} : { run }),
    settleLeftovers,
  };
}

/** How the engine of a run is started, and what it gets of this process. */
function enginesOf(surface: Surface): Apart {
  const { product, program, workingDirectory, environment } = surface;
  const known = VARIABLES.flatMap(name => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...{ directory: RUN_DIRECTORY, logDirectory: DIRECTORIES.logDirectory },
    ...{ product, program, workingDirectory, environment: Object.fromEntries(known) },
    home: homeOf(environment),
    start: startOwnProcess,
  };
}

/** The installer of a run that another process has agreed to. */
function openRequested(request: EngineRequest, surface: Surface): Promise<Opened> {
  const { given, environment, workingDirectory } = request;
  const around = ports({ ...surface, environment, workingDirectory });
  return openInstaller(given, recipeOf(given), around, { run: request.run, seq: request.seq });
}

function recipeOf({ command }: Arguments): Recipe {
  const recipe = RECIPES[command];
  if (recipe === undefined) throw new Error(`${command} is no run`);
  return recipe;
}

/** Does what the arguments say on this host, and returns the exit code. Screens are loaded only where they are opened. */
export async function start(given: Arguments, surface: Surface): Promise<number> {
  switch (given.command) {
    case 'engine':
      return engine(given, surface, request => openRequested(request, surface));
    case 'attach':
      return attach(given, surface, DIRECTORIES.stateDirectory);
    case 'status':
      return status(given, surface, DIRECTORIES.stateDirectory);
    case 'replay':
      return (await import('../commands/replay')).replay(given, surface);
    case 'support-bundle':
      return writeBundle(given, surface);
    default:
      return startRun(given, surface);
  }
}

/** Writes a support bundle; `print` gets its path as the first line. */
async function writeBundle(given: Arguments, surface: Surface): Promise<number> {
  const { supportBundle } = await import('../commands/support-bundle');
  return supportBundle(given, {
    ...surface,
    host: new LocalHost(),
    openInstaller: () => openInstaller(given, installRecipe, ports(surface)),
  });
}

/** The path of a new support bundle, for the screens; rejects with what was complained of. */
async function bundlePath(given: Arguments, surface: Surface): Promise<string> {
  const said: string[] = [];
  const say = (text: string): number => said.push(text);
  const code = await writeBundle(
    { ...given, command: 'support-bundle', words: [] },
    { ...surface, print: say, complain: say },
  );
  const [line = ''] = said.join('').split('\n');
  if (code !== EXIT.done) throw new Error(line);
  return line;
}

async function startRun(given: Arguments, surface: Surface): Promise<number> {
  const { installer: here, problems } = await openInstaller(given, recipeOf(given), ports(surface));
  const { signal, now, hangUp, print, complain } = surface;
  if (given.command === 'join-command') {
    const stop = either(signal, hangUp);
    return printJoinCommand({ installer: here, host: new LocalHost(), signal: stop, print, complain });
  }
  const installer = surface.root ? apart(here, given, enginesOf(surface)) : here;
  if (given.output !== 'screens') {
    const listener = given.output === 'json' ? jsonListener(print) : plainListener(print);
    return runHeadless({
      ...{ installer, problems, arguments: given, listener, print, complain },
      ...{ signal, now, hangUp },
    });
  }
  // Nothing can be begun beside a run that is under way: it is shown instead.
  const atWork = surface.root ? await engineAtWork() : undefined;
  if (atWork !== undefined) return attachScreens(atWork, surface);
  if (problems.length > 0) {
    complain(problemsText(problems));
    return EXIT.invalid;
  }
  return showScreens({
    ...{ given, surface, installer },
    commands: SCREENS_COMMANDS,
    open: other => openOther(other, surface),
    standing: async () => readStanding(new LocalHost(), (await holderOf(LOCK)) !== undefined),
    attach: () => attach({ ...given, command: 'attach' }, surface, DIRECTORIES.stateDirectory),
    supportBundle: () => bundlePath(given, surface),
  });
}

/** The installer of another command that is chosen on the screens. */
async function openOther(given: Arguments, surface: Surface): Promise<Installer> {
  const { installer } = await openInstaller(given, recipeOf(given), ports(surface));
  return surface.root ? apart(installer, given, enginesOf(surface)) : installer;
}
