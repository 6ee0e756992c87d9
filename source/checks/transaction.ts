import { PASS_EXCLUDES } from '../changes/yum';
import type { YumAction } from '../changes/yum';
import type { HostReader } from '../engine/host';
import { ask } from '../steps/prepare/ask';
import { REPOSITORY_FILE } from '../steps/prepare/yum-repository';

/** One line of the table that yum shows before it asks whether to go on. */
export interface Resolved {
  readonly name: string;
  /** Without epoch and release: "1.20.2". */
  readonly version: string;
  readonly repository: string;
  readonly does: 'install' | 'update' | 'downgrade' | 'remove' | 'skip';
  /** Whether it was not asked for, and comes along because of another one. */
  readonly along: boolean;
}

/** What yum would do. */
export interface Transaction {
  /** Undefined where yum did not get as far as a transaction. */
  readonly packages: readonly Resolved[] | undefined;
  /** Installed packages that others take the place of (Obsoletes). */
  readonly replaced: readonly string[];
  /** All that yum printed. */
  readonly said: string;
  readonly code: number;
}

export interface Manner {
  /** The file of the site's repository, where it is yet to be written as it will be. */
  readonly repositoryText?: string | undefined;
  /** With the excludes of yum's configuration, which the installation passes over. */
  readonly withExcludes?: boolean;
  /** Without versionlock, priorities and the like. */
  readonly withoutPlugins?: boolean;
  /** From what yum has just fetched. */
  readonly fromCache?: boolean;
}

export const TIMEOUT_MS = 180_000;

/**
 * yum 3 saves what it was told not to do in /tmp, unless autosavets is off (yum: yum/__init__.py, buildTransaction).
 * It takes no new key for a repository's metadata when it must not do anything, so these signatures are left for the installation to check (yum: cli.py, _getAnyKeyForRepo).
 */
const ONLY_TELL = ['--assumeno', '--setopt=autosavets=0', '--setopt=*.repo_gpgcheck=0'];

/** $1 is a .repo file's text, the rest yum's arguments: yum is shown the host's repositories and, in the place of ours, that text. */
const WITH_REPOSITORY = `
d=$(mktemp -d /run/kube-el7-install-yum.XXXXXX) || exit 1
trap 'rm -rf "$d"' EXIT
trap 'exit 143' HUP INT TERM
for f in /etc/yum.repos.d/*.repo /etc/yum/repos.d/*.repo; do
  if [ -e "$f" ] && [ "$f" != ${REPOSITORY_FILE} ]; then ln -s "$f" "$d/"; fi
done
printf '%s\\n' "$1" >"$d/kube-el7-install.repo"
shift
yum --setopt=reposdir="$d" "$@"
`;

/** Has yum resolve a whole transaction, with dependencies, and do nothing. */
export async function resolve(
  host: HostReader,
  action: YumAction,
  names: readonly string[],
  manner: Manner,
): Promise<Transaction> {
  const { code, stdout, stderr } = await askYum(
    host,
    [
      ...ONLY_TELL,
      ...(manner.withExcludes === true ? [] : [PASS_EXCLUDES]),
      ...(manner.withoutPlugins === true ? ['--noplugins'] : []),
      ...(manner.fromCache === true ? ['-C'] : []),
      action,
      ...names,
    ],
    manner.repositoryText,
  );
  return { ...parseTransaction(stdout), said: `${stdout}\n${stderr}`, code };
}

/** Asks yum with the repositories that the installation will have. */
export function askYum(
  host: HostReader,
  args: readonly string[],
  repositoryText: string | undefined,
): ReturnType<typeof ask> {
  return repositoryText === undefined
    ? ask(host, 'yum', args, TIMEOUT_MS)
    : ask(host, 'bash', ['-c', WITH_REPOSITORY, 'bash', repositoryText, ...args], TIMEOUT_MS);
}

const DOES: readonly (readonly [RegExp, Resolved['does']])[] = [
  [/^(Install|Reinstall)/, 'install'],
  [/^(Updat|Upgrad)/, 'update'],
  [/^Downgrad/, 'downgrade'],
  [/^Remov/, 'remove'],
];

/** The table of yum 3 and of dnf: headings that end in a colon, and below each: name, architecture, version, repository, size. A long name pushes the rest to the next line. */
export function parseTransaction(stdout: string): Pick<Transaction, 'packages' | 'replaced'> {
  const [, table] = /\n=+\n Package [^\n]*\n=+\n([\s\S]*?)\nTransaction Summary\n/.exec(stdout) ?? [];
  if (table === undefined) return { packages: undefined, replaced: [] };
  const replaced = [...table.matchAll(/^\s+replacing\s+(\S+)\.\w+\s/gm)].map(([, name = '']) => name);
  const packages: Resolved[] = [];
  for (const [, heading = '', body = ''] of table.matchAll(/^(\S[^\n]*):\n((?:[ \t][^\n]*(?:\n|$))+)/gm)) {
    const does = DOES.find(([pattern]) => pattern.test(heading))?.[1] ?? 'skip';
    const along = /dependen/i.test(heading);
    const rows = body.replace(/^\s+replacing .*$/gm, '');
    for (const [, name = '', version = '', repository = ''] of rows.matchAll(ROW)) {
      packages.push({ name, version, repository, does, along });
    }
  }
  return { packages, replaced };
}

/** Sizes are "320", "5.6 k" or "12 M"; an epoch stands before a colon. */
const ROW =
  /^ (\S+)\s+(?:noarch|x86_64|i\d86|aarch64|ppc64le|s390x)\s+(?:\d+:)?([^\s:-]+)-\S+\s+(\S+)\s+[\d.]+(?: [kMGT])?\s*$/gm;
