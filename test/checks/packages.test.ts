import { describe, expect, it } from 'vitest';
import { complaints, fixFor } from '../../source/checks/complaints';
import { packages } from '../../source/checks/packages';
import { parseTransaction } from '../../source/checks/transaction';
import { yumResolves, yumTable } from '../support/yum';
import { El7, settingsWith } from '../steps/prepare/el7';
import { asking, found, levels } from './found';

const settings = await settingsWith();
const URL = 'http://10.0.0.5/el7/$basearch';
const withUrl = await settingsWith({ yumRepository: URL });
const check = packages(settings);

const WANTED = [
  'bind-utils',
  'docker',
  'kubelet-1.20.2',
  'kubeadm-1.20.2',
  'kubectl-1.20.2',
  'kubernetes-cni-0.8.7',
];
const whole = yumResolves(WANTED);

/** What the real dnf of the lab prints, shortened. */
const DNF = `Dependencies resolved.
================================================================================
 Package                 Architecture   Version               Repository   Size
================================================================================
Installing:
 bind-utils              x86_64         32:9.11.4-26.P2.el7   lab         5.6 k
 docker                  x86_64         20.10.24-0            lab         808 k
 kubeadm                 x86_64         1.20.2-0              lab          12 M
 kubectl                 x86_64         1.20.2-0              lab          12 M
 kubelet                 x86_64         1.20.2-0              lab          19 M
 kubernetes-cni          x86_64         0.8.7-0               lab          21 M
Installing dependencies:
 socat                   x86_64         1.7.3.2-2.el7         lab         5.5 k

Transaction Summary
================================================================================
Install  7 Packages

Total size: 53 M
Installed size: 137 M
`;

describe('packages', () => {
  it.each([
    ['yum 3', whole],
    ['dnf', DNF],
  ])('is content where the whole transaction is resolved: %s', async (_, stdout) => {
    expect(await levels(check, asking({ first: { code: 1, stdout } }))).toEqual(['ok']);
  });

  it('says what comes along', async () => {
    const [finding] = await found(check, asking({ first: { code: 1, stdout: DNF } }));
    expect(finding?.message).toContain('with them come socat');
  });

  it('asks for the very transaction that will be made, and only asks', async () => {
    const host = asking({ first: { code: 1, stdout: whole } });
    await found(check, host);
    const asked = host.calls.filter(call => call.what.startsWith('yum'));
    expect(asked[0]?.what).toBe(
      `yum --assumeno --setopt=autosavets=0 --setopt=*.repo_gpgcheck=0 --disableexcludes=all install ${WANTED.join(' ')}`,
    );
    expect(asked.every(call => call.kind === 'query' && call.what.includes('--assumeno'))).toBe(true);
    expect(host.changes).toEqual([]);
  });

  it('does not ask where all is installed', async () => {
    const host = new El7({ '/opt/cni/bin/flannel': '' });
    for (const name of ['kubelet', 'kubeadm', 'kubectl']) host.packages.set(name, '1.20.2');
    host.packages.set('bind-utils', '9').set('docker-ce', '20.10.24');
    expect(await levels(check, host)).toEqual(['ok']);
    expect(host.calls.some(call => call.what.startsWith('yum'))).toBe(false);
  });

  it.each([
    [
      'yum 3',
      'No package docker available.\nNo package kubeadm-1.20.2 available.\n',
      yumResolves(['bind-utils']),
    ],
    ['dnf', 'No match for argument: docker\nNo match for argument: kubeadm-1.20.2\n', ''],
  ])('names what is missing, and what there is instead: %s', async (_, said, table) => {
    const list = 'Available Packages\nkubeadm.x86_64     1.19.16-0\n                   site\n';
    const kube = yumResolves(WANTED.filter(one => !/docker|kubeadm/.test(one)));
    const first = { code: 1, stdout: said + (table === '' ? '' : kube), stderr: 'Error: Nothing to do\n' };
    const findings = await found(check, asking({ first, list }));
    expect(findings.map(one => one.message)).toEqual([
      'no repository offers docker',
      'no repository offers kubeadm-1.20.2; on offer: 1.19.16',
    ]);
    expect(findings[0]?.fix).toContain('docker-ce');
  });

  it('is not content with another version than the wanted one', async () => {
    const stdout = yumResolves(WANTED.map(one => one.replace('kubelet-1.20.2', 'kubelet-1.20.1')));
    const [finding] = await found(check, asking({ first: { code: 1, stdout } }));
    expect(finding).toMatchObject({ level: 'fatal' });
    expect(finding?.message).toContain('no repository offers kubelet-1.20.2');
  });

  it('says which excludes the installation passes over', async () => {
    const withExcludes = {
      code: 1,
      stdout: `No package docker available.\n${yumResolves(WANTED.filter(one => one !== 'docker'))}`,
    };
    const findings = await found(check, asking({ first: { code: 1, stdout: whole }, withExcludes }));
    expect(findings.map(one => one.level)).toEqual(['ok', 'warning']);
    expect(findings[1]?.message).toContain('excludes docker; the installation passes over excludes');
  });

  it('says when a plugin stands in the way', async () => {
    const first = { code: 1, stdout: 'No package kubelet-1.20.2 available.\n' };
    const [finding] = await found(check, asking({ first, withoutPlugins: { code: 1, stdout: whole } }));
    expect(finding?.message).toContain('versionlock');
  });

  it('names what yum would take away', async () => {
    const rows = WANTED.map(one => [one.replace(/-\d.*$/, ''), one.replace(/^.*-(?=\d)/, '')] as const);
    const stdout = yumTable({
      Installing: [...rows.slice(0, 2), 'podman-docker', ...rows.slice(2)],
      'Removing for dependencies': [['buildah', '1.11', '@extras']],
    });
    const findings = await found(check, asking({ first: { code: 1, stdout } }));
    expect(findings[1]).toMatchObject({ level: 'warning' });
    expect(findings[1]?.message).toContain('yum will remove buildah, podman-docker');
  });

  it.each([
    [
      'a dependency, yum 3',
      'Error: Package: kubelet-1.20.2-0.x86_64 (site)\n           Requires: kubernetes-cni >= 1.2.0\n           Available: kubernetes-cni-0.8.7-0.x86_64 (site)\n               kubernetes-cni = 0.8.7-0\n You could try using --skip-broken to work around the problem\n',
      'kubelet-1.20.2-0.x86_64 requires kubernetes-cni >= 1.2.0, and available is kubernetes-cni-0.8.7-0.x86_64',
      /^Add what is missing/,
    ],
    [
      'a dependency, dnf',
      "Error: \n Problem: conflicting requests\n  - nothing provides conntrack needed by kubelet-1.20.2-0.x86_64 from site\n(try to add '--skip-broken' to skip uninstallable packages)\n",
      'kubelet-1.20.2-0.x86_64 requires conntrack, and no enabled repository has it',
      /^Add what is missing/,
    ],
    [
      'a conflict',
      'Error: docker-ce conflicts with 2:docker-1.13.1-210.git7d71120.el7.centos.x86_64\n You could try using --skip-broken to work around the problem\n',
      'docker-ce conflicts with docker-1.13.1-210.git7d71120.el7.centos.x86_64',
      /^Remove the one/,
    ],
    [
      'no answer, yum 3',
      'Loaded plugins: fastestmirror\n\n\n One of the configured repositories failed (Unknown),\nCannot find a valid baseurl for repo: base/7/x86_64\n',
      'Cannot find a valid baseurl for repo: base/7/x86_64',
      /^Mend or disable/,
    ],
    [
      'no answer, dnf',
      "Errors during downloading metadata for repository 'x':\n  - Curl error (7)\nError: Failed to download metadata for repo 'x'\n",
      "Failed to download metadata for repo 'x'",
      /^Mend or disable/,
    ],
    [
      'releasever',
      'http://mirror/7Server/repodata/repomd.xml: [Errno 14] HTTP Error 404 - Not Found\nTrying other mirror.\n',
      'http://mirror/7Server/repodata/repomd.xml: [Errno 14] HTTP Error 404 - Not Found',
      /echo 7 >/,
    ],
    [
      'the database of rpm',
      'error: rpmdb: BDB0113 Thread/process 4711/140 failed: BDB1507 Thread died in Berkeley DB library\nerror: cannot open Packages database in /var/lib/rpm\nError: rpmdb open failed\n',
      'rpmdb open failed',
      /rpm --rebuilddb/,
    ],
    [
      'a protected package',
      'Error: Trying to remove "systemd", which is protected\n',
      'Trying to remove "systemd", which is protected',
      /protected/,
    ],
  ])('tells why there is no transaction: %s', async (_, stderr, message, fix) => {
    const findings = await found(check, asking({ first: { code: 1, stdout: '', stderr } }));
    expect(findings.map(one => one.level)).toEqual(['fatal']);
    expect(findings[0]?.message).toContain(message);
    expect(findings[0]?.message).not.toMatch(/skip-broken|Loaded plugins/);
    expect(findings[0]?.fix).toMatch(fix);
  });

  it('says when another yum holds the lock, and when a repository does not answer', async () => {
    const held = 'Another app is currently holding the yum lock; waiting for it to exit...\n';
    const [first] = await found(check, asking({ first: { code: 124, stdout: held } }));
    expect(first?.message).toContain('another yum is at work');
    const [second] = await found(check, asking({ first: { code: 124 } }));
    expect(second?.message).toContain('did not answer within 180 s');
  });

  it('shows yum a repository that is yet to be written, and leaves nothing behind', async () => {
    const host = asking({ first: { code: 1, stdout: whole } });
    await found(packages(withUrl), host);
    const [asked] = host.calls.filter(call => call.what.includes('--assumeno'));
    expect(asked?.what).toMatch(/^bash -c [^]*mktemp -d \/run\/[^]*trap 'rm -rf "\$d"' EXIT/);
    expect(asked?.what).toContain(`baseurl=${URL}\n`);
  });

  it('asks yum alone once the repository file is there as it will be', async () => {
    const path = '/etc/yum.repos.d/kube-el7-install.repo';
    const host = asking({ first: { code: 1, stdout: whole } });
    await found(packages(withUrl), host);
    const [asked = ''] = host.calls
      .map(call => call.what)
      .filter(what => what.includes('[kube-el7-install]'));
    const [text = ''] = /# Written by kube-el7-install from[^]*?metadata_expire=60\n/.exec(asked) ?? [];
    host.put(path, text).calls.length = 0;
    await found(packages(withUrl), host);
    expect(host.calls.some(call => call.what.startsWith('bash'))).toBe(false);
    host.put(path, text.replace('10.0.0.5', '10.0.0.6')).calls.length = 0;
    await found(packages(withUrl), host);
    expect(host.calls.some(call => call.what.startsWith('bash'))).toBe(true);
  });

  it('says when yum does not look where the repository will be written', async () => {
    const host = asking({ first: { code: 1, stdout: whole } }).put(
      '/etc/yum.conf',
      '[main]\nreposdir: /etc/yum/site\n',
    );
    const [finding] = await found(packages(withUrl), host);
    expect(finding?.message).toContain('reposdir=/etc/yum/site');
    expect((await levels(check, host))[0]).toBe('ok');
  });
});

describe('parseTransaction', () => {
  it('reads names that push the rest to the next line, epochs and sizes without a unit', () => {
    const { packages: rows } = parseTransaction(
      yumTable({ 'Updating for dependencies': [['libnetfilter_cthelper-devel', '1.0.0', 'base']] }),
    );
    expect(rows).toEqual([
      {
        name: 'libnetfilter_cthelper-devel',
        version: '1.0.0',
        repository: 'base',
        does: 'update',
        along: true,
      },
    ]);
    expect(parseTransaction(DNF.replace('5.5 k', '320  ')).packages).toHaveLength(7);
  });

  it('finds none where there is none', () => {
    expect(parseTransaction('Nothing to do\n').packages).toBeUndefined();
  });
});

describe('complaints', () => {
  it('says nothing where only advice was printed', () => {
    expect(complaints('You could try using --skip-broken\nOperation aborted.\n')).toEqual([]);
    expect(fixFor('')).toContain('YUM_REPOSITORY');
  });
});
