import type { CommandResult, FileStat } from '../engine/host';

/** What a script ends with where there is nothing at the path. */
export const ABSENT = 44;

const KINDS: Readonly<Record<string, FileStat['kind']>> = {
  '8': 'file',
  '4': 'directory',
  a: 'link',
};

/** What the programs of EL7's coreutils say, and what Node calls it. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/No space left on device/, 'ENOSPC'],
  [/Disk quota exceeded/, 'EDQUOT'],
  [/Read-only file system/, 'EROFS'],
  [/Permission denied/, 'EACCES'],
  [/Operation not permitted/, 'EPERM'],
  [/Is a directory|cannot overwrite directory/, 'EISDIR'],
  [/Not a directory/, 'ENOTDIR'],
  [/File exists/, 'EEXIST'],
];

/** $1 is the path; base64, because what is in a file need not be text. */
export const READ = `[ -e "$1" ] || exit ${ABSENT}; exec base64 <"$1"`;

export const STAT = `[ -e "$1" ] || [ -L "$1" ] || exit ${ABSENT}; exec stat -c '%f %s' -- "$1"`;

export const LIST = `[ -d "$1" ] || exit ${ABSENT}; exec find -H "$1" -mindepth 1 -maxdepth 1 -printf '%f\\0'`;

/** EL7's sync takes no names and brings everything to the disk instead, which is as good. */
const DURABLE = `sync "$d" 2>/dev/null || sync`;

/** The directory of the path, made where it is not there; t is a name beside it that neither the kubelet nor systemd takes for its own. */
const BESIDE = `
set -e
d=\${1%/*}; [ -n "$d" ] || d=/
n=\${1##*/}
[ -d "$d" ] || { umask 022; mkdir -p "$d"; }
for old in "$d/.$n."*.new; do
  r=\${old#"$d/.$n."}; r=\${r%.new}
  case $r in *[!0-9a-f]* | '') ;; ????????????) rm -f "$old" ;; esac
done
umask 077
`;

/** $2 is the mode, $3 a random word, $4 the length; the content comes in base64. */
export const WRITE = `${BESIDE}
t="$d/.$n.$3.new"
trap 'rm -f "$t"' EXIT
base64 -d | dd of="$t" bs=65536 conv=fsync,excl status=none
[ "$(stat -c %s "$t")" = "$4" ] || { echo "$t is cut short" >&2; exit 1; }
chmod "$2" "$t"
mv -fT "$t" "$1"
trap - EXIT
${DURABLE}`;

/** $2 is the target, $3 a random word. */
export const LINK = `${BESIDE}
t="$d/.$n.$3.new"
trap 'rm -f "$t"' EXIT
ln -s -- "$2" "$t"
mv -fT "$t" "$1"
trap - EXIT
${DURABLE}`;

/** $2 is the mode. */
export const DIRECTORY = `set -e; d=$1; umask 022; mkdir -p "$1"; chmod "$2" "$1"; d=$(dirname "$1"); ${DURABLE}`;

export const REMOVE = `set -e; [ -e "$1" ] || [ -L "$1" ] || exit 0; rm -f "$1"; d=$(dirname "$1"); ${DURABLE}`;

/** Waits while programs run that another run than $2 has marked with the variable $1, $3 seconds at most; then it names them. */
export const SETTLE = `
left() {
  for f in $(grep -lzs "^$1=" /proc/[0-9]*/environ); do
    grep -qzxsF "$1=$2" "$f" && continue
    tr '\\0' ' ' 2>/dev/null <"\${f%environ}cmdline" && echo
  done
}
n=0
while found=$(left "$1" "$2" | grep .); do
  [ "$n" -lt "$3" ] || { printf '%s\\n' "$found"; exit 1; }
  n=$((n + 1))
  sleep 1
done
exit 0
`;

/** "81a4 12", as stat prints kind and mode in hexadecimal. */
export function parseStat(printed: string): FileStat {
  const [raw = '', size = ''] = printed.trim().split(' ');
  return {
    kind: KINDS[raw.slice(0, -3)] ?? 'other',
    mode: parseInt(raw, 16) & 0o7777,
    size: Number(size),
  };
}

/** An error as Node's own file functions throw it, so that it is explained in the same words. */
export function fileError(
  host: string,
  path: string,
  syscall: 'read' | 'write',
  { code, stderr }: CommandResult,
): Error {
  const reason = REASONS.find(([pattern]) => pattern.test(stderr))?.[1] ?? 'EIO';
  const said = stderr.trim().split('\n').at(-1) ?? '';
  const message = `${path} on ${host}: ${said === '' ? `exit code ${code}` : said}`;
  return Object.assign(new Error(message), { code: reason, syscall, path });
}
