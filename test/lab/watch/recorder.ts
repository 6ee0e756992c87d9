import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../..', import.meta.url));

/** A process of this project that does something again and again and says a line each time, until its input ends: what is measured must not wait for whoever measures. */
export class Recorder<Said> {
  readonly lines: Said[] = [];
  private complaint = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<number>;

  /** Starts a program with its task as one line of standard input; in the network of a process where one is given. */
  constructor(
    private readonly name: string,
    program: URL,
    task: object,
    pid?: number,
  ) {
    const words = [process.execPath, '--import', 'tsx', fileURLToPath(program)];
    if (pid !== undefined) words.unshift('nsenter', `--net=/proc/${String(pid)}/ns/net`);
    const [command = '', ...parameters] = words;
    const child = spawn(command, parameters, {
      cwd: project,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child = child;
    this.ended = new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', code => {
        resolve(code ?? 1);
      });
    });
    child.stderr.on('data', (chunk: Buffer) => (this.complaint += chunk.toString()));
    createInterface({ input: child.stdout }).on('line', line => {
      this.lines.push(JSON.parse(line) as Said);
    });
    child.stdin.write(`${JSON.stringify(task)}\n`);
  }

  /** Throws where it has ended, which it does only when something is wrong with it. */
  mustRun(): void {
    if (this.child.exitCode !== null) throw new Error(`the ${this.name} has ended: ${this.complaint}`);
  }

  /** Ends it once it has said its last line. */
  async stop(): Promise<void> {
    this.child.stdin?.end();
    const code = await this.ended;
    if (code !== 0) throw new Error(`the ${this.name} failed: ${this.complaint}`);
  }
}
