import { readFileSync, readdirSync } from 'node:fs';

/** The most memory that a process ever had, MiB (VmHWM of proc(5)); undefined where it is gone. */
export function peakMemory(pid: number): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}

/** CPU milliseconds that the living threads of a process have used (proc(5), schedstat: nanoseconds); undefined where it is gone. */
export function cpuUsed(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map(thread => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
      .reduce((sum, nanoseconds) => sum + nanoseconds / 1e6, 0);
  } catch {
    return undefined;
  }
}
