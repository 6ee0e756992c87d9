import { describe, expect, it } from 'vitest';
import { MAKES } from './makes';
import { NEW, OLD, UNKNOWN, ETCD, reason, start } from './real';
import type { Make, Respond } from './standins';
import { digestOf, image, list, SIGNED, TYPES } from './stored';
import type { Stored } from './stored';

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
    expect(await reason(registry, false, UNKNOWN)).toBe('');
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
    ['without its type', [{ ...image(), type: '' }], /Content-Type/],
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

describe('docker from 20.10 on, which asks for the digest of a tag at first', () => {
  const answering = (method: string, path: RegExp, ...answer: Parameters<Respond>): Make => ({
    answers: (asked, respond) => {
      const fits = asked.method === method && path.test(asked.path);
      if (fits) respond(...answer);
      return fits;
    },
  });

  it.each([400, 403, 404, 405, 500, 501])('passes over a HEAD that is answered with %i', async status => {
    const registry = await start({ make: answering('HEAD', /manifests/, status) });
    expect(await reason(registry, false)).toBe('');
  });

  it('pulls nothing where a proxy takes the length away, and an older one does', async () => {
    const headers = {
      'Docker-Content-Digest': digestOf('x'),
      'Content-Type': TYPES.image,
      'Content-Length': '',
    };
    const registry = await start({ make: answering('HEAD', /manifests/, 200, headers) });
    expect(await reason(registry, false)).toMatch(/without Content-Length, which docker 20\.10\.24 wants/);
    expect(await reason(registry, false, { ...NEW, version: '19.03.15' })).toBe('');
  });

  it('pulls by the tag what the registry does not know by its digest', async () => {
    const unknown = (detail: string) => `{"errors":[{"code":"MANIFEST_UNKNOWN","detail":${detail}}]}`;
    const seen = async (body: string) =>
      reason(await start({ make: answering('GET', /manifests\/sha256/, 404, {}, body) }), false);
    expect(await seen(unknown('{"Tag":"1"}'))).toBe('');
    expect(await seen(unknown('null'))).toMatch(/not in the registry/);
    expect(await seen('x')).toMatch(/not in the registry/);
  });
});

function chart(): Stored {
  const { type, body } = image();
  return { type, body: body.replace('vnd.docker.container.image', 'vnd.cncf.helm.config') };
}
