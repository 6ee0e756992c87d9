import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface ExecuteOptions {
  /** The file that the program's output is added to. */
  readonly log: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

const shownLines = 15;

/** Runs a program to its end; when it fails, the error carries the end of its output. */
export async function execute(
  program: string,
  parameters: readonly string[],
  { log, environment, input }: ExecuteOptions,
): Promise<void> {
  const descriptor = openSync(log, 'a');
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(program, parameters, {
        stdio: ['pipe', descriptor, descriptor],
        env: { ...process.env, LC_ALL: 'C.UTF-8', ...environment },
      });
      child.on('error', reject);
      child.on('close', (code, signal) => {
        if (code === 0) {
          resolve();
          return;
        }
        const said = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-shownLines).join('\n');
        reject(
          new Error(
            `${program} ${parameters.join(' ')}: ${signal ?? `exit code ${code ?? 'unknown'}`}; see ${log}\n${said}`,
          ),
        );
      });
      child.stdin?.on('error', () => {
        // A program that ends without reading its input is judged by its exit code.
      });
      child.stdin?.end(input ?? '');
    });
  } finally {
    closeSync(descriptor);
  }
}
