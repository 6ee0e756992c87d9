import { afterEach, describe, expect, it } from 'vitest';
import type { HttpOutcome, HttpRequest } from '../../source/engine/host';
import { Secret } from '../../source/engine/secret';
import { localRequest } from '../../source/hosts/local-request';
import type { Docker } from '../../source/registry/docker';
import { imagesMissing } from '../../source/registry/presence';
import { FakeHost } from '../support/fake-host';
import { MAKES } from './makes';
import { standIn } from './standins';
import type { Make, StandIn, StandInOptions } from './standins';
import { image, list, SIGNED, TYPES } from './stored';
import type { Stored } from './stored';

const NEW: Docker = { version: '20.10.24', mirrors: [], insecure: [] };
const OLD: Docker = { version: '1.13.1', mirrors: [], insecure: [] };
const LOGIN = { username: 'puller', password: new Secret('hunter2') };
const ETCD = 'k8s/deep/er/etcd:3.4.13-0';

class RequestingHost extends FakeHost {
  override request(request: HttpRequest): Promise<HttpOutcome> {
    return localRequest(request);
  }
}

const running: StandIn[] = [];
afterEach(() => {
  for (const one of running.splice(0)) one.close();
});

async function start(options: Partial<StandInOptions> & { make: Make }): Promise<StandIn> {
  const stored: readonly Stored[] = [image()];
  const started = await standIn({ images: { [ETCD]: stored }, open: ['k8s/deep/er/etcd'], ...options });
  running.push(started);
  return started;
}

/** Why docker could not pull the image; '' where it could. */
async function reason(registry: StandIn, login: boolean, docker = NEW, name = ETCD): Promise<string> {
  const [missing] = await imagesMissing(
    new RequestingHost(),
    { address: `${registry.address}/k8s`, plainHttp: true, ...(login ? { login: LOGIN } : {}) },
    [`${registry.address}/${name}`],
    docker,
  );
  return missing?.reason ?? '';
}

describe('what docker can pull passes, and nothing else', () => {
  const all = ['distribution', 'harbor', 'harbor1', 'gitlab', 'nexus', 'artifactory', 'quay'] as const;

  it.each(all)('%s, open to everybody', async make => {
    const registry = await start({ make: MAKES[make] });
    expect(await reason(registry, false)).toBe('');
    expect(registry.seen.filter(line => line.startsWith('HEAD'))).toEqual([]);
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
    '%s, with a wrong password, which is sent once',
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
      expect(registry.seen.filter(line => line.endsWith('401')).length).toBeLessThan(3);
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

describe('of the forms of a manifest', () => {
  const holding = (...stored: readonly Stored[]) =>
    start({ make: MAKES.distribution, images: { [ETCD]: stored } });
  const ociIndex = () => list(['linux/amd64'], { type: TYPES.ociIndex, of: image(TYPES.ociImage) });

  it.each([
    ['schema 2', [image()]],
    ['a list', list(['linux/arm64', 'linux/amd64'])],
    ['schema 1', [SIGNED]],
    ['schema 1 of a type that says little', [{ ...SIGNED, type: 'application/json' }]],
  ])('every docker pulls %s', async (_, stored) => {
    expect(await reason(await holding(...stored), false, NEW)).toBe('');
    expect(await reason(await holding(...stored), false, OLD)).toBe('');
  });

  it.each([
    ['an OCI image', [image(TYPES.ociImage)]],
    ['an OCI index', ociIndex()],
  ])('docker 1.13 to 18.09 do not pull %s, and 19.03 does', async (_, stored) => {
    const registry = await holding(...stored);
    expect(await reason(registry, false, OLD)).toMatch(/OCI image, which docker 1\.13\.1 cannot pull/);
    expect(await reason(registry, false, { ...OLD, version: '18.09.9' })).toMatch(/OCI image/);
    expect(await reason(registry, false, { ...OLD, version: '19.03.0' })).toBe('');
    expect(await reason(registry, false, { mirrors: [], insecure: [] })).toBe('');
  });

  it('docker 1.13 does not pull a list of OCI images either', async () => {
    const registry = await holding(...list(['linux/amd64'], { of: image(TYPES.ociImage) }));
    expect(await reason(registry, false, OLD)).toMatch(/OCI image/);
    expect(await reason(registry, false, NEW)).toBe('');
  });

  it('a registry that hides what was not asked for is seen through', async () => {
    const make: Make = {
      answers: ({ accepted, path }, respond) => {
        const hidden = path.includes('/manifests/') && !accepted.includes(TYPES.ociImage);
        if (hidden) respond(404, {}, '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
        return hidden;
      },
    };
    const registry = await start({ make, images: { [ETCD]: [image(TYPES.ociImage)] } });
    expect(await reason(registry, false, OLD)).toMatch(/OCI image, which docker 1\.13\.1 cannot pull/);
    expect(await reason(registry, false, NEW)).toBe('');
  });

  it.each([
    [
      'for other platforms',
      list(['linux/arm64', 'windows/amd64']),
      /for linux\/arm64, windows\/amd64, but not for linux\/amd64/,
    ],
    ['without its type', [{ ...image(), type: '' }], /Content-Type is missing/],
    ['as some text', [{ ...image(), type: 'text/plain' }], /sends it as text\/plain/],
    ['of another type than it says', [{ ...image(), type: TYPES.ociImage }], /which docker refuses/],
    ['with a page in its place', [{ type: 'text/html', body: '<html>Sign in</html>' }], /a web page/],
    ['with half of it', [{ ...image(), body: '{"schemaVersion":2,' }], /no manifest/],
    ['that is a chart', [chart()], /something else.*helm/],
  ])('docker pulls none that comes %s', async (_, stored, wrong) => {
    expect(await reason(await holding(...stored), false)).toMatch(wrong);
  });

  it('docker 26 pulls schema 1 no more', async () => {
    expect(await reason(await holding(SIGNED), false, { ...NEW, version: '26.1.4' })).toMatch(/schema 1/);
  });

  it('the types are asked for one a line, as registries up to 2.5 want them', async () => {
    const seen: string[] = [];
    const make: Make = {
      answers: ({ accepted, path }) => {
        if (path.includes('/manifests/')) seen.push(...accepted);
        return false;
      },
    };
    await reason(await start({ make }), false, OLD);
    expect(seen).toEqual([TYPES.image, TYPES.list, TYPES.signed, 'application/json']);
  });
});

function chart(): Stored {
  const { type, body } = image();
  return { type, body: body.replace('vnd.docker.container.image', 'vnd.cncf.helm.config') };
}

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
