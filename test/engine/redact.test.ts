import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Redactor } from '../../source/engine/redact';
import { MASK, Secret } from '../../source/engine/secret';

const pem = (body: readonly string[], kind = 'RSA PRIVATE KEY') =>
  [`-----BEGIN ${kind}-----`, ...body, `-----END ${kind}-----`].join('\n');
const body = () => Array.from({ length: 25 }, () => randomBytes(48).toString('base64'));

describe('known secrets', () => {
  it('are masked wherever they stand and in whatever spelling', () => {
    for (let round = 0; round < 200; round += 1) {
      const redactor = new Redactor();
      const value =
        randomBytes(6 + (round % 30))
          .toString(round % 2 ? 'base64' : 'latin1')
          .replace(/[\r\n]/g, 'x')
          .trim() + '§"\\$&';
      redactor.add(new Secret(value));
      const spellings = [
        value,
        JSON.stringify(value),
        Buffer.from(value).toString('base64'),
        encodeURIComponent(value),
      ];
      for (const spelling of spellings) {
        const text = redactor.text(`before ${spelling} after`);
        expect(text).not.toContain(value);
        expect(text).toMatch(/^before .*\[secret\].* after$/s);
      }
    }
  });

  it('that are short are masked as words only', () => {
    const redactor = new Redactor();
    redactor.add(new Secret('lab'));
    redactor.add(new Secret('x'));
    expect(redactor.text('password lab; the label says x')).toBe(`password ${MASK}; the label says x`);
  });

  it('inside each other are masked to the longest', () => {
    const redactor = new Redactor();
    for (const value of ['password', 'password-and-more']) redactor.add(new Secret(value));
    expect(redactor.text('it is password-and-more')).toBe(`it is ${MASK}`);
  });

  it('are found within changes', () => {
    const redactor = new Redactor();
    redactor.addWithin([{ content: new Secret('canary-one'), other: { list: [new Secret('canary-two')] } }]);
    expect(redactor.text('canary-one canary-two')).toBe(`${MASK} ${MASK}`);
  });
});

describe('shapes of secrets', () => {
  const redactor = new Redactor();

  it('are masked although nobody told of them', () => {
    const shapes = [
      'token: abcdef.0123456789abcdef',
      'kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef --discovery',
      '"abcdef.0123456789abcdef"',
      `--certificate-key ${'0f'.repeat(32)}`,
      `certificateKey: "${'0f'.repeat(32)}"`,
      'Authorization: Basic dXNlcjpwYXNz',
      '"authorization": "Bearer eyJhbGciOi"',
      '{"auths":{"r:5000":{"auth":"dXNlcjpwYXNz"}}}',
      'https://user:pa55word@registry:5000/v2/',
      'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVz.c2lnbmF0dXJl',
      `client-key-data: ${Buffer.from(pem(body())).toString('base64')}`,
      pem(body(), 'EC PRIVATE KEY'),
    ];
    for (const shape of shapes) {
      const text = redactor.text(shape);
      expect(text).toContain(MASK);
      expect(text).not.toMatch(/0123456789abcdef|0f0f0f|dXNlcjpwYXNz|eyJ|pa55word|LS0t|BEGIN EC/);
    }
  });

  it('leave look-alikes as they are', () => {
    const cert = pem(['MIIC'], 'CERTIFICATE');
    const lookAlikes = [
      `sha256:${'0f'.repeat(32)}`,
      `--discovery-token-ca-cert-hash sha256:${'ab'.repeat(32)}`,
      '10.160.24.5:5000/kube-apiserver:v1.20.2',
      'registry.example.com/coredns/coredns:v1.8.0',
      'k8s.gcr.io/etcd:3.4.13-0',
      `docker pull registry:5000/etcd@sha256:${'12'.repeat(32)}`,
      'kubelet.service: Succeeded',
      'member 8e9e05c52164694d is the leader',
      'http://10.0.0.1:2379/health',
      'etcd.master1.cluster.local',
      'my.abcdef.0123456789abcdef.example.com',
      '20261123T052415Z-1a2b',
      cert,
      `certificate-authority-data: ${Buffer.from(cert).toString('base64')}`,
    ];
    for (const text of lookAlikes) {
      expect(redactor.text(text)).toBe(text);
      expect(redactor.lines()(text.split('\n')[0] ?? '')).toBe(text.split('\n')[0]);
    }
  });
});

describe('keys that come line by line', () => {
  it('are masked from their beginning to their end, indented or not', () => {
    const redactor = new Redactor();
    for (const indent of ['', '    ', 'log: ']) {
      const secret = body();
      const text = ['first', ...pem(secret).split('\n'), 'last'].map(line => indent + line);
      const line = redactor.lines();
      const masked = text.map(one => line(one)).join('\n');
      for (const part of secret) expect(masked).not.toContain(part);
      expect(masked.startsWith(`${indent}first\n`)).toBe(true);
      expect(masked.endsWith(`${indent}last`)).toBe(true);
    }
  });

  it('whose end is never seen do not mask a stream for ever', () => {
    const line = new Redactor().lines();
    line('-----BEGIN PRIVATE KEY-----');
    const rest = Array.from({ length: 200 }, (_, index) => line(`line ${index}`));
    expect(rest.slice(0, 60).every(one => one === MASK)).toBe(true);
    expect(rest.at(-1)).toBe('line 199');
  });

  it('are masked in lists of lines within events', () => {
    const secret = body();
    const copy = new Redactor().copy({
      detail: ['mode 0600', ...pem(secret).split('\n')],
      n: 1,
      none: undefined,
    });
    expect(copy.detail[0]).toBe('mode 0600');
    expect(JSON.stringify(copy)).not.toContain(secret[3]);
    expect(copy).not.toHaveProperty('none');
  });
});
