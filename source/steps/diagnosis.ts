import type { FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { containerLog, newestContainer, podLog } from './container-log';
import { saidIn } from './log-words';
import { etcdCause, etcdSaid, withoutTrace, type EtcdSaid } from './etcd-words';

interface Cause {
  readonly pattern: RegExp;
  /** PATH stands for what the pattern names so. */
  readonly message: string;
  readonly hint: string;
}

/** What programs say, and what it means to an operator; the first that fits is told. */
const CAUSES: readonly Cause[] = [
  {
    pattern: /x509: certificate signed by unknown authority/,
    message:
      "An image cannot be pulled: the registry's certificate is signed by an authority that docker does not know.",
    hint: "Set DOCKER_REGISTRY_CA in the variables file to the PEM file with the registry's CA, and run again.",
  },
  {
    pattern: /x509: /,
    message: "An image cannot be pulled: docker refuses the registry's certificate.",
    hint: 'What docker said is shown: have the certificate made anew if it is that, or look at this clock, and run again.',
  },
  {
    // What docker says of OCI before 19.03, and of lists for other platforms.
    pattern:
      /missing signature key|no matching manifest for|no supported platform found|mediaType in manifest/,
    message: 'An image is in the registry in a form that this docker cannot pull, or for other platforms.',
    hint: 'Push it for linux/amd64; docker before 19.03 pulls no OCI images: skopeo copy --format v2s2 converts them. Then run again.',
  },
  {
    pattern: /toomanyrequests|429 Too Many Requests/,
    message: 'An image cannot be pulled: the registry has answered too many requests.',
    hint: 'Wait until its limit allows for more, or give a login in DOCKER_REGISTRY_USER, and run again.',
  },
  {
    pattern: /server gave HTTP response to HTTPS client/,
    message: 'An image cannot be pulled: the registry speaks plain HTTP, and docker expects HTTPS.',
    hint: 'Set DOCKER_REGISTRY_PLAIN_HTTP=yes if that is meant to be so, and run again.',
  },
  {
    pattern: /no basic auth credentials|unauthorized: |denied: requested access|401 Unauthorized/,
    message: 'An image cannot be pulled: the registry asks for a login, or refuses the one it was given.',
    hint: 'Check DOCKER_REGISTRY_USER and DOCKER_REGISTRY_PASSWORD_FILE, and run again.',
  },
  {
    pattern:
      /manifest (for \S+ )?(unknown|not found)|manifest unknown|: not found: does not exist|(image|repository) \S+ not found|pull access denied for|repository does not exist/,
    message: 'An image is not in the registry.',
    hint: 'Push the image to the registry, or name the right one in the variables file, and run again.',
  },
  {
    // Of a layer the path is one inside of it.
    pattern: /(?:layer|tar file).*no space left on device/,
    message: 'The disk of docker is full: an image cannot be unpacked.',
    hint: 'See `df -h /var/lib/docker`, make room, and run again.',
  },
  {
    pattern: /(?<path>\/[^\s:"']+): no space left on device/,
    message: 'A disk is full: PATH cannot be written.',
    hint: 'See `df -h` for the file system that it is on, make room, and run again.',
  },
  {
    pattern: /no space left on device/i,
    message: 'A disk is full.',
    hint: 'See `df -h`, make room, and run again.',
  },
  {
    pattern: /address already in use/,
    message: 'A port that the cluster needs is taken by another program.',
    hint: 'See `ss -ltnp` for 2379, 2380, 6443, 10250, 10257 and 10259, stop that program, and run again.',
  },
  {
    pattern: /lookup \S+( on \S+)?: (no such host|server misbehaving|.*i\/o timeout|Temporary failure)/,
    message: 'A name that is needed cannot be resolved.',
    hint: 'The last line shows which one: see /etc/resolv.conf and /etc/hosts, and run again.',
  },
  {
    pattern: /unknown (shorthand )?flag: /,
    message: 'A program does not know a flag that it was given, so it does not start.',
    hint: 'If it is the kubelet: take the flag out of /etc/sysconfig/kubelet, and run again.',
  },
  {
    pattern: /running with swap on is not supported/i,
    message: 'The kubelet does not start while swap is on.',
    hint: 'Run `swapoff -a`, take swap out of /etc/fstab, and run again.',
  },
  {
    pattern: /kubelet cgroup driver: "?\S+ is different from docker cgroup driver/,
    message: 'The kubelet and docker do not use the same cgroup driver, so the kubelet does not start.',
    hint: 'Compare `docker info --format {{.CgroupDriver}}` with --cgroup-driver in /etc/sysconfig/kubelet, and run again.',
  },
  {
    pattern: /executable file not found|exec format error/,
    message: 'An image does not hold the program that it should.',
    hint: 'See whether the variables file names another image in its place, and run again.',
  },
  {
    pattern: /CrashLoopBackOff/,
    message: 'A container ends again and again soon after it is started.',
    hint: 'Its last lines are shown; what they name has to be mended. Then run again.',
  },
  {
    pattern:
      /dial tcp \S+: (i\/o timeout|(connect|getsockopt): (connection refused|connection timed out|no route to host|network is unreachable))|Client\.Timeout exceeded|TLS handshake timeout/,
    message: 'A connection that is needed cannot be made.',
    hint: 'The last line shows which one: see whether that host answers on that port.',
  },
];

const TAIL = 12;
/** A line of a screen or two; klog's go on for pages. */
const LONGEST = 240;

/** Errors that a kubelet tells of although nothing is wrong, or nothing yet. */
const NOISE = /summary_sys_containers|aws_credentials|cri_stats_provider|network not ready|has not yet been/;

/** The sentence and the hint for what some lines say; undefined where nobody knows better than the lines themselves. */
export function explain(lines: readonly string[]): Pick<FailureReport, 'message' | 'hint'> | undefined {
  const said = lines.map(saidIn);
  for (const { pattern, message, hint } of CAUSES) {
    const found = said.map(line => pattern.exec(line)).find(match => match !== null);
    if (found) return { message: message.replace('PATH', found.groups?.['path'] ?? ''), hint };
  }
  const ofEtcd = etcdCause(lines.join('\n'));
  return ofEtcd === undefined ? undefined : { message: sentence(ofEtcd), hint: ofEtcd.hint };
}

/** "etcd does not run: its log is damaged." */
function sentence({ what }: EtcdSaid): string {
  return `etcd does not run: ${what}.`;
}

/** Adds what the host itself says about a failure: the last lines of the containers of some pods, and the kubelet's last errors. */
export async function withEvidence(
  host: HostReader,
  failure: FailureReport,
  pods: readonly string[],
): Promise<FailureReport> {
  const [containers, kubelet] = await Promise.all([
    Promise.all(pods.map(pod => ofContainer(host, pod))),
    kubeletErrors(host),
  ]);
  const seen = [...(failure.seen ?? []), ...kubelet, ...containers.flatMap(({ lines }) => lines)];
  const said = containers.map(one => one.said).find(one => one !== undefined);
  const { message = failure.message, hint = failure.hint } =
    said === undefined ? (explain([...seen].reverse()) ?? {}) : { message: sentence(said), hint: said.hint };
  return {
    ...failure,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(seen.length === 0 ? {} : { seen: seen.map(line => line.slice(0, LONGEST)) }),
  };
}

interface Words {
  readonly lines: readonly string[];
  /** Why etcd has ended, where it is etcd's and has. */
  readonly said?: EtcdSaid;
}

/** The last log lines of the newest container of a pod that is not running any more, or of the one that runs. */
async function ofContainer(host: HostReader, pod: string): Promise<Words> {
  const found = await newestContainer(host, pod);
  if (found === undefined) return { lines: [] };
  const { id, status } = found;
  const [log, state] = await Promise.all([
    containerLog(host, id, TAIL),
    // Why docker itself could not start it.
    host.query({ file: 'docker', args: ['inspect', '--format', '{{.State.Error}}', id] }),
  ]);
  const error = /^\S.*: .+$/m.exec(state.stdout)?.[0];
  const ended = pod.startsWith('etcd-') && !status.startsWith('Up');
  const said = ended ? etcdSaid(log) : undefined;
  const last = lastLines(withoutTrace(log.split('\n')).join('\n'));
  // The line that says why may stand far above the last ones.
  const why = said === undefined || last.some(line => line.includes(said.line)) ? [] : [said.line];
  return {
    lines: [`${pod}: ${status}`, ...why, ...last, ...(error === undefined ? [] : [error])],
    ...(said === undefined ? {} : { said }),
  };
}

/** What a pod on any node, or a job's, said last, asked of the cluster; nothing where there is none, or no answer. */
export async function podLines(host: HostReader, pod: string): Promise<readonly string[]> {
  const log = await podLog(host, pod, TAIL);
  const lines = lastLines(withoutTrace(log.split('\n')).join('\n')).map(line => line.slice(0, LONGEST));
  return lines.length === 0 ? [] : [`${pod}:`, ...lines];
}

/** klog marks errors with an E and the date; what is meant for people begins with Error: */
async function kubeletErrors(host: HostReader): Promise<readonly string[]> {
  const journal = await host.query({
    file: 'journalctl',
    args: ['--unit', 'kubelet', '--lines', '300', '--no-pager', '--output', 'cat'],
  });
  const errors = journal.stdout
    .split('\n')
    .filter(
      line => (/^[EF]\d{4} |^Error: /.test(line) || /failed to run Kubelet/i.test(line)) && !NOISE.test(line),
    )
    // The same error comes at many times.
    .map(line => `kubelet: ${saidIn(line)}`);
  return lastLines([...new Set(errors.reverse())].reverse().join('\n'), 5);
}

function lastLines(text: string, count = TAIL): readonly string[] {
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-count);
}
