import type { Event } from '../engine/event';
import { Failure } from '../engine/failure';
import type { HostReader } from '../engine/host';
import type { Installer } from '../installer';
import { problemsText } from '../renderers/failure-text';
import { EXIT } from './headless';

/** Where the steps keep the whole command, readable by root only. */
export const JOIN_FILE = '/var/lib/kube-el7-install/join-worker';

/** Prints the command that joins a worker, with its token: the one place where a token is shown, because an operator asks for it. Renews the token first where it has expired. */
export async function printJoinCommand(options: {
  readonly installer: Installer;
  readonly host: HostReader;
  readonly signal: AbortSignal;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}): Promise<number> {
  const { installer, host, signal } = options;
  const loaded = await installer.settings({});
  if ('problems' in loaded) {
    options.complain(problemsText(loaded.problems));
    return EXIT.invalid;
  }
  if ((await host.read('/etc/kubernetes/admin.conf')) === undefined) {
    throw new Failure({
      code: 'no-cluster',
      message: `There is no cluster on ${host.name} yet (no /etc/kubernetes/admin.conf), so there is nothing to join.`,
      hint: 'Run this on the master, after the installation has succeeded.',
    });
  }
  let last: Event | undefined;
  const outcome = await installer
    .run(loaded.settings, {
      listener: event => {
        last = event;
      },
      ask: question => Promise.resolve(question.otherwise),
      signal,
    })
    .catch(busy);
  if (outcome === 'interrupted' || outcome === 'left') return EXIT.interrupted;
  const command = (await host.read(JOIN_FILE))?.toString('utf8').trim();
  if (typeof outcome !== 'string') {
    if (command === undefined || command === '') throw outcome;
    options.complain(`The installer is at work on this host; the join command is the one in ${JOIN_FILE}.\n`);
  } else if (outcome === 'failed' || command === undefined || command === '') {
    const failure = last?.type === 'run-finished' ? last.failure : undefined;
    throw new Failure(
      failure ?? {
        code: 'no-join-command',
        message: `The join command is not in ${JOIN_FILE}.`,
        hint: 'Run the installer again; it writes the file at its end.',
      },
    );
  }
  options.print(`${command}\n`);
  return EXIT.done;
}

/** While an installation waits for nodes to join, it holds the lock, and the command that it has just written is asked for. */
function busy(error: unknown): Failure {
  if (error instanceof Failure && error.report.code === 'locked') return error;
  throw error;
}
