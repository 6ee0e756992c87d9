import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A stand-in for the program ssh: it hands the command line to a shell on this machine, as sshd does on another, and
 * keeps what it was called with. A login makes the socket that later commands look for; what stands in `refusal` is
 * said instead of logging in.
 */
export class FakeSsh {
  readonly directory = mkdtempSync(join(tmpdir(), 'fake-ssh-'));
  readonly program = join(this.directory, 'ssh');

  /** `login` is how the user's shell runs a line, $1. */
  constructor(login = 'exec /bin/sh -c "$1"') {
    writeFileSync(
      this.program,
      `#!/bin/sh
for word; do
  printf '%s\\n' "$word" >>'${this.directory}/calls'
  case $word in ControlPath=*) socket=\${word#ControlPath=} ;; ControlMaster=*) master=\${word#ControlMaster=} ;; esac
  last=$word
done
printf -- '---\\n' >>'${this.directory}/calls'
case $1 in -O) rm -f "$socket"; exit 0 ;; esac
if [ -e '${this.directory}/refusal' ]; then cat '${this.directory}/refusal' >&2; exit 255; fi
[ "$master" = auto ] && : >"$socket"
set -- "$last"
PATH='${this.directory}/bin:'$PATH
${login}
`,
    );
    chmodSync(this.program, 0o755);
  }

  /** The arguments of every call so far. */
  get calls(): readonly (readonly string[])[] {
    const path = join(this.directory, 'calls');
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8')
      .split('---\n')
      .slice(0, -1)
      .map(call => call.split('\n').slice(0, -1));
  }

  /** Puts a program of that name first on the other host. */
  provide(name: string, text: string): void {
    mkdirSync(join(this.directory, 'bin'), { recursive: true });
    writeFileSync(join(this.directory, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  refuse(said: string): void {
    writeFileSync(join(this.directory, 'refusal'), said);
  }

  accept(): void {
    rmSync(join(this.directory, 'refusal'), { force: true });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
