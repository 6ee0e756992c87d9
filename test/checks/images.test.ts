import { describe, expect, it } from 'vitest';
import { images } from '../../source/checks/images';
import { neededImages } from '../../source/registry/presence';
import type { HttpOutcome } from '../../source/engine/host';
import { image, TYPES } from '../registry/stored';
import type { Stored } from '../registry/stored';
import { El7, settingsWith } from '../steps/prepare/el7';
import { settings as load } from '../variables/told';
import { found, levels } from './found';

const settings = await settingsWith();

/** A registry that answers everything with one manifest, and its data with what may be that. */
function manifest({ type, body }: Stored) {
  return { status: 200, headers: { 'content-type': type }, body, roundTripMs: 1 };
}

describe('images', () => {
  const answering = (status: (url: string) => number) =>
    new El7().respond(
      () => true,
      ({ url }): HttpOutcome => ({ ...manifest(image()), status: status(url) }),
    );

  it('is content where each has a manifest', async () => {
    const [finding] = await found(
      images(settings),
      answering(() => 200),
    );
    expect(finding).toEqual({
      level: 'ok',
      message: `all ${neededImages(settings).length} images are in 10.0.0.5:5000`,
    });
  });

  it('wants keepalived only where keepalived carries a VIP', async () => {
    const images = async (more: object) => neededImages(await load({ vip: '10.0.0.100', ...more }));
    expect(await images({})).toContain('10.0.0.5:5000/keepalived:2.0.20');
    expect((await images({ platform: 'aws' })).join()).not.toContain('keepalived');
    expect(neededImages(settings).join()).not.toContain('keepalived');
  });

  it('names each that is missing, with its tag', async () => {
    const host = answering(url => (/coredns|etcd/.test(url) ? 404 : 200));
    const findings = await found(images(settings), host);
    expect(findings.map(one => one.message.replace(/: .*$/, ''))).toEqual(
      neededImages(settings).filter(image => /coredns|etcd/.test(image)),
    );
    expect(findings.every(one => one.level === 'fatal')).toBe(true);
  });

  it('tells of a registry that does not answer once, and names the images all the same', async () => {
    const host = new El7().respond(() => true, { error: 'connect ECONNREFUSED 10.0.0.5:5000' });
    const findings = await found(images(settings), host);
    expect(findings.map(one => one.level)).toEqual(['fatal']);
    expect(findings[0]?.message).toContain('ECONNREFUSED');
    for (const image of neededImages(settings)) expect(findings[0]?.message).toContain(image);
  });

  it.each([
    [
      'is there',
      (host: El7) =>
        host.answer(/^docker info/, '{"ServerVersion":"1.13.1"}').answer(/^docker version/, 'go1.10.3\n'),
    ],
    ['is installed and does not run', (host: El7) => void host.packages.set('docker', '1.13.1')],
    ['yum will install', () => undefined],
  ])(
    'refuses OCI images where the docker that %s cannot pull them',
    async (_, prepare: (host: El7) => unknown) => {
      const host = new El7().respond(() => true, manifest(image(TYPES.ociImage)));
      prepare(host);
      const [finding] = await found(images(settings), host);
      expect(finding?.message).toMatch(/there as an OCI image, which docker 1\.13\.1 cannot pull/);
      expect(finding?.fix).toMatch(/skopeo copy --format v2s2/);
    },
  );

  it('takes OCI images where docker is new enough', async () => {
    const host = new El7().respond(() => true, manifest(image(TYPES.ociImage)));
    host.packages.set('docker-ce', '19.03.15');
    expect(await levels(images(settings), host)).toEqual(['ok']);
  });

  it('asks nothing where the CA is missing, and says so', async () => {
    const registry = { ...settings.registry, plainHttp: false, caFile: '/root/ca.pem' };
    const host = new El7({ '/root/ca.pem': 'not a certificate' });
    const [finding] = await found(images({ ...settings, registry }), host);
    expect(finding?.level).toBe('fatal');
    expect(finding?.message).toContain('/root/ca.pem');
  });
});
