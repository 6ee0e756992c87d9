import { mkdir, chmod, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Arguments } from '../arguments';
import type { ShownValue } from '../engine/event';
import { Failure } from '../engine/failure';
import type { Answers } from '../installer';

/** Everything that an engine's process needs to make the same settings as the process that asks for the run. */
export interface EngineRequest {
  readonly v: 1;
  readonly product: string;
  readonly run: string;
  /** Number of the run's last event. */
  readonly seq: number;
  readonly given: Arguments;
  readonly answers: Answers;
  /** The values that were agreed to. */
  readonly values: readonly ShownValue[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether somebody is there to answer. */
  readonly asks: boolean;
}

/** Writes it for root alone: it may hold a token. */
export async function writeRequest(path: string, request: EngineRequest): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(request));
  } finally {
    await file.close();
  }
}

/** Reads and removes it: what may be secret in it is then in this process's memory only. */
export async function takeRequest(path: string): Promise<EngineRequest> {
  let request: Partial<EngineRequest> | null;
  try {
    request = JSON.parse(await readFile(path, 'utf8')) as Partial<EngineRequest> | null;
    await rm(path, { force: true });
  } catch (error) {
    throw notForPeople(path, error instanceof Error ? error.message : String(error));
  }
  const { v, run = '', given, answers, values, environment } = request ?? {};
  const whole = [given, answers, values, environment].every(part => typeof part === 'object');
  if (v !== 1 || !whole || !/^[\w-]+$/.test(run)) throw notForPeople(path, 'it is no request');
  return request as EngineRequest;
}

function notForPeople(path: string, why: string): Failure {
  return new Failure({
    code: 'no-request',
    message: `There is no run to be done in ${path}: ${why}.`,
    hint: 'The command engine is what the installer starts itself as. To install, run kube-el7-install without it.',
  });
}
