import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { perform } from '../lab/hosts/command';

const TRACING = '/sys/kernel/tracing';
const instance = join(TRACING, 'instances/kube-el7-bench');

/** The cgroup of a process, by its line in /proc/PID/cgroup; undefined where it has ended. */
function groupOf(pid: number): string | undefined {
  try {
    return /^\d+:(?:[^:]*,)?cpuacct(?:,[^:]*)?:(.*)$/m.exec(
      readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8'),
    )?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Counts executed programs by cgroup, from the lines of the kernel's tracing. A program may have ended before its
 * cgroup can be asked: then it is the one of the process that it was forked from.
 */
export class ExecCount {
  readonly counts = new Map<string, number>();
  private readonly groups = new Map<number, string>();

  constructor(private readonly ask: (pid: number) => string | undefined = groupOf) {}

  line(text: string): void {
    const fork = / sched_process_fork: .*\bpid=(\d+) .*\bchild_pid=(\d+)/.exec(text);
    if (fork !== null) {
      const [parent, child] = [Number(fork[1]), Number(fork[2])];
      const group = this.groups.get(parent) ?? this.ask(parent);
      if (group !== undefined) this.groups.set(child, group);
      return;
    }
    const exec = / sched_process_exec: .*\bpid=(\d+) old_pid=(\d+)/.exec(text);
    if (exec === null) return;
    const pid = Number(exec[1]);
    const group = this.ask(pid) ?? this.groups.get(pid) ?? this.groups.get(Number(exec[2])) ?? 'unknown';
    this.groups.set(pid, group);
    this.counts.set(group, (this.counts.get(group) ?? 0) + 1);
  }
}

/** Counts what is executed on this machine for some time, by cgroup. */
export async function countExecs(milliseconds: number): Promise<ReadonlyMap<string, number>> {
  const count = new ExecCount();
  if (!existsSync(join(TRACING, 'instances'))) await perform('mount', ['-t', 'tracefs', 'tracefs', TRACING]);
  if (!existsSync(instance)) mkdirSync(instance);
  const set = (value: '0' | '1'): void => {
    for (const event of ['exec', 'fork']) {
      writeFileSync(join(instance, `events/sched/sched_process_${event}/enable`), value);
    }
  };
  const reader = spawn('cat', [join(instance, 'trace_pipe')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise(resolve => reader.once('close', resolve));
  createInterface({ input: reader.stdout }).on('line', line => {
    count.line(line);
  });
  try {
    set('1');
    await delay(milliseconds);
    set('0');
  } finally {
    reader.kill();
    await ended;
    rmdirSync(instance);
  }
  return count.counts;
}
