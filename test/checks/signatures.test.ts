import { describe, expect, it } from 'vitest';
import { packages } from '../../source/checks/packages';
import { yumResolves } from '../support/yum';
import { settingsWith } from '../steps/prepare/el7';
import { asking, found, levels } from './found';

const URL = 'http://10.0.0.5/el7/$basearch';
const withUrl = await settingsWith({ yumRepository: URL });
const check = packages(await settingsWith());
const whole = yumResolves([
  'bind-utils',
  'docker',
  'kubelet-1.20.2',
  'kubeadm-1.20.2',
  'kubectl-1.20.2',
  'kubernetes-cni-0.8.7',
]);

describe('signatures', () => {
  const host = (repository: string, main = '') =>
    asking({ first: { code: 1, stdout: whole } })
      .put('/etc/yum.conf', `[main]\n${main}\n`)
      .put('/etc/yum.repos.d/site.repo', `[site]\n${repository}\n`);

  it.each([
    ['http and no check', 'baseurl=http://mirror/el7\ngpgcheck=0', '', 'warning'],
    ['http and no word of a check', 'baseurl: http://mirror/el7', '', 'warning'],
    ['a second address', 'baseurl=https://mirror/el7\n    http://other/el7', '', 'warning'],
    ['a list of mirrors', 'mirrorlist=http://mirror/list', 'gpgcheck=no', 'warning'],
    ['https', 'baseurl=https://mirror/el7\ngpgcheck=0', '', undefined],
    ['a file', 'baseurl=file:///srv/el7\ngpgcheck=0', '', undefined],
    ['checked', 'baseurl=http://mirror/el7\ngpgcheck=1\ngpgkey=http://mirror/key', '', undefined],
    ['checked by default', 'baseurl=http://mirror/el7\ngpgkey=http://mirror/key', 'gpgcheck=True', undefined],
    ['no key', 'baseurl=http://mirror/el7\ngpgcheck=1', '', 'fatal'],
    [
      'a key that is not there',
      'baseurl=http://mirror/el7\ngpgcheck=1\ngpgkey=file:///etc/pki/key',
      '',
      'fatal',
    ],
  ])('%s', async (_, repository, main, level) => {
    const findings = await found(check, host(repository, main));
    expect(findings.slice(1).map(one => one.level)).toEqual(level === undefined ? [] : [level]);
  });

  it('wants no key named that rpm has already', async () => {
    const known = host('baseurl=http://mirror/el7\ngpgcheck=1').answer('rpm -q gpg-pubkey', 'gpg-pubkey-1\n');
    expect(await levels(check, known)).toEqual(['ok']);
  });

  it('takes a site at its word', async () => {
    const meant = packages(await settingsWith({ yumUnsigned: true }));
    expect(await levels(meant, host('baseurl=http://mirror/el7\ngpgcheck=0'))).toEqual(['ok']);
  });

  it('speaks of the repository that is yet to be written, too', async () => {
    const stdout = whole.replaceAll(/\bsite\b/g, 'kube-el7-install');
    const findings = await found(packages(withUrl), asking({ first: { code: 1, stdout } }));
    expect(findings[1]).toMatchObject({ level: 'warning' });
    expect(findings[1]?.fix).toContain('YUM_REPOSITORY_GPGKEY');
    const signed = await settingsWith({ yumRepository: URL, yumGpgKey: 'http://10.0.0.5/key' });
    expect(await levels(packages(signed), asking({ first: { code: 1, stdout } }))).toEqual(['ok']);
  });
});
