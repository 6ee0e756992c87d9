import { describe, expect, it } from 'vitest';
import { FakeHost } from '../support/fake-host';
import {
  ADDRESS,
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
} from './asking';

describe('docker.io', () => {
  const hub = (host = new FakeHost()) =>
    host
      .respond(/registry-1\.docker\.io/, request =>
        authorization(request) === 'Bearer t'
          ? there
          : answer(401, {
              'www-authenticate': 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
            }),
      )
      .respond(/auth\.docker\.io/, request =>
        authorization(request) === BASIC || !request.url.includes('acme')
          ? answer(200, {}, '{"access_token":"t"}')
          : answer(403),
      );

  it.each([
    ['osixia/keepalived:2.0.20', 'osixia/keepalived'],
    ['docker.io/osixia/keepalived:2.0.20', 'osixia/keepalived'],
    ['index.docker.io/osixia/keepalived:2.0.20', 'osixia/keepalived'],
    ['docker.io/keepalived:2.0.20', 'library/keepalived'],
    ['keepalived:2.0.20', 'library/keepalived'],
  ])('is asked for %s at its own address', async (image, path) => {
    const host = hub();
    expect(await reason(host, SITE, image)).toBeUndefined();
    const what = `GET https://registry-1.docker.io/v2/${path}/manifests/2.0.20`;
    expect(host.calls.map(call => call.what)).toContain(what);
  });

  it.each(['docker.io/acme', 'index.docker.io/acme'])(
    'has a login where DOCKER_REGISTRY is %s',
    async address => {
      const site = { address, plainHttp: false, login: LOGIN };
      expect(await reason(hub(), site, `${address}/etcd:1`)).toBeUndefined();
      expect(
        await reason(hub(), { ...site, login: { ...LOGIN, username: 'x' } }, `${address}/etcd:1`),
      ).toMatch(/answers 403/);
    },
  );

  it('takes no CA from certs.d', async () => {
    const trusts: unknown[] = [];
    const host = new FakeHost({ '/etc/docker/certs.d/docker.io/x.crt': '' }).respond(/./, request => {
      trusts.push(request.trust);
      return there;
    });
    await reason(host, SITE, 'osixia/keepalived:2.0.20');
    expect(trusts[0]).toMatchObject({ files: [] });
  });

  it('is asked after its mirrors, whose own are the certificates', async () => {
    const docker = { ...DOCKER, mirrors: ['https://mirror.example/', 'http://plain.example:5000/'] };
    const files = { '/etc/docker/certs.d/mirror.example/ca.crt': '' };
    const host = hub(new FakeHost(files).respond(/mirror\.example|plain\.example/, there));
    expect(await reason(host, SITE, 'osixia/keepalived:2.0.20', docker)).toBeUndefined();
    expect(host.calls.filter(({ kind }) => kind === 'request').map(call => call.what)).toEqual([
      'GET https://mirror.example/v2/',
      'GET https://mirror.example/v2/osixia/keepalived/manifests/2.0.20',
    ]);
    host.respond(/mirror\.example/, answer(404)).respond(/plain\.example/, answer(404));
    expect(await reason(host, SITE, 'osixia/keepalived:2.0.20', docker)).toBeUndefined();
    host.respond(/registry-1/, { error: 'connect ETIMEDOUT 1.2.3.4:443' });
    expect(await reason(host, SITE, 'osixia/keepalived:2.0.20', docker)).toMatch(
      /in time.*from its mirrors: /,
    );
  });
});

describe('redirects', () => {
  const asks = answer(401, { 'www-authenticate': 'Basic realm="x"' });
  const site = { ...SITE, login: LOGIN, caFile: '/ca.crt' };

  it.each(['https://mirror.example/v2/etcd', 'http://mirror.example/etcd'])(
    'to %s are followed without the login, and with the CA',
    async location => {
      const host = registry({
        [`https://${ADDRESS}/v2/`]: asks,
        [MANIFEST]: answer(307, { location }),
        [location]: there,
      });
      expect(await reason(host, site)).toBeUndefined();
      const [last] = host.requests.slice(-1);
      expect(last && [last.url, authorization(last)]).toEqual([location, '']);
      expect(last?.trust).toMatchObject({ files: ['/ca.crt'] });
    },
  );

  it('to the registry itself keep the login', async () => {
    const host = registry({
      [`https://${ADDRESS}/v2/`]: asks,
      [MANIFEST]: answer(301, { location: '/v2/moved/manifests/1' }),
      [`https://${ADDRESS}/v2/moved/manifests/1`]: request =>
        authorization(request) === BASIC ? there : asks,
    });
    expect(await reason(host, site)).toBeUndefined();
  });

  it("of /v2/ lead to a challenge that is that address's alone", async () => {
    const host = registry({
      [`https://${ADDRESS}/v2/`]: answer(302, { location: 'https://new.example/v2/' }),
      'https://new.example/v2/': asks,
      [MANIFEST]: request => (authorization(request) === '' ? there : answer(400)),
    });
    expect(await reason(host, site)).toBeUndefined();
  });

  it.each([
    [undefined, /no usable address/],
    ['ftp://mirror.example/', /no usable address/],
    ['https://[', /no usable address/],
    [`https://${ADDRESS}/v2/`, /again and again/],
  ])('to %s are refused', async (location, wrong) => {
    const headers = location === undefined ? {} : { location };
    const host = new FakeHost().respond(`https://${ADDRESS}/v2/`, answer(302, headers));
    expect(await reason(host)).toMatch(wrong);
  });
});
