import { Failure } from '../../engine/failure';
import { assignment, lastAssignment, parseEnvironmentFile, wordsOf } from './environment-file';
import type { Assignment, Word } from './environment-file';

/** The RPM's EnvironmentFile= of kubelet.service. */
export const SYSCONFIG = '/etc/sysconfig/kubelet';

/** The variable whose words stand last on the kubelet's command line. */
export const NAME = 'KUBELET_EXTRA_ARGS';

/** Flags that the installer decides; what an operator wrote of other flags stays. */
const OURS = ['pod-infra-container-image', 'system-reserved', 'cgroup-driver'] as const;

const REASONS = [
  '# Set by kube-el7-install; these flags win over the cluster-wide KubeletConfiguration.',
  "# The pause image comes from the site's registry, system-reserved is this host's, and the",
  '# cgroup driver must be that of docker. Cluster DNS is in the KubeletConfiguration instead.',
] as const;

const WAITING = '# --cgroup-driver is added once docker runs and says which one it uses.';

/** The comments that the installer writes into the file. */
export const COMMENTS: readonly string[] = [...REASONS, WAITING];

/** One flag with its words. */
export interface Flag {
  /** Without hyphens before it, and with hyphens for underscores: the kubelet takes both (component-base: cli/flag, WordSepNormalizeFunc). */
  readonly name: string;
  readonly value: string;
  readonly words: readonly Word[];
}

/** The flags of KUBELET_EXTRA_ARGS as the kubelet gets them; undefined where a quote is left open. */
export function readFlags(text: string): readonly Flag[] | undefined {
  return flagsOf(lastAssignment(text, NAME));
}

/** Of words "--flag=value" and "--flag value"; what follows a flag and is none itself is taken for its value. */
function flagsOf(present: Assignment | undefined): readonly Flag[] | undefined {
  const words = present?.open === true ? undefined : wordsOf(present?.value ?? '');
  if (words === undefined) return undefined;
  const flags: Flag[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    const next = words[at + 1];
    if (word === undefined) break;
    const [, name = '', given] = /^--?([^=]*)(?:=([^]*))?$/.exec(word.text) ?? [];
    const separate = name !== '' && given === undefined && next?.text.startsWith('-') === false;
    flags.push({
      name: name.replace(/_/g, '-'),
      value: given ?? (separate ? next.text : ''),
      words: separate ? [word, next] : [word],
    });
    if (separate) at += 1;
  }
  return flags;
}

/**
 * /etc/sysconfig/kubelet with our flags in KUBELET_EXTRA_ARGS; other text and other flags are kept as they are, and the variable stands where it stood.
 * The text as it is where it says the same already; undefined where a quote is left open, so that nobody knows what is meant.
 */
export function withArguments(
  given: string,
  wanted: readonly string[],
  driverKnown: boolean,
): string | undefined {
  const text = withoutOurComments(given);
  const present = parseEnvironmentFile(text).filter(({ name }) => name === NAME);
  const flags = flagsOf(present[present.length - 1]);
  if (flags === undefined) return undefined;
  const others = flags
    .filter(({ name }) => !(OURS as readonly string[]).includes(name))
    .flatMap(({ words }) => words.map(({ raw }) => raw));
  const comments = driverKnown ? REASONS : COMMENTS;
  const block = [...comments, assignment(NAME, [...others, ...wanted].join(' '))].join('\n');
  let result = text;
  for (const [index, { start, end }] of [...present.entries()].reverse()) {
    const isLast = index === present.length - 1;
    // systemd takes the last of several: the others never had an effect.
    result = isLast
      ? result.slice(0, start) + block + result.slice(end)
      : result.slice(0, start) + result.slice(end).replace(/^(\r\n|\n|\r)/, '');
  }
  if (present.length > 0) return result.endsWith('\n') ? result : `${result}\n`;
  const above = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return isSwallowed(above) ? `${block}\n${text}` : `${above}${block}\n`;
}

/** A file that systemd itself does not read as it is meant. */
export function openQuote(): Failure {
  return new Failure({
    code: 'kubelet-arguments',
    message: `A quote is left open in ${NAME} of ${SYSCONFIG}, so its flags cannot be told.`,
    hint: `Close it in ${SYSCONFIG}, then run again.`,
  });
}

/** Flags that the kubelet itself does not take. */
export function refusal(kubeVersion: string, reason: string): Failure {
  return new Failure({
    code: 'kubelet-arguments',
    message: `kubelet ${kubeVersion} does not start with the flags in ${SYSCONFIG}: ${reason}`,
    hint: `Take that out of ${NAME} in ${SYSCONFIG}, then run again.`,
  });
}

/** The driver that an earlier run wrote into the file. */
export function cgroupDriverOf(text: string): string | undefined {
  return readFlags(text)?.find(({ name }) => name === 'cgroup-driver')?.value;
}

function withoutOurComments(text: string): string {
  return text
    .split('\n')
    .filter(line => !COMMENTS.includes(line))
    .join('\n');
}

/** Whether a line added below would go on with what stands there: a comment or a value that ends in a backslash, an open quote. */
function isSwallowed(above: string): boolean {
  return lastAssignment(`${above}${NAME}=1\n`, NAME)?.value !== '1';
}
