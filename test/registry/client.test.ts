import { describe, expect, it } from 'vitest';
import type { HttpOutcome, HttpRequest } from '../../source/engine/host';
import { Secret } from '../../source/engine/secret';
import { imagesMissing } from '../../source/registry/presence';
import type { Registry } from '../../source/variables/settings';
import { FakeHost } from '../support/fake-host';

const ADDRESS = 'reg.example:5000';
const IMAGE = `${ADDRESS}/k8s/etcd:3.4.13-0`;
const SITE: Registry = { address: `${ADDRESS}/k8s`, plainHttp: false };
const LOGIN = { username: 'puller', password: new Secret('hunter2') };
const BASIC = `Basic ${Buffer.from('puller:hunter2').toString('base64')}`;

function answer(status: number, headers: Record<string, string> = {}, body = ''): HttpOutcome {
  return { status, headers, body, roundTripMs: 1 };
}

function authorization(request: HttpRequest): string {
  const given = request.headers?.['authorization'] ?? '';
  return typeof given === 'string' ? given : given.reveal();
}

async function reason(host: FakeHost, site = SITE, image = IMAGE): Promise<string | undefined> {
  const missing = await imagesMissing(host, site, [image]);
  expect(missing.length).toBeLessThanOrEqual(1);
  return missing[0]?.reason;
}

function open(manifest: HttpOutcome): FakeHost {
  return new FakeHost()
    .respond(`https://${ADDRESS}/v2/`, answer(200))
    .respond(`https://${ADDRESS}/v2/k8s/etcd/manifests/3.4.13-0`, manifest);
}

describe('a registry without a login', () => {
  it('has an image where its manifest is there', async () => {
    const host = open(answer(200));
    expect(await reason(host)).toBeUndefined();
    expect(host.calls.map(call => call.what)).toContain(
      `HEAD https://${ADDRESS}/v2/k8s/etcd/manifests/3.4.13-0`,
    );
  });

  it('is asked for every form of manifest, with the CA of the site', async () => {
    const host = open(answer(200));
    const requests: HttpRequest[] = [];
    host.respond(/manifests/, request => {
      requests.push(request);
      return answer(200);
    });
    await reason(host, { ...SITE, caFile: '/etc/ca.crt' });
    expect(requests[0]?.caFile).toBe('/etc/ca.crt');
    const accept = String(requests[0]?.headers?.['accept']);
    for (const form of ['manifest.v2+json', 'manifest.list.v2+json', 'image.manifest.v1', 'image.index.v1']) {
      expect(accept).toContain(form);
    }
  });

  it('has not where it says 404', async () => {
    expect(await reason(open(answer(404)))).toBe('is not in the registry');
  });

  it('is asked with GET where it does not know HEAD', async () => {
    const host = open(answer(200)).respond(/manifests/, request =>
      answer(request.method === 'HEAD' ? 405 : 404),
    );
    expect(await reason(host)).toBe('is not in the registry');
  });

  it.each([
    [{ error: 'connect ECONNREFUSED 10.0.0.5:5000' }, /nothing listens there \(connect ECONNREFUSED/],
    [{ error: 'getaddrinfo ENOTFOUND reg.example' }, /does not resolve/],
    [{ error: 'self signed certificate in certificate chain' }, /does not know.*DOCKER_REGISTRY_CA/],
    [{ error: 'unable to verify the first certificate' }, /DOCKER_REGISTRY_CA/],
    [
      { error: 'write EPROTO 1:error:1408F10B:SSL routines:ssl3_get_record:wrong version number' },
      /PLAIN_HTTP=yes/,
    ],
    [{ error: "Hostname/IP does not match certificate's altnames" }, /for another name/],
    [{ error: 'certificate has expired' }, /expired/],
    [{ error: 'timed out' }, /in time/],
    [{ error: 'socket hang up' }, /may speak TLS/],
    [{ error: 'something new' }, /something new/],
    [answer(404), /no docker registry/],
    [answer(500), /answers 500/],
    [answer(401), /does not say how to log in/],
    [answer(401, { 'www-authenticate': 'Basic realm="x"' }), /wants a login/],
  ])('names the reason for %j', async (outcome, wrong) => {
    const host = new FakeHost().respond(`https://${ADDRESS}/v2/`, outcome);
    expect(await reason(host)).toMatch(wrong);
    expect(host.calls).toHaveLength(1);
  });
});

it('speaks plain HTTP only where the site says so, and notes where that is wrong', async () => {
  const host = new FakeHost().respond(
    /^http:/,
    answer(400, {}, 'Client sent an HTTP request to an HTTPS server.\n'),
  );
  expect(await reason(host, { ...SITE, plainHttp: true })).toMatch(/speaks TLS/);
  expect(host.calls.every(call => call.what.startsWith('GET http://'))).toBe(true);
});

describe('a login', () => {
  const basic = (right: string) => (request: HttpRequest) =>
    authorization(request) === right
      ? answer(200)
      : answer(401, { 'www-authenticate': 'Basic realm="Registry"' });

  it('is sent when asked for', async () => {
    const host = new FakeHost().respond(/^https:\/\/reg\.example/, basic(BASIC));
    expect(await reason(host, { ...SITE, login: LOGIN })).toBeUndefined();
  });

  it('that is wrong is said to be, without the password', async () => {
    const host = new FakeHost().respond(/^https:\/\/reg\.example/, basic('Basic other'));
    const wrong = await reason(host, { ...SITE, login: LOGIN });
    expect(wrong).toMatch(/refuses the login of puller/);
    expect(wrong).not.toContain('hunter2');
  });

  it('and the CA are not given to another registry', async () => {
    const seen: HttpRequest[] = [];
    const host = new FakeHost().respond(/^https:\/\/quay\.io/, request => {
      seen.push(request);
      return answer(401, { 'www-authenticate': 'Basic realm="x"' });
    });
    const site = { ...SITE, login: LOGIN, caFile: '/ca.crt', plainHttp: true };
    expect(await reason(host, site, 'quay.io/coreos/flannel:v0.14.0')).toMatch(
      /only DOCKER_REGISTRY can have one/,
    );
    expect(seen.map(request => [authorization(request), request.caFile])).toEqual([['', undefined]]);
  });
});

describe('tokens', () => {
  const challenge = (realm: string) => ({ 'www-authenticate': `Bearer realm="${realm}",service="reg,1"` });

  function withTokens(realm = 'https://auth.example/token'): FakeHost {
    return new FakeHost()
      .respond(/^https:\/\/reg\.example/, request =>
        authorization(request) === 'Bearer t-repository:k8s/etcd:pull' ||
        (authorization(request) === 'Bearer t-' && request.url.endsWith('/v2/'))
          ? answer(200)
          : answer(401, challenge(realm)),
      )
      .respond(/^https:\/\/auth\.example\/token/, request => {
        const query = new URL(request.url).searchParams;
        expect(query.get('service')).toBe('reg,1');
        if (authorization(request) !== BASIC) return answer(401);
        return answer(200, {}, JSON.stringify({ token: `t-${query.get('scope') ?? ''}` }));
      });
  }

  it('are fetched with the login, for each repository', async () => {
    expect(await reason(withTokens(), { ...SITE, login: LOGIN })).toBeUndefined();
  });

  it('need a login where the service says so', async () => {
    expect(await reason(withTokens())).toMatch(/wants a login/);
  });

  it('are not fetched with the login over plain HTTP', async () => {
    const host = withTokens('http://auth.example/token');
    expect(await reason(host, { ...SITE, login: LOGIN })).toMatch(/unencrypted to auth\.example/);
    expect(host.calls.some(call => call.what.includes('auth.example'))).toBe(false);
  });

  it.each(['', '{', '[]', '{"token":1}', '{"token":"a\\nb"}', 'null'])(
    'that are no token are refused: %j',
    async body => {
      const host = withTokens().respond(/auth\.example/, answer(200, {}, body));
      expect(await reason(host, { ...SITE, login: LOGIN })).toMatch(/gives no token/);
    },
  );

  it('are asked of Docker Hub at its own address', async () => {
    const host = new FakeHost()
      .respond(/registry-1\.docker\.io/, request =>
        authorization(request) === ''
          ? answer(401, {
              'www-authenticate':
                'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:osixia/keepalived:pull"',
            })
          : answer(200),
      )
      .respond(/auth\.docker\.io/, answer(200, {}, '{"access_token":"t"}'));
    expect(await reason(host, SITE, 'osixia/keepalived:2.0.20')).toBeUndefined();
    expect(
      host.calls.some(
        call => call.what === 'HEAD https://registry-1.docker.io/v2/osixia/keepalived/manifests/2.0.20',
      ),
    ).toBe(true);
  });
});

describe('redirects', () => {
  it('are followed, without the login and the CA', async () => {
    const seen: HttpRequest[] = [];
    const host = new FakeHost()
      .respond(`https://${ADDRESS}/v2/`, request =>
        authorization(request) === BASIC
          ? answer(200)
          : answer(401, { 'www-authenticate': 'Basic realm="x"' }),
      )
      .respond(/reg\.example:5000\/v2\/k8s/, request =>
        authorization(request) === BASIC
          ? answer(307, { location: 'https://mirror.example/etcd' })
          : answer(401, { 'www-authenticate': 'Basic realm="x"' }),
      )
      .respond('https://mirror.example/etcd', request => {
        seen.push(request);
        return answer(200);
      });
    expect(await reason(host, { ...SITE, login: LOGIN, caFile: '/ca.crt' })).toBeUndefined();
    expect(seen.map(request => [authorization(request), request.caFile])).toEqual([['', undefined]]);
  });

  it.each([
    ['http://mirror.example/', /no usable address/],
    ['https://[', /no usable address/],
    [`https://${ADDRESS}/v2/`, /again and again/],
  ])('to %s are refused', async (location, wrong) => {
    const host = new FakeHost().respond(`https://${ADDRESS}/v2/`, answer(302, { location }));
    expect(await reason(host)).toMatch(wrong);
  });
});

it('asks a registry that cannot be reached only once for all of its images', async () => {
  const host = new FakeHost().respond(/./, { error: 'connect ECONNREFUSED 1.2.3.4:5000' });
  const images = Array.from({ length: 20 }, (_, index) => `${ADDRESS}/i${index}:1`);
  expect(await imagesMissing(host, SITE, [...images, ...images])).toHaveLength(20);
  expect(host.calls).toHaveLength(1);
});
