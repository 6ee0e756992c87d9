import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain, withEvidence } from '../../source/steps/diagnosis';
import { saidIn } from '../../source/steps/log-words';
import { FakeHost } from '../support/fake-host';

const FAILURE = {
  code: 'timed-out',
  message: 'etcd did not become healthy.',
  hint: 'Look.',
  seen: ['ECONNREFUSED'],
};

describe('what programs say', () => {
  it.each([
    ['Get https://r:5000/v2/: x509: certificate signed by unknown authority', /DOCKER_REGISTRY_CA/],
    ['http: server gave HTTP response to HTTPS client', /DOCKER_REGISTRY_PLAIN_HTTP/],
    ['Error response from daemon: manifest for r:5000/etcd:9 not found: manifest unknown', /Push the image/],
    ['pull access denied: no basic auth credentials', /DOCKER_REGISTRY_USER/],
    ['write /var/lib/etcd/x: no space left on device', /make room/],
    ['listen tcp 0.0.0.0:2379: bind: address already in use', /stop that program/],
    ['failed to run Kubelet: running with swap on is not supported, please disable swap!', /swapoff/],
    [
      'misconfiguration: kubelet cgroup driver: "systemd" is different from docker cgroup driver: "cgroupfs"',
      /cgroup-driver/,
    ],
    ['member 8e9e05c52164694d has already been bootstrapped', /Move \/var\/lib\/etcd away/],
  ])('is put into plain words: %s', (line, hint) => {
    expect(explain(['something else', line])?.hint).toMatch(hint);
  });

  const driver = 'kubelet cgroup driver: "systemd" is different from docker cgroup driver: "cgroupfs"';
  const escaped = driver.replaceAll('"', '\\"');
  it.each([
    [
      '1.16',
      `F0207 12:25:38.628063   21652 server.go:271] failed to run Kubelet: failed to create kubelet: misconfiguration: ${driver}`,
    ],
    [
      '1.20',
      `F1130 15:52:33.405159    4759 server.go:269] failed to run Kubelet: misconfiguration: ${driver}`,
    ],
    [
      '1.22',
      `E0913 17:30:09.620375   18094 server.go:294] "Failed to run kubelet" err="failed to run Kubelet: misconfiguration: ${escaped}"`,
    ],
    [
      '1.22 in the journal',
      `Sep 13 17:30:09 ip-172-31-40-163 kubelet[18094]: E0913 17:30:09.620375   18094 server.go:294] "Failed to run kubelet" err="failed to run Kubelet: misconfiguration: ${escaped}"`,
    ],
    [
      'a driver in quotes of its own',
      `F0207 12:25:38.6 1 server.go:1] ${driver.replace('"systemd"', `"'systemd'"`)}`,
    ],
  ])("knows the cgroup driver's line of every version: %s", (_, line) => {
    expect(explain([line])?.message).toMatch(/same cgroup driver/);
  });

  it.each([
    [
      'docker 1.13',
      'level=error msg="Handler for POST /v1.26/images/create returned error: Get https://r:5000/v2/: x509: certificate signed by unknown authority"',
      /DOCKER_REGISTRY_CA/,
    ],
    [
      'docker 20.10',
      'time="2021-02-01T10:00:00.1Z" level=error msg="Handler for POST /v1.41/images/create returned error: Get \\"https://r:5000/v2/\\": x509: certificate signed by unknown authority"',
      /DOCKER_REGISTRY_CA/,
    ],
    [
      'docker 26',
      'time="2024-05-01T10:00:00.1Z" level=error msg="Handler for POST /v1.45/images/create returned error" error="Get \\"https://r:5000/v2/\\": tls: failed to verify certificate: x509: certificate signed by unknown authority"',
      /DOCKER_REGISTRY_CA/,
    ],
    ['docker 1.13, no image', 'Error: image etcd:9 not found', /Push the image/],
    [
      'docker 1.13, no repository',
      'repository r:5000/etcd not found: does not exist or no pull access',
      /Push the image/,
    ],
    [
      'docker 26, no image',
      `"Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"etcd\\" with ErrImagePull: \\"rpc error: code = Unknown desc = Error response from daemon: manifest for r:5000/etcd:9 not found: manifest unknown\\"" pod="kube-system/etcd-m1" podUID=1`,
      /Push the image/,
    ],
    ["docker 1.13's Go", 'dial tcp 10.0.0.5:5000: getsockopt: connection refused', /answers on that port/],
    [
      "docker 20.10's Go",
      'Get "https://10.0.0.5:5000/v2/": dial tcp 10.0.0.5:5000: connect: connection refused',
      /answers on that port/,
    ],
    ['no name', 'dial tcp: lookup r.example on 10.0.0.2:53: no such host', /resolv\.conf/],
    [
      'no name in the certificate',
      'Get "https://10.0.0.5/v2/": x509: cannot validate certificate for 10.0.0.5 because it doesn\'t contain any IP SANs',
      /made anew/,
    ],
    [
      'a clock that is off',
      'x509: certificate has expired or is not yet valid: current time 2021 is before 2024',
      /clock/,
    ],
    [
      'swap, 1.16',
      'F1 server.go:271] failed to run Kubelet: Running with swap on is not supported, please disable swap! or set --fail-swap-on flag to false.',
      /swapoff/,
    ],
    [
      'swap, 1.22',
      'E0913 17:30:09.620375   18094 server.go:294] "Failed to run kubelet" err="failed to run Kubelet: running with swap on is not supported, please disable swap! or set --fail-swap-on flag to false. /proc/swaps contained: [Filename\\t\\t\\t\\tType /dev/sda2]"',
      /swapoff/,
    ],
    [
      'a flag, 1.20',
      'F1130 15:52:33.405159    4759 server.go:157] unknown flag: --containerized',
      /sysconfig\/kubelet/,
    ],
    [
      'a flag, 1.23',
      'E0913 17:30:09.620375   18094 server.go:205] "Failed to parse kubelet flag" err="unknown flag: --containerized"',
      /sysconfig\/kubelet/,
    ],
    [
      'a program that is missing, 1.13',
      'oci runtime error: container_linux.go:247: starting container process caused "exec: \\"etcd\\": executable file not found in $PATH"',
      /another image/,
    ],
  ])('knows how each version says it: %s', (_, line, hint) => {
    expect(explain(['something else', line])?.hint).toMatch(hint);
  });

  it.each([
    ['E1123 06:41:51.937984    1031 pod_workers.go:191] Error syncing pod 1: x', 'Error syncing pod 1: x'],
    [
      'E0913 17:30:09.620375   18094 pod_workers.go:190] "Error syncing pod, skipping" err="failed to \\"Start\\" it" pod="kube-system/etcd-m1" podUID=1',
      'Error syncing pod, skipping: failed to "Start" it (kube-system/etcd-m1)',
    ],
    ['time="2024-05-01" level=error msg="No such \\"x\\"" error=gone module=api', 'No such "x": gone'],
    ['{"level":"warn"}', '{"level":"warn"}'],
  ])('is told without when and where: %s', (line, said) => {
    expect(saidIn(line)).toBe(said);
  });

  it.each([
    [
      'failed to write file "/etc/kubernetes/pki/ca.key": write /etc/kubernetes/pki/ca.key: no space left on device',
      'A disk is full: /etc/kubernetes/pki/ca.key cannot be written.',
    ],
    [
      'failed to register layer: Error processing tar file(exit status 1): write /usr/bin/etcd: no space left on device',
      'The disk of docker is full: an image cannot be unpacked.',
    ],
    ['cp: error writing: No space left on device', 'A disk is full.'],
  ])('names what cannot be written: %s', (line, message) => {
    expect(explain([line])?.message).toBe(message);
  });

  it('is left as it is where nobody knows better', () => {
    expect(explain(['all is well'])).toBeUndefined();
  });
});

describe('evidence', () => {
  const kubelet = [
    'I1123 06:08:26 server.go:1176] Started kubelet',
    'E1123 06:08:27 pod_workers.go:191] Error syncing pod: ErrImagePull: manifest for r:5000/etcd:9 not found',
  ].join('\n');
  const host = (): FakeHost =>
    new FakeHost()
      .answer(/^journalctl /, kubelet)
      .answer(
        /^docker ps /,
        'aaa k8s_etcd_etcd-init-master1_kube-system_1_2 Exited (1) 3 seconds ago\nbbb k8s_POD_etcd-init-master1_kube-system_1_0 Up\n',
      )
      .answer(/^docker inspect /, '\n')
      .answer('docker logs --tail 12 aaa', { stdout: 'starting\n', stderr: 'fatal: no such member\n' });

  it("adds the container's last lines and the kubelet's errors, newest last, and tells the cause", async () => {
    const report = await withEvidence(host(), FAILURE, ['etcd-init']);
    expect(report.seen).toEqual([
      'ECONNREFUSED',
      expect.stringContaining('ErrImagePull'),
      'etcd-init: Exited (1) 3 seconds ago',
      'starting',
      'fatal: no such member',
    ]);
    expect(report).toMatchObject({ code: 'timed-out', message: 'An image is not in the registry.' });
  });

  it('finds the cause in a line that is longer than what is shown of it', async () => {
    const long = `E0913 17:30:09.620375   18094 pod_workers.go:190] "Error syncing pod, skipping" err="${'x '.repeat(200)}manifest for r:5000/etcd:9 not found" pod="kube-system/etcd-m1"`;
    const report = await withEvidence(host().answer(/^journalctl /, long), FAILURE, []);
    expect(report.message).toBe('An image is not in the registry.');
    expect(report.seen?.every(line => line.length <= 240)).toBe(true);
    expect(report.seen?.[1]).toMatch(/^kubelet: Error syncing pod, skipping: x x/);
  });

  it('tells why docker could not start a container, and leaves out what a kubelet says anyway', async () => {
    const report = await withEvidence(
      host()
        .answer(
          /^journalctl /,
          [
            'E1123 06:41:50.225841    1031 summary_sys_containers.go:47] Failed to get system container stats',
            'E1123 06:41:51.937984    1031 pod_workers.go:191] Error syncing pod 1: CrashLoopBackOff',
            'E1123 06:42:05.902739    1031 pod_workers.go:191] Error syncing pod 1: CrashLoopBackOff',
          ].join('\n'),
        )
        .answer(
          /^docker inspect /,
          'OCI runtime create failed: exec: "etcd": executable file not found in $PATH\n',
        ),
      { ...FAILURE, seen: [] },
      ['etcd-init'],
    );
    expect(report.message).toBe('An image does not hold the program that it should.');
    expect(report.seen?.[0]).toBe('kubelet: Error syncing pod 1: CrashLoopBackOff');
    expect(report.seen?.filter(line => line.startsWith('kubelet'))).toHaveLength(1);
    expect(report.seen?.at(-1)).toMatch(
      /^OCI runtime create failed: exec: "etcd": executable file not found/,
    );
  });

  it("finds why etcd ended before its trace, and shows that instead of the trace's end", async () => {
    const log = readFileSync(join(__dirname, '../fixtures/etcd-logs/zero-3.4.log'), 'utf8');
    const tail = (count: number): string => log.split('\n').slice(-count).join('\n');
    const report = await withEvidence(
      host()
        .answer(
          /^journalctl /,
          'E1123 06:41:51.937984    1031 pod_workers.go:191] Error syncing pod 1: CrashLoopBackOff',
        )
        .answer('docker logs --tail 12 aaa', { stdout: '', stderr: tail(12) })
        .answer('docker logs --tail 5000 aaa', { stdout: '', stderr: log }),
      FAILURE,
      ['etcd-init'],
    );
    expect(report.message).toBe('etcd does not run: its database is damaged.');
    expect(report.hint).toContain('readd-member');
    expect(report.seen?.join('\n')).toContain('freepages: failed to get all reachable pages');
    expect(report.seen?.some(line => line.includes('goroutine') || line.includes('.go:'))).toBe(false);
  });

  it('does not take for the cause what an etcd says that runs', async () => {
    const report = await withEvidence(
      host()
        .answer(/^journalctl /, '')
        .answer(/^docker ps /, 'aaa k8s_etcd_etcd-init-master1_kube-system_1_2 Up 3 seconds\n')
        .answer('docker logs --tail 12 aaa', { stdout: '', stderr: 'panic: write /x: permission denied\n' }),
      FAILURE,
      ['etcd-init'],
    );
    expect(report.message).toBe(FAILURE.message);
  });

  it('says what it was told where the host says nothing', async () => {
    const mute = new FakeHost().answer(/^journalctl /, { code: 127 }).answer(/^docker ps /, { code: 127 });
    expect(await withEvidence(mute, FAILURE, ['etcd-init'])).toEqual(FAILURE);
  });
});
