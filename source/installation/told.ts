import { isAbsolute, join } from 'node:path';
import type { Arguments } from '../arguments';
import type { HostReader } from '../engine/host';
import type { Answers } from '../installer';
import type { GivenToken, Told } from '../variables/load';
import type { Problem } from '../variables/settings';
import type { ToldSsh } from '../variables/ssh';

/** Where things are said that a command line does not hold. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** The folder that the shipped variables files lie in. */
  readonly packageRoot: string;
}

/** What was said before any answer: the files read, nothing validated yet. */
interface Said {
  readonly told: Told;
  readonly problems: readonly Problem[];
}

type Read = { readonly text: string } | { readonly wrong: string };

/** A variables file has some dozens of lines, and a token's file one. */
const LARGEST = 1024 * 1024;

async function readText(host: HostReader, path: string): Promise<Read | undefined> {
  try {
    const found = await host.stat(path);
    if (found?.kind === 'directory') return { wrong: 'is a folder' };
    if (found?.kind === 'other') return { wrong: 'is no file' };
    if (found !== undefined && found.size > LARGEST) return { wrong: 'is larger than 1 MiB' };
    const content = await host.read(path);
    if (content === undefined) return undefined;
    const text = content.toString('utf8');
    return Buffer.from(text).equals(content) ? { text } : { wrong: 'is not text in UTF-8' };
  } catch (error) {
    return { wrong: `cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function absolute(path: string, around: Surroundings): string {
  return isAbsolute(path) ? path : join(around.workingDirectory, path);
}

async function variablesFile(
  host: HostReader,
  given: Arguments,
  around: Surroundings,
): Promise<{ readonly file?: { label: string; text: string }; readonly problem?: Problem }> {
  const named = given.variablesFile;
  const candidates =
    named !== undefined
      ? [{ label: named, path: absolute(named, around) }]
      : given.external
        ? [{ label: 'variables.external', path: join(around.packageRoot, 'variables.external') }]
        : [
            { label: 'variables', path: join(around.workingDirectory, 'variables') },
            { label: 'variables', path: join(around.packageRoot, 'variables') },
          ];
  for (const { label, path } of candidates) {
    const read = await readText(host, path);
    if (read === undefined) continue;
    if ('text' in read) return { file: { label, text: read.text } };
    return { problem: fileProblem(path, read.wrong) };
  }
  if (named === undefined && !given.external) return {};
  return { problem: fileProblem(candidates[0]?.path ?? '', 'is not there') };
}

function fileProblem(path: string, wrong: string): Problem {
  return { field: 'variables file', value: path, where: 'flag', wrong, right: 'a file that can be read' };
}

async function tokenOf(
  host: HostReader,
  given: Arguments,
  around: Surroundings,
): Promise<{ readonly token?: GivenToken; readonly problem?: Problem }> {
  if (given.token !== undefined) return { token: { value: given.token, flag: '--token' } };
  const file = given.tokenFile;
  if (file === undefined) return {};
  const path = absolute(file, around);
  const problem = (wrong: string, right: string) => ({
    problem: { field: '--token-file', value: file, where: 'flag', wrong, right },
  });
  const read = await readText(host, path);
  if (read === undefined) return problem('is not there', 'a file with the token on its first line');
  if ('wrong' in read) return problem(read.wrong, 'a file that can be read');
  const stat = await host.stat(path);
  if (stat !== undefined && stat.kind === 'file' && (stat.mode & 0o007) !== 0) {
    return problem(`can be read by everybody (mode 0${stat.mode.toString(8)})`, 'mode 0600 (chmod 600)');
  }
  return { token: { value: read.text.split(/\r?\n/, 1)[0] ?? '', flag: '--token-file' } };
}

function sshOf({ user, keyFile }: NonNullable<Arguments['ssh']>, around: Surroundings): ToldSsh {
  return {
    ...(user === undefined ? {} : { user }),
    ...(keyFile === undefined ? {} : { keyFile: { given: keyFile, path: absolute(keyFile, around) } }),
  };
}

/** Gathers what the command line, the environment and the files say. */
export async function gather(host: HostReader, given: Arguments, around: Surroundings): Promise<Said> {
  const [{ file, problem: fileFault }, { token, problem: tokenFault }] = await Promise.all([
    variablesFile(host, given, around),
    tokenOf(host, given, around),
  ]);
  const { vip = '', masters = '', ...flags } = given.answers;
  return {
    problems: [fileFault, tokenFault].filter((problem): problem is Problem => problem !== undefined),
    told: {
      answers: {},
      flags,
      environment: around.environment,
      ...(file === undefined ? {} : { file }),
      topology: {
        vip,
        masters,
        where: { vip: 'flag', masters: 'flag' },
        ...(given.platform === undefined ? {} : { platform: given.platform }),
        ...(given.ssh === undefined ? {} : { ssh: sshOf(given.ssh, around) }),
      },
      ...(token === undefined ? {} : { token }),
    },
  };
}

/** Puts the wizard's answers over what was said. */
export function withAnswers(told: Told, answers: Answers): Told {
  const { vip, masters, ...variables } = answers;
  return {
    ...told,
    answers: variables,
    topology: {
      ...told.topology,
      vip: vip ?? told.topology.vip,
      masters: masters ?? told.topology.masters,
      where: {
        vip: vip === undefined ? told.topology.where.vip : 'answer',
        masters: masters === undefined ? told.topology.where.masters : 'answer',
      },
    },
  };
}
