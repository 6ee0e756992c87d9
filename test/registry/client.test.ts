import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../source/engine/host';
import { imagesMissing } from '../../source/registry/presence';
import { FakeHost } from '../support/fake-host';
import {
  ADDRESS,
  IMAGE,
  MANIFEST,
  SITE,
  LOGIN,
  BASIC,
  DOCKER,
  answer,
  there,
  authorization,
  reason,
  registry,
  open,
} from './asking';

describe('a registry without a login', () => {
  it('has an image where its manifest is there', async () => {
    const host = open(there);
    expect(await reason(host)).toBeUndefined();
    expect(host.requests.map(({ method, url }) => [method ?? 'GET', url])).toEqual([
      ['GET', `https://${ADDRESS}/v2/`],
      ['GET', MANIFEST],
    ]);
  });

  it('has not where it says 404', async () => {
    expect(await reason(open(answer(404)))).toBe('is not in the registry');
  });

  it.each([
    [{ error: 'connect ECONNREFUSED 10.0.0.5:5000' }, /nothing listens there \(connect ECONNREFUSED/],
    [{ error: 'getaddrinfo ENOTFOUND reg.example' }, /does not resolve/],
    [
      { error: 'certificate signed by unknown authority "Site CA"' },
      /does not know.*DOCKER_REGISTRY_CA.*Site CA/,
    ],
    [{ error: 'certificate has reg as common name only, not as x' }, /up to 20\.10\.7.*subject alternative/],
    [
      { error: 'write EPROTO 1:error:1408F10B:SSL routines:ssl3_get_record:wrong version number' },
      /PLAIN_HTTP=yes/,
    ],
    [{ error: 'certificate does not match: it is for a, not for b' }, /for another name/],
    [{ error: 'certificate of "x" has expired on Jan 1' }, /expired/],
    [{ error: 'certificate of "x" is not one of a CA' }, /docker refuses its certificate/],
    [{ error: 'timed out' }, /in time/],
    [{ error: 'socket hang up' }, /may speak TLS/],
    [{ error: 'something new' }, /something new/],
  ])('names the reason for %j', async (outcome, wrong) => {
    const host = registry({ [`https://${ADDRESS}/v2/`]: outcome });
    expect(await reason(host)).toMatch(wrong);
    expect(host.requests).toHaveLength(1);
  });

  it.each([
    [answer(404), answer(404), /no docker registry: \/v2\/ is not there/],
    [answer(200, {}, '<html>'), answer(404, {}, '<html>'), /no docker registry: it answers 200/],
    [answer(500), answer(500), /answers 500/],
    [answer(401), answer(401), /does not say how to log in/],
    [answer(200), answer(401), /asks for no login at \/v2\/, so docker sends none/],
    [answer(401, { 'www-authenticate': 'Basic realm="x"' }), answer(401), /wants a login/],
    [answer(200), answer(403, {}, '{"errors":[{"message":"vulnerable"}]}'), /answers 403 \(vulnerable\)/],
    [answer(200), answer(412, {}, '{"errors":[{"message":"not scanned"}]}'), /answers 412 \(not scanned\)/],
  ])('is judged by its manifest, with /v2/ %j', async (ping, manifest, wrong) => {
    expect(await reason(registry({ [`https://${ADDRESS}/v2/`]: ping, [MANIFEST]: manifest }))).toMatch(wrong);
  });

  it.each([answer(403), answer(404), answer(500), answer(401)])(
    'passes where the manifest is there, whatever /v2/ says: %j',
    async ping => {
      expect(await reason(registry({ [`https://${ADDRESS}/v2/`]: ping, [MANIFEST]: there }))).toBeUndefined();
    },
  );
});

describe('over plain HTTP', () => {
  const plain = { ...SITE, plainHttp: true };

  it('a registry is asked only where the site says so, and over TLS first, as docker does', async () => {
    const host = registry({
      [`https://${ADDRESS}/v2/`]: { error: 'wrong version number' },
      [`http://${ADDRESS}/v2/`]: answer(200),
      [MANIFEST.replace('https', 'http')]: there,
    });
    expect(await reason(host, plain)).toBeUndefined();
    expect(await reason(host)).toMatch(/PLAIN_HTTP=yes/);
    expect(host.requests.map(request => request.trust)).toContain('anyone');
  });

  it('it is not asked where it speaks TLS, which then need not be verified', async () => {
    const host = open(there);
    expect(await reason(host, plain)).toBeUndefined();
    expect(host.calls.every(call => call.what.startsWith('GET https://'))).toBe(true);
    expect(host.requests.every(request => request.trust === 'anyone')).toBe(true);
  });
});

describe('a login', () => {
  const basic = (request: HttpRequest) =>
    authorization(request) === BASIC ? there : answer(401, { 'www-authenticate': 'Basic realm="x"' });

  it('is sent when asked for', async () => {
    const host = registry({ [`https://${ADDRESS}/v2/`]: basic, [MANIFEST]: basic });
    expect(await reason(host, { ...SITE, login: LOGIN })).toBeUndefined();
  });

  it('and the CA are not given to another registry', async () => {
    const host = registry({
      'https://quay.io/v2/': answer(401, { 'www-authenticate': 'Basic realm="x"' }),
    });
    const site = { ...SITE, login: LOGIN, caFile: '/ca.crt', plainHttp: true };
    expect(await reason(host, site, 'quay.io/coreos/flannel:v0.14.0')).toMatch(
      /only DOCKER_REGISTRY can have one/,
    );
    expect(host.requests.map(authorization)).toEqual(['']);
    expect(host.requests[0]?.trust).toMatchObject({ files: [] });
  });
});

describe('the certificates of a registry', () => {
  const DIRECTORY = `/etc/docker/certs.d/${ADDRESS}`;
  const seen = async (files: Record<string, string>, site = SITE, docker = DOCKER) => {
    const host = registry({ [`https://${ADDRESS}/v2/`]: answer(200), [MANIFEST]: there });
    for (const [path, content] of Object.entries(files)) host.put(path, content);
    const found = await reason(host, site, IMAGE, docker);
    return { reason: found, request: host.requests[0] };
  };

  it('are those in certs.d, with DOCKER_REGISTRY_CA where ca.crt will be', async () => {
    const files = {
      [`${DIRECTORY}/ca.crt`]: '',
      [`${DIRECTORY}/more.crt`]: '',
      [`${DIRECTORY}/notes.txt`]: '',
    };
    const all = [`${DIRECTORY}/ca.crt`, `${DIRECTORY}/more.crt`];
    expect((await seen(files)).request?.trust).toMatchObject({ files: all });
    const { request } = await seen(files, { ...SITE, caFile: '/ca.pem' });
    expect(request?.trust).toMatchObject({ files: [`${DIRECTORY}/more.crt`, '/ca.pem'] });
  });

  it("are docker's own, where it has a pair", async () => {
    const pair = { [`${DIRECTORY}/client.cert`]: '', [`${DIRECTORY}/client.key`]: '' };
    expect((await seen(pair)).request).toMatchObject({
      certFile: `${DIRECTORY}/client.cert`,
      keyFile: `${DIRECTORY}/client.key`,
    });
  });

  it.each([
    ['client.cert', /client\.cert has no client\.key/],
    ['ca.key', /ca\.key has no ca\.cert/],
  ])('are none where docker would stop at half a pair: %s', async (name, wrong) => {
    expect((await seen({ [`${DIRECTORY}/${name}`]: '' })).reason).toMatch(wrong);
  });

  it.each([
    ['1.13.1', true, true, false],
    ['19.03.15', true, true, true],
    ['20.10.7', true, true, true],
    ['20.10.8', false, true, true],
    ['20.10.17', false, true, true],
    ['20.10.18', false, false, true],
    ['26.1.4', false, false, true],
    [undefined, false, false, true],
  ])("are judged by the rules of docker %s's Go", async (version, commonName, sha1, tls12) => {
    const { request } = await seen({}, SITE, { ...DOCKER, version });
    expect(request?.trust).toEqual({ files: [], commonName, sha1, tls12 });
  });

  it("are judged by the Go that docker says to be built with, where it is the distribution's own", async () => {
    const { request } = await seen({}, SITE, { ...DOCKER, version: '20.10.5+dfsg1', go: 15 });
    expect(request?.trust).toMatchObject({ commonName: false, sha1: true });
  });
});

it('asks a registry that cannot be reached only once for all of its images', async () => {
  const host = new FakeHost().respond(/./, { error: 'connect ECONNREFUSED 1.2.3.4:5000' });
  const images = Array.from({ length: 20 }, (_, index) => `${ADDRESS}/i${index}:1`);
  expect(await imagesMissing(host, SITE, [...images, ...images], DOCKER)).toHaveLength(20);
  expect(host.calls.filter(({ kind }) => kind === 'request')).toHaveLength(1);
});
