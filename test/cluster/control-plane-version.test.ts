import { describe, expect, it } from 'vitest';
import { controlPlaneVersion } from '../../source/checks/control-plane-version';
import { manifestVersion, runningVersions, versionRefusal } from '../../source/cluster/control-plane-version';
import { kubeadmConfigFile } from '../../source/steps/kubeadm-config';
import { FakeHost } from '../support/fake-host';
import { settings as settingsOf } from '../variables/told';

const MASTERS = [
  { hostname: 'master1', address: '10.0.0.1' },
  { hostname: 'master2', address: '10.0.0.2' },
];
const APISERVER = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const single = await settingsOf({ text: 'DOCKER_REGISTRY=10.0.0.5:5000\nKUBE_VERSION=1.20.2\n' });
const told = { ...single, others: MASTERS.slice(1) };

interface Versions {
  readonly apiservers?: readonly string[];
  readonly manifest?: string;
  readonly recorded?: string;
}

/** A master of a finished cluster, on which these versions can be seen. */
function host({ apiservers = [], manifest, recorded }: Versions): FakeHost {
  const answer = (body: object | undefined) =>
    body === undefined
      ? { status: 404, headers: {}, body: '', roundTripMs: 1 }
      : { status: 200, headers: {}, body: JSON.stringify(body), roundTripMs: 1 };
  const one = new FakeHost({ '/var/lib/kube-el7-install/join-worker': 'kubeadm join' })
    .respond(/:6443\//, { error: 'connect ECONNREFUSED' })
    .respond(/configmaps\/kubeadm-config$/, () =>
      answer(
        recorded === undefined
          ? undefined
          : { data: { ClusterConfiguration: `kind: X\nkubernetesVersion: ${recorded}\n` } },
      ),
    )
    .answer(/^docker info/, '{}')
    .answer('hostname', 'master1\n')
    .answer(/^ip -4 -o addr/, '2: eth0    inet 10.0.0.1/24\n')
    .answer(/^getent /, '10.0.0.1 STREAM master1\n')
    .answer(/^ip -4 -o route/, '192.0.2.1 src 10.0.0.1\n');
  for (const [index, gitVersion] of apiservers.entries())
    one.respond(`https://10.0.0.${index + 1}:6443/version`, answer({ major: '1', gitVersion }));
  if (manifest !== undefined)
    one.put(
      APISERVER,
      `kind: Pod\nspec:\n  containers:\n  - image: r.site:5000/kube-apiserver:${manifest}\n`,
    );
  return one;
}

async function refused(wanted: string, versions: Versions) {
  return versionRefusal(wanted, await runningVersions(host(versions), MASTERS));
}

describe('a control plane is not made older', () => {
  const newer: readonly (readonly [string, Versions])[] = [
    ['the apiserver here', { apiservers: ['v1.20.10'] }],
    ['one of two apiservers, the other one not being upgraded yet', { apiservers: ['v1.20.2', 'v1.21.0'] }],
    ['an apiserver with a vendor’s suffix', { apiservers: ['v1.21.14-eks-fb459a0'] }],
    ['a manifest on the disk, where no apiserver answers', { manifest: 'v1.21.0' }],
    ['kubeadm’s record alone', { apiservers: ['v1.20.2'], recorded: 'v1.21.0' }],
    ['kubeadm’s record in quotes', { recorded: '"v1.21.0"' }],
  ];

  it.each(newer)('than %s', async (_, versions) => {
    const report = await refused('1.20.2', versions);
    expect(report?.code).toBe('older-than-running');
    expect(report?.message).toMatch(/The control plane runs v1\.2\S+ \(.+\), and KUBE_VERSION is 1\.20\.2/);
    expect(report?.hint).toContain('kubeadm upgrade');
    const [finding] = await controlPlaneVersion(told).run(host(versions));
    expect(finding?.level).toBe('fatal');
    const step = kubeadmConfigFile(told, { hostname: 'master1', address: '10.0.0.1' }, []);
    const observed = await step.probe(host(versions));
    expect(() => step.plan(observed)).toThrow(/never written over a newer one/);
  });

  it('and an upgrade that has not come to its end is named', async () => {
    const report = await refused('1.20.2', { apiservers: ['v1.21.0', 'v1.20.2'] });
    expect(report?.hint).toContain('(the apiserver on master2): finish it');
    expect(report?.seen).toEqual(['the apiserver on master1: v1.21.0', 'the apiserver on master2: v1.20.2']);
  });

  it('nor newer: installing again is no upgrade', async () => {
    const versions = { apiservers: ['v1.20.2'], manifest: 'v1.20.2' };
    const report = await refused('1.21.0', versions);
    expect(report).toMatchObject({
      code: 'no-upgrade',
      hint: expect.stringContaining('KUBE_VERSION=1.20.2') as string,
    });
    const given = await settingsOf({ text: 'DOCKER_REGISTRY=10.0.0.5:5000\nKUBE_VERSION=1.21.0\n' });
    expect((await controlPlaneVersion(given).run(host(versions)))[0]?.level).toBe('fatal');
  });

  it('but is gone on with where all is of the version that is told, or nothing runs yet', async () => {
    expect(
      await refused('1.20.2', {
        apiservers: ['v1.20.2', 'v1.20.2'],
        manifest: 'v1.20.2',
        recorded: 'v1.20.2',
      }),
    ).toBeUndefined();
    expect(await refused('1.20.2', {})).toBeUndefined();
    const fresh = host({ manifest: 'v1.22.0' }).drop('/var/lib/kube-el7-install/join-worker');
    expect(await controlPlaneVersion(told).run(fresh)).toEqual([{ level: 'ok', message: 'none runs yet' }]);
  });

  it('reads the tag of an image behind a registry with a port', () => {
    expect(manifestVersion('    image: "10.0.0.5:5000/a/kube-apiserver:v1.20.2"\n')).toBe('v1.20.2');
    expect(manifestVersion('    image: k8s.gcr.io/kube-apiserver:v1.20.2@sha256:abc\n')).toBe('v1.20.2');
    expect(manifestVersion('kind: Pod\n')).toBeUndefined();
  });
});
