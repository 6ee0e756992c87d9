import type { Command } from '../engine/host';
import { RUN_VARIABLE } from './program';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** From the polite signal to the other. */
const GRACE_SECONDS = 5;

/** How the words of a command reach a program on another host. */
export interface Manner {
  /** Who logs in; whoever is not root becomes it with sudo. */
  readonly user: string;
  /** Marks the program, so that it can be found when the run was killed. */
  readonly run?: string | undefined;
}

/** The one place where words are quoted for the other host's shell, which sshd always puts between. */
export function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command as the single line that ssh is given. The environment is the one that programs have on this host. */
export function remoteLine({ file, args, env }: Command, { user, run }: Manner): string {
  const variables = { PATH, LC_ALL: 'C', ...(run === undefined ? {} : { [RUN_VARIABLE]: run }), ...env };
  const words = [
    ...(user === 'root' ? [] : ['sudo', '-n', '--']),
    'env',
    ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    file,
    ...args,
  ];
  return words.map(shellWord).join(' ');
}

/** A shell script as a command; its words are $1, $2 and so on. */
export function script(text: string, ...words: readonly string[]): Command {
  return { file: 'sh', args: ['-c', text, 'sh', ...words] };
}

/** The command as one that the other host ends after this time, with exit code 124. */
export function limited({ file, args, ...rest }: Command, timeoutMs: number): Command {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  return { file: 'timeout', args: ['-k', String(GRACE_SECONDS), String(seconds), file, ...args], ...rest };
}

/**
 * The command so that it goes on to its end when the connection breaks: it writes into files that have no name left,
 * and what is in them is sent on for as long as somebody listens.
 */
export function outliving({ file, args, ...rest }: Command): Command {
  return { ...script(OUTLIVE, file, ...args), ...rest };
}

const OUTLIVE = `
trap : HUP
umask 077
for t in /run /tmp /var/tmp; do
  d=$(mktemp -d "$t/kube-el7-install-XXXXXXXX" 2>/dev/null) && head -c 16384 /dev/zero >"$d/out" 2>/dev/null && break
  [ -z "$d" ] || rm -rf "$d"
  d=
done
[ -n "$d" ] || { echo 'No space left on device: /run, /tmp and /var/tmp take no temporary files' >&2; exit 125; }
exec 3<&0 4>"$d/out" 5>"$d/err" 6<"$d/out" 7<"$d/err"
rm -rf "$d"
umask 022
setsid "$@" <&3 >&4 2>&5 3<&- 4>&- 5>&- 6<&- 7<&- &
p=$!
exec 3<&- </dev/null
tail -n +1 -f -s 0.2 --pid=$p <&6 2>/dev/null &
tail -n +1 -f -s 0.2 --pid=$p <&7 >&2 2>/dev/null &
wait $p
c=$?
wait
exit $c
`;
