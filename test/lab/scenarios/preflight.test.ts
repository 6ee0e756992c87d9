import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../../source/engine/check';
import { Lab } from '../lab';
import type { LabHost } from '../lab';
import { eventsOfType, fileTimes, freshHost, home, install, writeVariables } from './support';
import type { InstallRun } from './support';

/** One way in which a host or a site is not as it should be: how it is made so, and how it is mended. */
interface Fault {
  readonly check: string;
  readonly level: Finding['level'];
  readonly message: RegExp;
  readonly breaks: string;
  readonly mends: string;
  /** Put before the installer's command. */
  readonly prefix?: string;
}

/** Shows a doctored copy of a file of /proc in its place, in the mount namespace of all the host. */
function doctored(path: string, edit: string): Pick<Fault, 'breaks' | 'mends'> {
  const copy = `/root/doctored${path.replaceAll('/', '-')}`;
  return {
    breaks: `sed '${edit}' ${path} > ${copy} && mount --bind ${copy} ${path}`,
    mends: `umount ${path}`,
  };
}

/** Puts a program of that name before the real one, which answers always the same. */
function standIn(name: string, answer: string): string {
  return `printf '#!/bin/sh\\necho "${answer}"\\n' > /usr/local/bin/${name} && chmod +x /usr/local/bin/${name}`;
}

const port = 'systemd-run -q --unit=taken socat TCP-LISTEN:6443,fork,reuseaddr /dev/null';

const faults: readonly Fault[] = [
  {
    check: 'system',
    level: 'fatal',
    message: /made for EL7/,
    ...doctored('/etc/os-release', 's/^ID=.*/ID=debian/;s/^ID_LIKE=.*//'),
  },
  {
    check: 'kernel',
    level: 'fatal',
    message: /no cgroup controller pids/,
    ...doctored('/proc/cgroups', '/^pids/d'),
  },
  {
    check: 'cpu',
    level: 'fatal',
    message: /^1 processor;/,
    breaks: 'true',
    mends: 'true',
    prefix: 'taskset -c 0',
  },
  {
    check: 'memory',
    level: 'fatal',
    message: /^976 MB of memory/,
    ...doctored('/proc/meminfo', 's/^MemTotal:.*/MemTotal:        1000000 kB/'),
  },
  {
    check: 'swap',
    level: 'warning',
    message: /swap is on: \/dev\/sdz9, 2048 MiB/,
    ...doctored('/proc/swaps', '$a/dev/sdz9                               partition\t2097148\t\t0\t\t-2'),
  },
  { check: 'selinux', level: 'warning', message: /enforcing/, breaks: 'setenforce 1', mends: 'setenforce 0' },
  {
    check: 'firewall',
    level: 'warning',
    message: /firewalld is active; .*6443/,
    breaks: 'systemctl start firewalld',
    mends: 'systemctl stop firewalld',
  },
  {
    check: 'hostname',
    level: 'fatal',
    message: /no address/,
    breaks: 'cp /etc/hosts /root/hosts && sed "/$(hostname)/d" /root/hosts > /etc/hosts',
    mends: 'cat /root/hosts > /etc/hosts',
  },
  {
    check: 'ports',
    level: 'fatal',
    message: /port 6443 is taken by socat/,
    breaks: `${port} && until ss -ltn | grep -q :6443; do sleep 0.1; done`,
    mends: 'systemctl stop taken',
  },
  {
    check: 'docker',
    level: 'fatal',
    message: /masked/,
    breaks: 'ln -s /dev/null /etc/systemd/system/docker.service && systemctl daemon-reload',
    mends: 'rm /etc/systemd/system/docker.service && systemctl daemon-reload',
  },
  {
    check: 'disk-space',
    level: 'fatal',
    message: /0\.1 GiB free for \/var\/lib\/etcd/,
    breaks: 'mount -t tmpfs -o size=100m none /var/lib/etcd',
    mends: 'umount /var/lib/etcd',
  },
  {
    check: 'disk-latency',
    level: 'fatal',
    message: /nothing can be written/,
    breaks: 'mount -t tmpfs -o ro none /var/lib/etcd',
    mends: 'umount /var/lib/etcd',
  },
  {
    check: 'leftovers',
    level: 'fatal',
    message: /other\.yaml/,
    breaks: 'mkdir -p /etc/kubernetes/manifests && touch /etc/kubernetes/manifests/other.yaml',
    mends: 'rm -r /etc/kubernetes',
  },
  {
    check: 'packages',
    level: 'fatal',
    message: /kubelet-1\.20\.2.*no enabled repo/i,
    breaks: 'mv /etc/yum.repos.d/lab.repo /root/',
    mends: 'mv /root/lab.repo /etc/yum.repos.d/',
  },
  {
    check: 'packages',
    level: 'warning',
    message: /excludes docker, kubelet-1\.20\.2.* passes over excludes/,
    breaks:
      "cp /etc/dnf/dnf.conf /root/ && printf 'exclude=docker*1.20* docker*\\n    kubelet\\n' >>/etc/dnf/dnf.conf",
    mends: 'mv /root/dnf.conf /etc/dnf/dnf.conf',
  },
  {
    check: 'packages',
    level: 'warning',
    message: /come unencrypted from http:.*gpgcheck=0/,
    breaks: 'true',
    mends: 'true',
  },
  {
    check: 'kubelet',
    level: 'fatal',
    message: /--hostname-override=10\.0\.0\.11, but kubeadm names the node/,
    breaks: `printf 'KUBELET_EXTRA_ARGS="--v=2 \\\\\n  --hostname-override=10.0.0.11"\n' >/etc/sysconfig/kubelet`,
    mends: 'rm /etc/sysconfig/kubelet',
  },
  {
    check: 'time',
    level: 'warning',
    message: /not synchronized/,
    breaks: 'systemctl stop chronyd',
    mends: 'systemctl start chronyd',
  },
  {
    // A lab host cannot mount a file system of its own: two programs stand in that answer as on such a host.
    check: 'xfs',
    level: 'fatal',
    message: /XFS with ftype=0/,
    breaks: `${standIn('findmnt', 'xfs /var/lib/docker')} && ${standIn('xfs_info', 'naming =version 2 bsize=4096 ascii-ci=0 ftype=0')}`,
    mends: 'rm /usr/local/bin/findmnt /usr/local/bin/xfs_info',
  },
  {
    check: 'root',
    level: 'fatal',
    message: /not as root/,
    breaks: 'useradd -m somebody && chmod 755 /root',
    mends: 'chmod 700 /root && userdel -r somebody 2>/dev/null',
    prefix: 'setpriv --reuid somebody --regid somebody --clear-groups',
  },
];

function findings(run: InstallRun, check: string): readonly Finding[] {
  return eventsOfType(run.events, 'check-finished').find(event => event.id === check)?.findings ?? [];
}

describe('preflight checks on a host that is not as it should be', () => {
  let lab: Lab;
  let master: LabHost;
  let before: string;

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    master = await freshHost(lab, 'master1');
    // An image that is missing keeps every run of this file from going on to change the host.
    await writeVariables(lab, master, { variables: { FLANNEL_IMAGE: '${DOCKER_REGISTRY}/flannel:v9' } });
    before = await fileTimes(master);
  });

  afterAll(async () => {
    await master.reset();
  });

  test('an image that the registry does not have is named before anything is changed', async () => {
    const run = await install(master);
    expect(run.code).toBe(2);
    const wrong = findings(run, 'images');
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toMatchObject({ level: 'fatal' });
    expect(wrong[0]?.message).toContain(`${lab.registry.plain}/flannel:v9`);
    expect(eventsOfType(run.events, 'change-started')).toEqual([]);
    expect(await fileTimes(master)).toBe(before);
    expect((await master.run('rpm -q docker kubelet')).stdout).toMatch(
      /docker is not installed[^]*kubelet is not installed/,
    );
  });

  test('nothing else is fatal on this host, so that each fault below shows its own', async () => {
    const run = await install(master);
    const fatal = eventsOfType(run.events, 'check-finished').filter(event =>
      event.findings.some(finding => finding.level === 'fatal'),
    );
    expect(fatal.map(event => event.id)).toEqual(['images']);
  });

  for (const fault of faults) {
    test(`${fault.check}: ${fault.level}, ${fault.message.source}`, async () => {
      await master.succeed(fault.breaks);
      try {
        const command = `cd ${home} && ${fault.prefix ?? ''} ./kube-el7-install --yes --output json`;
        const { code, stdout, stderr } = await master.run(command, { timeoutMs: 120_000 });
        expect(stderr).not.toMatch(/^\s+at /m);
        expect(code).toBe(2);
        const lines = stdout.split('\n').filter(line => line !== '');
        const run = {
          code,
          stdout,
          stderr,
          events: lines.map(line => JSON.parse(line) as InstallRun['events'][0]),
        };
        const found = findings(run, fault.check).filter(finding => finding.level === fault.level);
        expect(found.map(finding => finding.message).join('\n')).toMatch(fault.message);
        for (const finding of found) expect(finding.fix).toBeTruthy();
      } finally {
        await master.succeed(fault.mends);
      }
    });
  }
});
