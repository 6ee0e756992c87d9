import type { LabHost } from '../lab/lab';

const GROUP = '/sys/fs/cgroup/cpuacct/bench';

/** Runs a shell command on a host in a cgroup of its own, and says what CPU it took there with all that it started, ended or not. */
export async function accounted(
  host: LabHost,
  command: string,
  timeoutMs: number,
): Promise<{
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly cpuSeconds: number;
}> {
  await host.succeed(`mkdir -p ${GROUP} && echo 0 >${GROUP}/cpuacct.usage`);
  const result = await host.run(`echo $$ >${GROUP}/cgroup.procs && ${command}`, { timeoutMs });
  const used = await host.succeed(`cat ${GROUP}/cpuacct.usage`);
  return { ...result, cpuSeconds: Number(used) / 1e9 };
}
