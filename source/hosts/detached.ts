import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { execa } from 'execa';
import type { OwnProcess, OwnProgram } from './own-process';

/** Starts a program in a session of its own, so that no terminal's end reaches it. */
export async function startDetached({ words, log, environment }: OwnProgram): Promise<OwnProcess> {
  const [file = '', ...args] = words;
  const output = await open(log, 'a', 0o600);
  try {
    const child = execa(file, args, {
      cwd: '/',
      env: environment,
      extendEnv: false,
      detached: true,
      cleanup: false,
      reject: false,
      buffer: false,
      stdio: ['ignore', 'ignore', output.fd],
    });
    let end: string | undefined;
    child.then(
      ({ exitCode, signal, shortMessage }: { exitCode?: number; signal?: string; shortMessage?: string }) => {
        const how = signal === undefined ? `exit code ${exitCode ?? 'unknown'}` : signal;
        end = exitCode === undefined && signal === undefined ? (shortMessage ?? how) : how;
      },
      (error: unknown) => {
        end = String(error);
      },
    );
    if (child.pid !== undefined) await Promise.race([once(child, 'spawn'), child]);
    child.unref();
    return { ended: () => Promise.resolve(end) };
  } finally {
    await output.close();
  }
}
