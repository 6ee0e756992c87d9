import { mkdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Arguments } from '../arguments';
import type { RunPosition } from '../engine/events';
import { newRunId } from '../engine/events';
import { Failure } from '../engine/failure';
import type { OwnProcess, OwnProgram } from '../hosts/own-process';
import type { Answers, Installer } from '../installer';
import type { Settings } from '../variables/settings';
import { EngineConnection } from './connection';
import { follow } from './follow';
import { peek } from './peek';
import { engineLog, requestFile, runSocket } from './places';
import { writeRequest } from './request';

const PAUSE_MS = 25;
/** Asking systemd costs more than trying the socket. */
const TRIES_PER_LOOK = 20;
const LAST_LINES = 20;

/** Where and how engines are started. */
export interface Apart {
  readonly directory: string;
  readonly logDirectory: string;
  readonly product: string;
  /** The words that start this program, without arguments. */
  readonly program: readonly string[];
  readonly workingDirectory: string;
  /** What settings are made from. */
  readonly environment: Readonly<Record<string, string>>;
  readonly home: string;
  start(program: OwnProgram): Promise<OwnProcess>;
}

/** The same installer, but for `run`, which is done by a process of its own that no terminal's end reaches. Nothing is secret in how it is started: what it needs is in a file for root alone. */
export function apart(installer: Installer, given: Arguments, { ...ports }: Apart): Installer {
  const answered = new WeakMap<Settings, Answers>();
  const positions = new WeakMap<Settings, RunPosition>();
  return {
    ...installer,
    async settings(answers) {
      const loaded = await installer.settings(answers);
      if ('settings' in loaded) answered.set(loaded.settings, answers);
      return loaded;
    },
    preflight(settings, listener) {
      // A copy, for each preflight begins a run of its own.
      return installer.preflight({ ...settings }, event => {
        positions.set(settings, { run: event.run, seq: event.seq });
        listener(event);
      });
    },
    async run(settings, options) {
      const { run, seq } = positions.get(settings) ?? { run: newRunId(new Date()), seq: 0 };
      positions.delete(settings);
      const request = requestFile(ports.directory, run);
      const log = engineLog(ports.logDirectory, run);
      await writeRequest(request, {
        ...{
          v: 1,
          product: ports.product,
          run,
          seq,
          given,
          values: settings.values,
          asks: given.output === 'screens',
        },
        answers: answered.get(settings) ?? {},
        workingDirectory: ports.workingDirectory,
        environment: ports.environment,
      });
      let left = false;
      try {
        await mkdir(dirname(log), { recursive: true, mode: 0o700 });
        const process = await ports.start({
          ...{ name: run, title: `kube-el7-install, run ${run}`, log },
          words: [...ports.program, 'engine', request],
          environment: { HOME: ports.home },
        });
        const connection = await met(runSocket(ports.directory, run), process, log);
        const outcome = await follow(connection, options, () => lastWords(log)).catch(
          waiting(ports.directory),
        );
        left = outcome === 'left';
        return outcome;
      } finally {
        await rm(request, { force: true });
        if (!left) await tidy(log);
      }
    },
  };
}

async function met(socket: string, process: OwnProcess, log: string): Promise<EngineConnection> {
  for (let tries = 1; ; tries += 1) {
    const connection = await EngineConnection.to(socket);
    if (connection !== undefined) return connection;
    const end = tries % TRIES_PER_LOOK === 0 ? await process.ended() : undefined;
    if (end !== undefined) {
      throw new Failure({
        code: 'engine-not-started',
        message: `The process that does the run ended before it began (${end}); nothing was changed.`,
        hint: 'The lines below are what it said. Run the same command again; if it says so again, file it with these lines.',
        seen: await lastWords(log),
      });
    }
    await delay(PAUSE_MS);
  }
}

/** Another run that is at work may do so because it waits for an answer. */
function waiting(directory: string): (error: unknown) => Promise<never> {
  return async error => {
    if (!(error instanceof Failure) || error.report.code !== 'locked') throw error;
    const { question } = (await peek(directory)) ?? {};
    if (question === undefined) throw error;
    throw new Failure({
      ...error.report,
      hint: 'It waits for an answer: kube-el7-install attach, in a terminal, shows the question and takes the answer.',
      seen: [question.text],
    });
  };
}

async function lastWords(log: string): Promise<readonly string[]> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(line => line !== '')
    .slice(-LAST_LINES);
}

/** An engine that said nothing leaves no empty file, and one that began nothing no empty folder. */
async function tidy(log: string): Promise<void> {
  try {
    if ((await stat(log)).size > 0) return;
    await rm(log);
    await rmdir(dirname(log));
  } catch {
    // The folder has the run's own logs.
  }
}
