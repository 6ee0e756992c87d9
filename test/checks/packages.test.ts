import { describe, expect, it } from 'vitest';
import { packages } from '../../source/checks/packages';
import { images } from '../../source/checks/images';
import { neededImages } from '../../source/registry/presence';
import type { HttpOutcome } from '../../source/engine/host';
import { El7, settingsWith } from '../steps/prepare/el7';
import { settings as load } from '../variables/told';
import { found, levels } from './found';

const settings = await settingsWith();
const withUrl = await settingsWith({ yumRepository: 'http://10.0.0.5/el7/$basearch' });

/** As yum 3 prints it: long names push the rest to the next line. */
const LIST = [
  'Available Packages',
  'bind-utils.x86_64        32:9.11.4-26.P2.el7_9.16       updates',
  'docker.x86_64            2:1.13.1-210.git7d71120.el7.centos',
  '                                                        extras',
  'kubeadm.x86_64           1.19.16-0                      kubernetes',
  'kubeadm.x86_64           1.20.2-0                       kubernetes',
  'kubectl.x86_64           1.20.2-0                       kubernetes',
  'kubelet.x86_64           1.20.2-0                       kubernetes',
  'kubernetes-cni.x86_64    0.8.7-0                        kubernetes',
  'kubernetes-cni.x86_64    1.2.0-0                        kubernetes',
  '',
].join('\n');

const offering = (answer: Parameters<El7['answer']>[1]) =>
  new El7().answer(/^yum -q --disableexcludes=all --showduplicates list available /, answer);

describe('packages', () => {
  it('finds all that will be installed', async () => {
    expect(await levels(packages(settings), offering(LIST))).toEqual(['ok']);
  });

  it('does not ask where all is installed', async () => {
    const host = new El7({ '/opt/cni/bin/flannel': '' });
    for (const name of ['kubelet', 'kubeadm', 'kubectl']) host.packages.set(name, '1.20.2');
    host.packages.set('bind-utils', '9').set('docker-ce', '20.10.24');
    expect(await levels(packages(settings), host)).toEqual(['ok']);
  });

  it('names what is missing, and what there is instead', async () => {
    const host = offering(LIST.replace(/^kubeadm.*1\.20\.2.*\n/m, '').replace(/^docker.*\n.*extras\n/m, ''));
    const findings = await found(packages(settings), host);
    expect(findings.map(one => one.message)).toEqual([
      'no repository offers docker',
      'no repository offers kubeadm-1.20.2; on offer: 1.19.16',
    ]);
    expect(findings[0]?.fix).toContain('docker-ce');
  });

  it('finds nothing where yum finds nothing', async () => {
    const host = offering({ code: 1, stderr: 'Error: No matching Packages to list\n' });
    const findings = await found(packages(settings), host);
    expect(findings.length).toBe(6);
    expect(findings.every(one => one.level === 'fatal' && !one.message.includes('yum says'))).toBe(true);
  });

  it.each([
    [
      'yum 3',
      'Loaded plugins: fastestmirror\nCannot find a valid baseurl for repo: base/7/x86_64\n',
      'Cannot find a valid baseurl for repo: base/7/x86_64',
    ],
    [
      'dnf',
      "Errors during downloading metadata for repository 'x':\n  - Curl error (7)\nError: Failed to download metadata for repo 'x'\n",
      "Failed to download metadata for repo 'x'",
    ],
  ])("passes on the repository's own message: %s", async (_, stderr, expected) => {
    const [first] = await found(packages(settings), offering({ code: 1, stderr }));
    expect(first?.level).toBe('fatal');
    expect(first?.message).toContain(expected);
  });

  const INDEX =
    '<repomd><data type="filelists"><location href="repodata/f.xml.gz"/></data><data type="primary"><checksum>x</checksum><location href="repodata/p.xml.gz"/></data></repomd>';
  const primary = (name: string, version: string) =>
    `  <name>${name}</name>\n  <arch>x86_64</arch>\n  <version epoch="0" ver="${version}" rel="0"/>\n  <checksum>x</checksum>\n--\n`;
  const KUBE = ['kubelet', 'kubeadm', 'kubectl'].map(name => primary(name, '1.20.2')).join('');

  it('reads a repository that yum is yet to be told of, beside those that it knows', async () => {
    const host = offering(LIST.replace(/^kube[^r].*\n/gm, ''))
      .answer('uname -m', 'x86_64\n')
      .answer('curl -fsSL --max-time 30 http://10.0.0.5/el7/x86_64/repodata/repomd.xml', INDEX)
      .answer(/^bash -c .* bash http:\/\/10\.0\.0\.5\/el7\/x86_64\/repodata\/p\.xml\.gz gzip /, KUBE);
    expect(await levels(packages(withUrl), host)).toEqual(['ok']);
  });

  it('tells why such a repository cannot be read', async () => {
    const host = offering({ code: 1, stderr: 'Error: No matching Packages to list\n' })
      .answer('uname -m', 'x86_64\n')
      .answer(/^curl /, { code: 7, stderr: 'curl: (7) Failed connect to 10.0.0.5:80; Connection refused\n' });
    const [first] = await found(packages(withUrl), host);
    expect(first?.message).toContain(
      'http://10.0.0.5/el7/x86_64: curl: (7) Failed connect to 10.0.0.5:80; Connection refused',
    );
  });

  it('asks yum alone once the repository file is there', async () => {
    const host = offering(LIST).put('/etc/yum.repos.d/kube-el7-install.repo', 'x');
    expect(await levels(packages(withUrl), host)).toEqual(['ok']);
  });
});

describe('images', () => {
  const answering = (status: (url: string) => number) =>
    new El7().respond(
      () => true,
      ({ url }): HttpOutcome => ({ status: status(url), headers: {}, body: '', roundTripMs: 1 }),
    );

  it('is content where each has a manifest', async () => {
    const [finding] = await found(
      images(settings),
      answering(() => 200),
    );
    expect(finding).toEqual({
      level: 'ok',
      message: `all ${neededImages(settings).length} images are in 10.0.0.5:5000`,
    });
  });

  it('wants keepalived only where keepalived carries a VIP', async () => {
    const images = async (more: object) => neededImages(await load({ vip: '10.0.0.100', ...more }));
    expect(await images({})).toContain('10.0.0.5:5000/keepalived:2.0.20');
    expect((await images({ platform: 'aws' })).join()).not.toContain('keepalived');
    expect(neededImages(settings).join()).not.toContain('keepalived');
  });

  it('names each that is missing, with its tag', async () => {
    const host = answering(url => (/coredns|etcd/.test(url) ? 404 : 200));
    const findings = await found(images(settings), host);
    expect(findings.map(one => one.message.replace(/: .*$/, ''))).toEqual(
      neededImages(settings).filter(image => /coredns|etcd/.test(image)),
    );
    expect(findings.every(one => one.level === 'fatal')).toBe(true);
  });

  it('tells of a registry that does not answer once, and names the images all the same', async () => {
    const host = new El7().respond(() => true, { error: 'connect ECONNREFUSED 10.0.0.5:5000' });
    const findings = await found(images(settings), host);
    expect(findings.map(one => one.level)).toEqual(['fatal']);
    expect(findings[0]?.message).toContain('ECONNREFUSED');
    for (const image of neededImages(settings)) expect(findings[0]?.message).toContain(image);
  });

  it('asks nothing where the CA is missing, and says so', async () => {
    const registry = { ...settings.registry, plainHttp: false, caFile: '/root/ca.pem' };
    const host = new El7({ '/root/ca.pem': 'not a certificate' });
    const [finding] = await found(images({ ...settings, registry }), host);
    expect(finding?.level).toBe('fatal');
    expect(finding?.message).toContain('/root/ca.pem');
  });
});
