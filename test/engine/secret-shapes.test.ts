import { describe, expect, it } from 'vitest';
import { replaceSecrets, secretValuesIn } from '../../source/engine/secret-shapes';

const masked = (text: string): string => replaceSecrets(text, () => '[secret]');

describe('secrets in a text', () => {
  it.each([
    [
      'HTTP Proxy: http://svc:P@ssw0rd@proxy.example:3128',
      'HTTP Proxy: http://svc:[secret]@proxy.example:3128',
    ],
    ['https_proxy=http://CORP\\svc:Dom@inPass77@proxy:1', 'https_proxy=http://[secret]@proxy:1'],
    ['git clone https://ghp_abcdef@host/x', 'git clone https://[secret]@host/x'],
    ['proxy=svc:pass/word@proxy:3128 x', 'proxy=svc:pass/word@proxy:3128 x'],
    ['proxy = svc:password1@proxy:3128 x', 'proxy = svc:[secret]@proxy:3128 x'],
    ['splunk-token=0000-1111', 'splunk-token=[secret]'],
    ['kv.password: "Zx 81"', 'kv.password: "[secret]"'],
    ['{"kv.password":"a\\"b c","n":1}', '{"kv.password":"[secret]","n":1}'],
    ['{\\"password\\":\\"a b\\",\\"n\\":1}', '{\\"password\\":\\"[secret]\\",\\"n\\":1}'],
    ['bindpw: my long phrase', 'bindpw: [secret]'],
    ['  password: my long phrase', '  password: [secret]'],
    ['--oidc-client-secret=abc --v=2', '--oidc-client-secret=[secret] --v=2'],
    ['--vault-token s.abc --v=2', '--vault-token [secret] --v=2'],
    ['- --vault-token\n- s.abc', '- --vault-token\n- s.abc'],
    ['AWS_SECRET_ACCESS_KEY=abc/def+ghi', 'AWS_SECRET_ACCESS_KEY=[secret]'],
    ['X-Vault-Token: s.abc def', 'X-Vault-Token: [secret]'],
    ['curl -u bob:hunter2 http://x', 'curl -u bob:[secret] http://x'],
    ['docker login -u bob -p hunter2 reg', 'docker login -u bob -p [secret] reg'],
    ['mount -o username=a,password=b,ro', 'mount -o username=a,password=[secret],ro'],
    ['a ghp_0123456789012345678901234567 b', 'a [secret] b'],
    ['https://hooks.slack.com/services/T0/B0/xyz', 'https://hooks.slack.com/services/[secret]'],
  ])('%s', (text, expected) => {
    expect(masked(text)).toBe(expected);
    expect(masked(masked(text))).toBe(expected);
  });

  it.each([
    'docker-pullable://10.0.0.1:5000/etcd@sha256:0123',
    '--service-account-key-file=/etc/kubernetes/pki/sa.pub --token-ttl 24h --authorization-mode=Node,RBAC',
    '--token is optional, and Pass --token TOKEN to it',
    '--enable-bootstrap-token-auth=true',
    '"secretName": "tiller-secret"',
    'secretKeyRef: {name: a}',
    'certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t',
    'secrets "kube-el7-install-master2" not found',
    'bootstrapTokens:',
    'DOCKER_REGISTRY_PASSWORD_FILE=/root/password',
    'image 10.0.0.1:5000/x:1, master1 at 10.0.0.2:6443',
  ])('leaves alone: %s', text => {
    expect(masked(text)).toBe(text);
  });

  it('are told one by one, so that they can be masked elsewhere too', () => {
    expect(secretValuesIn('a password=abc1 b\nhttp://u:x@yz@h/ token: true')).toEqual(['x@yz', 'abc1']);
  });
});
