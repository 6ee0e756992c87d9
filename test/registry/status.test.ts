import { describe, expect, it } from 'vitest';
import { registryStatus } from '../../source/registry/status';
import { parseOffer, versionsOnOffer } from '../../source/registry/versions-on-offer';
import { FakeHost } from '../support/fake-host';
import { settings } from '../variables/told';

const ok = {
  status: 200,
  headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v2+json' },
  body: '{"schemaVersion":2}',
  roundTripMs: 1,
};
/** A host without a docker. */
const bare = () => new FakeHost().answer(/^(docker|rpm|systemctl) /, { code: 127 });

describe('what the wizard is told', () => {
  it('counts the images that are there, and names the others', async () => {
    const host = bare()
      .respond(/./, ok)
      .respond(/coredns/, { ...ok, status: 404 });
    expect(await registryStatus(host, await settings({}))).toEqual({
      reachable: true,
      found: 7,
      total: 8,
      missing: ['10.0.0.5:5000/coredns:1.7.0'],
    });
  });

  it('counts tiller only where it is wanted', async () => {
    const host = bare().respond(/./, ok);
    const made = await settings({ text: 'DOCKER_REGISTRY=10.0.0.5:5000\nTILLER=yes' });
    expect(await registryStatus(host, made)).toMatchObject({ found: 9, total: 9 });
  });

  it('counts an image that docker cannot pull as missing, and says why', async () => {
    const page = { ...ok, headers: { 'content-type': 'text/html' }, body: '<html>' };
    const host = bare()
      .respond(/./, ok)
      .respond(/coredns/, page);
    expect(await registryStatus(host, await settings({}))).toMatchObject({
      reachable: true,
      found: 7,
      problem: expect.stringContaining('coredns:1.7.0: a web page') as string,
    });
  });

  it('says why the registry is not reachable', async () => {
    const host = bare().respond(/./, { error: 'connect ECONNREFUSED 10.0.0.5:5000' });
    const status = await registryStatus(host, await settings({}));
    expect(status).toMatchObject({ reachable: false, found: 0, total: 8 });
    expect(status.problem).toContain('ECONNREFUSED');
  });
});

const YUM3 = `Loaded plugins: fastestmirror
Installed Packages
kubelet.x86_64                      1.18.1-0                         @kubernetes
Available Packages
kubelet.x86_64                      1.19.0-0                         kubernetes
kubelet.x86_64                      1.20.2-0
                                                                     kubernetes-with-a-long-name
kubelet.x86_64                      1.9.11-0                         kubernetes
kubelet.x86_64                      1.24.0-0                         kubernetes
`;
const DNF = `Available Packages
kubelet.x86_64                        1.20.2-0                         lab
kubelet.x86_64                        0:1.20.15-0.el7                  lab
kubelet.x86_64                        1.20.2-0                         other
`;

describe('versions on offer', () => {
  it('are read out of yum 3, newest first, of those that this product installs', () => {
    expect(parseOffer(YUM3)).toEqual(['1.20.2', '1.19.0']);
  });

  it('are read out of dnf', () => {
    expect(parseOffer(DNF)).toEqual(['1.20.15', '1.20.2']);
  });

  it('are what is installed where no repository answers', () => {
    expect(parseOffer('Installed Packages\nkubelet.x86_64 1.18.1-0 @System\n')).toEqual(['1.18.1']);
  });

  it('are none where yum fails', async () => {
    const host = new FakeHost().answer(/^yum /, { code: 1, stderr: 'Error: No matching Packages to list' });
    expect(await versionsOnOffer(host)).toEqual([]);
  });
});
