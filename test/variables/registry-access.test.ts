import { describe, expect, it } from 'vitest';
import { make } from '../support/certificates';
import { load, lookedUpHost, problems } from './told';

const R = 'DOCKER_REGISTRY=10.0.0.5:5000\n';

describe('the CA of a registry', () => {
  const { pem, key } = make({ name: 'Site CA', ca: true });
  const wrong = async (content: string, registry = R) => {
    const text = `${registry}DOCKER_REGISTRY_CA=/ca.pem\n`;
    const loaded = await load({ text, host: lookedUpHost({ '/ca.pem': content }) });
    return 'problems' in loaded ? loaded.problems.map(problem => problem.wrong) : [];
  };

  it.each([
    ['one', pem],
    ['several, with words between', `# Site\n${pem}\nsubject=CN\n${pem}`],
    ['with the line ends of Windows', pem.replace(/\n/g, '\r\n')],
  ])('is a PEM file with certificates: %s', async (_, content) => {
    expect(await wrong(content)).toEqual([]);
  });

  it.each([
    ['nothing', '', /no certificate in it in PEM form/],
    ['DER', Buffer.from(pem.replace(/-.*-|\n/g, ''), 'base64').toString('latin1'), /in PEM form/],
    ['half of one', pem.slice(0, 300), /that docker would read/],
    ['letters that are no certificate', pem.replace(/\nM/, '\nA'), /that docker would read/],
    ["OpenSSL's own form", pem.replace(/CERTIFICATE/g, 'TRUSTED CERTIFICATE'), /that docker would read/],
    ['a mark before it', `\uFEFF${pem}`, /that docker would read/],
    ['the private key, too', `${pem}${key.pem}`, /holds a private key/],
  ])('is refused with %s', async (_, content, reason) => {
    const [first, ...more] = await wrong(content);
    expect(first).toMatch(reason);
    expect(more).toEqual([]);
  });

  it.each(['docker.io/acme', 'index.docker.io/acme'])('is not for %s', async address => {
    expect(await wrong(pem, `DOCKER_REGISTRY=${address}\n`)).toEqual([
      'is given for docker.io, where docker does not use it',
    ]);
    const found = await problems({ text: `DOCKER_REGISTRY=${address}\nDOCKER_REGISTRY_PLAIN_HTTP=yes\n` });
    expect(found.map(problem => problem.field)).toEqual(['DOCKER_REGISTRY_PLAIN_HTTP']);
  });
});
