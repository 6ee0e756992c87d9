import { describe, expect, it } from 'vitest';
import { ExecCount } from './execs';
import { isAdded, sums } from './resting';

describe('what a resting master uses', () => {
  it('is counted as what Kubernetes does not bring: keepalived and the program on the masters', () => {
    const names = [
      'k8s_keepalived_keepalived-master1_kube-system_0_0',
      'k8s_POD_kube-el7-install-masters-x2x_kube-system_0_0',
      'k8s_make-master_kube-el7-install-masters-x2x_kube-system_0_0',
      'k8s_kube-apiserver_kube-apiserver-master1_kube-system_0_0',
      'k8s_probe_keepalive-app_default_0_0',
    ];
    expect(names.map(isAdded)).toEqual([true, true, true, false, false]);
  });

  it('is summed for one host and for the containers that were added', () => {
    const counted = new Map([
      ['/lab/a/kubepods/pod1/c1', 3],
      ['/lab/a/kubepods/pod2/c2', 5],
      ['/lab/a', 7],
      ['/lab/ab/kubepods/pod1/c1', 100],
    ]);
    expect(sums(counted, '/lab/a', ['c1'])).toEqual({ added: 3, all: 15 });
  });
});

describe('programs that are executed', () => {
  const fork = (parent: number, child: number): string =>
    `  sh-${String(parent)} [001] ..... 14853.5: sched_process_fork: comm=sh pid=${String(parent)} child_comm=sh child_pid=${String(child)}`;
  const exec = (pid: number, old = pid): string =>
    `  curl-${String(pid)} [001] ..... 14853.5: sched_process_exec: filename=/usr/bin/curl pid=${String(pid)} old_pid=${String(old)}`;

  it('are counted where they run, also those that ended before anybody could ask', () => {
    const alive = new Map([
      [1, '/a'],
      [20, '/b'],
    ]);
    const count = new ExecCount(pid => alive.get(pid));
    for (const line of [
      fork(1, 10),
      exec(10),
      fork(10, 11),
      exec(11),
      exec(20),
      exec(99),
      'CPU:1 [LOST 3 EVENTS]',
    ])
      count.line(line);
    expect(Object.fromEntries(count.counts)).toEqual({ '/a': 2, '/b': 1, unknown: 1 });
  });

  it('are those of the cgroup that a process has moved to, and of its thread that executed', () => {
    const count = new ExecCount(pid => (pid === 12 ? '/container' : pid === 1 ? '/docker' : undefined));
    for (const line of [fork(1, 12), exec(12), fork(12, 13), exec(14, 13)]) count.line(line);
    expect(Object.fromEntries(count.counts)).toEqual({ '/container': 2 });
  });
});
