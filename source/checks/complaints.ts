/** What comes around a reason: progress, advice, and what yum did not do because it was told so. */
const NOISE =
  /^Loaded plugins|^Loading mirror|^Resolving|^--> |^---> |^Last metadata|You could try|You can (try|also)|try to add|--skip-broken|rpm -Va|^Exiting on user|^Operation aborted|attr\. before setopt|^Dependencies resolved|^Error: Nothing to do|Unable to find a match|No package .* available|No match for argument|filtered out by exclude/i;

const UNAVAILABLE: readonly RegExp[] = [
  /^No package (\S+) available/gm,
  /^No [Mm]atch for argument: (\S+)/gm,
  /^All matches were filtered out .* for argument: (\S+)/gm,
];

/** The names that yum has nothing for. */
export function unavailable(said: string): readonly string[] {
  return UNAVAILABLE.flatMap(pattern => [...said.matchAll(pattern)].map(([, name = '']) => name));
}

/** Why there is no transaction, in sentences: what each package lacks, else the lines that speak of an error. */
export function complaints(said: string): readonly string[] {
  const unmet = [
    ...[...said.matchAll(/Package: (\S+) \([^\n]*\)\n\s+Requires: ([^\n]+)((?:\n {8,}\S[^\n]*)*)/g)].map(
      ([, who = '', what = '', rest = '']) => lacks(who, what, rest),
    ),
    ...[...said.matchAll(/nothing provides (.+?) needed by (\S+)/g)].map(([, what = '', who = '']) =>
      lacks(who, what, ''),
    ),
    ...[...said.matchAll(/(?:package|Error:) (\S+) conflicts with (?:\d+:)?(\S+)/g)].map(
      ([, one = '', other = '']) => `${one} conflicts with ${other}`,
    ),
  ];
  if (unmet.length > 0) return [...new Set(unmet)].slice(0, 6);
  const told = said
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !NOISE.test(line))
    .filter(line =>
      /error|cannot|could not|failed|failure|errno|protected|not installed|no enabled repo|superuser|need to be root/i.test(
        line,
      ),
    )
    .map(line => line.replace(/^(error: |- )/i, '').replace(/:$/, ''));
  return [...new Set(told)].slice(0, 4);
}

function lacks(who: string, what: string, rest: string): string {
  const others = [...rest.matchAll(/(Available|Installed): (\S+)/g)].map(
    ([, how = '', name = '']) => `${how.toLowerCase()} is ${name}`,
  );
  const known = others.length === 0 ? 'no enabled repository has it' : others.slice(0, 3).join(', ');
  return `${who} requires ${what.trim()}, and ${known}`;
}

const FIXES: readonly (readonly [RegExp, string])[] = [
  [
    /Requires: |nothing provides/,
    'Add what is missing to a repository that this host has enabled, or name one that has it in YUM_REPOSITORY.',
  ],
  [/conflicts with/, 'Remove the one of the two that is installed (yum remove), or use another host.'],
  [
    /rpmdb|Packages database|DB_RUNRECOVERY|BDB\d/,
    'The database of rpm is damaged. Rebuild it: rm -f /var/lib/rpm/__db.*; rpm --rebuilddb',
  ],
  [
    /\/7(Server|Client|Workstation|ComputeNode)\b/,
    "yum's $releasever is not 7 on this host. Write 7 instead of $releasever in the URL, or: echo 7 >/etc/yum/vars/releasever",
  ],
  [/which is protected/, 'Take the package out of the protected ones, or use another host.'],
  [
    /no enabled repo/i,
    'Configure a repository that has these packages in /etc/yum.repos.d, or name one in YUM_REPOSITORY.',
  ],
  [/need to be root|superuser/, 'Run it again as root: sudo kube-el7-install'],
];

/** What to do about it. */
export function fixFor(said: string): string {
  return (
    FIXES.find(([pattern]) => pattern.test(said))?.[1] ??
    'Mend or disable the repository that is complained of, or name another one in YUM_REPOSITORY.'
  );
}
