import { parseArguments } from './arguments';
import { Failure } from './engine/failure';
import { HELP } from './help';
import { interruptions } from './interruptions';
import { closeLostTerminal } from './lost-terminal';
import { packageRoot, product } from './package-root';
import { failureLines, problemsText } from './renderers/failure-text';
import { settleUmask, settledDirectory } from './surroundings';

const INVALID = 3;
const FAILED = 1;
const LOGS = '/var/log/kube-el7-install';

/** Waits until a pipe has taken what was written, then ends: whatever is still pending must not keep the program. */
function exit(code: number): void {
  process.stdout.write('', () => {
    process.stderr.write('', () => {
      process.exit(code);
    });
  });
}

function complain(text: string): void {
  process.stderr.write(text);
}

/** An expected problem is its message and hint; anything else is a fault of this program and shows its stack. */
function explain(error: unknown): string {
  if (error instanceof Failure) return `${failureLines(error.report).join('\n')}\n`;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `This is a fault of ${product}, not of what you did. Please file it with the lines below`,
    `and the newest folder under ${LOGS}, if there is one. Running again goes on where it stopped.`,
    stack,
    '',
  ].join('\n');
}

async function main(): Promise<number> {
  settleUmask();
  const workingDirectory = settledDirectory(complain);
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  const parsed = parseArguments(process.argv.slice(2), { terminal });
  // Another user's `ps` shows arguments: a token among them stands there no longer than this.
  if (process.argv.some(word => word.startsWith('--token'))) process.title = 'kube-el7-install';
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case 'version':
      process.stdout.write(`${product}\n`);
      return 0;
    case 'problems':
      complain(`${problemsText(parsed.problems)}kube-el7-install --help shows every flag.\n`);
      return INVALID;
    case 'arguments': {
      const { start } = await import('./installation/start');
      return start(parsed.arguments, {
        environment: process.env,
        workingDirectory,
        packageRoot,
        product,
        root: process.getuid() === 0,
        program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
        ...interruptions(),
        print: text => process.stdout.write(text),
        complain,
      });
    }
  }
}

process.on('exit', closeLostTerminal);

// A reader that goes away (| head) ends the output, not an installation under way.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

main()
  .then(exit)
  .catch((error: unknown) => {
    complain(explain(error));
    exit(FAILED);
  });
