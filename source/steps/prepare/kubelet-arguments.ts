const NAME = 'KUBELET_EXTRA_ARGS';

/** Flags that the installer decides; what an operator wrote of other flags stays. */
const OURS = ['--pod-infra-container-image', '--system-reserved', '--cgroup-driver'] as const;

const REASONS = [
  '# Set by kube-el7-install; these flags win over the cluster-wide KubeletConfiguration.',
  "# The pause image comes from the site's registry, system-reserved is this host's, and the",
  '# cgroup driver must be that of docker. Cluster DNS is in the KubeletConfiguration instead.',
] as const;

const WAITING = '# --cgroup-driver is added once docker runs and says which one it uses.';

/** The comments that the installer writes into the file. */
export const COMMENTS: readonly string[] = [...REASONS, WAITING];

/** /etc/sysconfig/kubelet with our flags in KUBELET_EXTRA_ARGS; other lines and other flags are kept. The text as it is where it says the same already. */
export function withArguments(text: string, wanted: readonly string[], driverKnown: boolean): string {
  const all = text.split('\n').filter(line => !isOurComment(line));
  while (all.length > 0 && all[all.length - 1]?.trim() === '') all.pop();
  const kept: string[] = [];
  let present = '';
  for (const line of all) {
    const [, value] = /^\s*KUBELET_EXTRA_ARGS=(.*)$/.exec(line) ?? [];
    // systemd takes the last of several.
    if (value === undefined) kept.push(line);
    else present = value;
  }
  const others = withoutOurs(
    unquoted(present)
      .split(/\s+/)
      .filter(word => word !== ''),
  );
  const comment = driverKnown ? REASONS : [...REASONS, WAITING];
  return [...kept, ...comment, `${NAME}="${[...others, ...wanted].join(' ')}"`, ''].join('\n');
}

/** The driver that an earlier run wrote into the file. */
export function cgroupDriverOf(text: string): string | undefined {
  return /^\s*KUBELET_EXTRA_ARGS=.*--cgroup-driver[= ](\w+)/m.exec(text)?.[1];
}

function isOurComment(line: string): boolean {
  return COMMENTS.includes(line);
}

function unquoted(value: string): string {
  return value.trim().replace(/^(["'])(.*)\1$/, '$2');
}

function withoutOurs(words: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (OURS.some(flag => word.startsWith(`${flag}=`))) continue;
    // "--flag value": the value goes, too.
    if ((OURS as readonly string[]).includes(word)) at += 1;
    else kept.push(word);
  }
  return kept;
}
