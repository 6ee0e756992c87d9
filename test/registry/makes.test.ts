import { describe, expect, it } from 'vitest';
import { imagesMissing } from '../../source/registry/presence';
import { MAKES } from './makes';
import { LOGIN, NEW, OLD, UNKNOWN, RequestingHost, reason, start } from './real';
import type { Make } from './standins';

describe('what docker can pull passes, and nothing else', () => {
  const all = ['distribution', 'harbor', 'harbor1', 'gitlab', 'nexus', 'artifactory', 'quay'] as const;

  it.each(all)('%s, open to everybody', async make => {
    const registry = await start({ make: MAKES[make] });
    expect(await reason(registry, false, OLD)).toBe('');
    expect(registry.seen.filter(line => line.startsWith('HEAD'))).toEqual([]);
    expect(await reason(registry, false, NEW)).toBe('');
    expect(await reason(registry, false, UNKNOWN)).toBe('');
  });

  it.each([...all, 'htpasswd', 'nexusBasic', 'ecr'] as const)('%s, with a login', async make => {
    const registry = await start({ make: MAKES[make], open: [], login: 'puller:hunter2' });
    expect(await reason(registry, true)).toBe('');
  });

  it.each([
    ['harbor', /answers 401.*wants a login/],
    ['gitlab', /answers 401.*wants a login/],
    ['nexus', /answers 401.*wants a login/],
    ['htpasswd', /wants a login; give DOCKER_REGISTRY_USER/],
    ['nexusBasic', /wants a login; give DOCKER_REGISTRY_USER/],
    ['ecr', /wants a login; give DOCKER_REGISTRY_USER/],
  ] as const)('%s, not open, without a login', async (make, wrong) => {
    expect(await reason(await start({ make: MAKES[make], open: [] }), false)).toMatch(wrong);
  });

  it('GitLab, of whose repository nobody else may know', async () => {
    const registry = await start({ make: MAKES.gitlab });
    expect(await reason(registry, false, NEW, 'other/etcd:1')).toMatch(
      /token service .* answers 403 \(access forbidden\).*wants a login/,
    );
  });

  it.each(['harbor', 'gitlab', 'nexus', 'htpasswd', 'ecr'] as const)(
    '%s, with a wrong password, which is not sent for each image',
    async make => {
      const registry = await start({ make: MAKES[make], open: [], login: 'puller:other' });
      const host = new RequestingHost();
      const names = Array.from({ length: 9 }, (_, at) => `${registry.address}/k8s/i${at}:1`);
      const site = { address: registry.address, plainHttp: true, login: LOGIN };
      const missing = await imagesMissing(host, site, names, NEW);
      expect(missing.map(one => one.whole && one.reason.includes('refuses the login of puller'))).toEqual(
        names.map(() => true),
      );
      expect(JSON.stringify(missing)).not.toContain('hunter2');
      expect(registry.seen.filter(line => line.endsWith('401')).length).toBeLessThan(4);
    },
  );

  it('docker.io beyond its limit', async () => {
    expect(await reason(await start({ make: MAKES.limited }), false)).toMatch(
      /answers 429: too many requests \(You have reached your pull rate limit\.\)/,
    );
  });

  it('a plain web server', async () => {
    expect(await reason(await start({ make: MAKES.webServer }), false)).toMatch(
      /no docker registry: \/v2\/ is not there/,
    );
  });

  it('a page to log in on', async () => {
    expect(await reason(await start({ make: MAKES.portal }), false)).toMatch(/a web page is answered/);
  });

  it('a registry whose /v2/ is hidden, and asks for nothing', async () => {
    const make: Make = {
      answers: ({ path }, respond) => {
        if (path === '/v2/') respond(404, {}, 'not found');
        return path === '/v2/';
      },
    };
    expect(await reason(await start({ make }), false)).toBe('');
  });

  it('an image that is not there', async () => {
    expect(await reason(await start({ make: MAKES.distribution }), false, NEW, 'k8s/etcd:9')).toBe(
      'is not in the registry',
    );
  });
});

describe('of several challenges', () => {
  const asking = (...challenges: readonly string[]): Make => ({
    ...MAKES.harbor,
    challenges: ({ base }) => challenges.map(one => one.replace('BASE', base)),
  });
  const bearer = 'Bearer realm="BASE/service/token",service="a,b \\"c\\""';

  it('docker obeys Basic as well as Bearer, so that nobody pulls without a login', async () => {
    const registry = await start({ make: asking(bearer, 'Basic realm="x"') });
    expect(await reason(registry, false)).toMatch(/wants a login/);
  });

  it('docker reads the first one of a header only', async () => {
    const registry = await start({ make: asking(`${bearer}, Basic realm="x"`) });
    expect(await reason(registry, false)).toBe('');
  });

  it('docker passes over what it does not know', async () => {
    const registry = await start({ make: asking('Negotiate', bearer) });
    expect(await reason(registry, false)).toBe('');
  });

  it.each(['Bearer service="x"', 'Bearer realm="/service/token"', 'Bearer realm="",service="x"'])(
    'docker gives up where there is no address: %s',
    async challenge => {
      expect(await reason(await start({ make: asking(challenge) }), false)).toMatch(/no address that tokens/);
    },
  );
});

describe("an image's data", () => {
  const blobs = (status: number, headers: Record<string, string> = {}, body = ''): Make => ({
    answers: ({ path }, respond) => {
      if (path.includes('/blobs/')) respond(status, headers, body);
      return path.includes('/blobs/');
    },
  });

  it.each([
    [404, '', /answers 404 to blobs\/sha256/],
    [500, '', /answers 500/],
    [200, '<html>', /sends something else/],
  ])('that cannot be had (%i %s) fails, as the pull would', async (status, body, wrong) => {
    expect(await reason(await start({ make: blobs(status, {}, body) }), false)).toMatch(wrong);
  });

  it('is followed to other hosts, without the login', async () => {
    const store = await start({
      make: {
        answers: ({ authorization }, respond) => {
          respond(authorization === '' ? 200 : 400, {}, '{}');
          return true;
        },
      },
    });
    const make: Make = {
      ...MAKES.htpasswd,
      ...blobs(307, { Location: `http://${store.address}/bucket/v2/x` }),
    };
    const registry = await start({ make, login: 'puller:hunter2' });
    expect(await reason(registry, true)).toBe('');
    expect(store.seen).toEqual(['GET /bucket/v2/x 200']);
  });
});
