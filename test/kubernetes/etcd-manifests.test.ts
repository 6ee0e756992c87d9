import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { etcdManifests, firstEtcdManifest, hasLearners } from '../../source/kubernetes/etcd-manifests';
import { fromYaml } from '../../source/kubernetes/yaml';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';

const MASTERS = [1, 2, 3].map(number => ({ hostname: `master${number}`, address: `10.0.0.${number}` }));
const [MASTER = { hostname: '', address: '' }] = MASTERS;

interface Pod {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly containers: readonly {
      readonly command: readonly string[];
      readonly livenessProbe?: object;
      readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
    }[];
    readonly volumes: readonly { readonly name: string; readonly hostPath: { path: string; type: string } }[];
  };
}

interface Probe {
  readonly httpGet: { readonly path: string };
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly failureThreshold?: number;
}

function podOf(text: string | undefined): Pod {
  return (fromYaml(text ?? '') ?? [])[0] as Pod;
}

function commandOf(text: string | undefined): readonly string[] {
  return podOf(text).spec.containers[0]?.command ?? [];
}

function told(image: string, version = '1.20.2'): Promise<Settings> {
  return settingsOf({
    text: `DOCKER_REGISTRY=10.0.0.5:5000\nKUBE_VERSION=${version}\nETCD_IMAGE=${image}\n`,
  });
}

describe("etcd's manifests", () => {
  it('wait for their turn, but the one of the first member', async () => {
    const settings = await settingsOf({});
    expect(podOf(firstEtcdManifest(settings, MASTER)).kind).toBe('Pod');
    for (const index of [0, 1, 2]) {
      const { init, cluster } = etcdManifests(settings, MASTERS, index);
      expect(podOf(cluster)).toMatchObject({ kind: 'PodERROR', metadata: { name: 'etcd-cluster' } });
      if (index === 0) expect(init).toBeUndefined();
      else expect(podOf(init)).toMatchObject({ kind: 'PodERROR', metadata: { name: 'etcd-init' } });
    }
  });

  it('name their own member and all before it, and begin nothing new but the first', async () => {
    const settings = await settingsOf({});
    expect(commandOf(firstEtcdManifest(settings, MASTER))).toEqual(
      expect.arrayContaining([
        '--initial-cluster=master1=https://10.0.0.1:2380',
        '--initial-cluster-state=new',
      ]),
    );
    const { init, cluster } = etcdManifests(settings, MASTERS, 1);
    for (const command of [commandOf(init), commandOf(cluster)]) {
      expect(command).toEqual(
        expect.arrayContaining([
          '--initial-cluster=master1=https://10.0.0.1:2380,master2=https://10.0.0.2:2380',
          '--initial-cluster-state=existing',
        ]),
      );
    }
  });

  it('let nobody but the host itself in at a member that has no vote yet', async () => {
    const { init, cluster } = etcdManifests(await settingsOf({}), MASTERS, 2);
    expect(commandOf(init)).toContain('--listen-client-urls=https://127.0.0.1:2379');
    expect(commandOf(init)).toContain('--advertise-client-urls=https://10.0.0.3:2379');
    expect(commandOf(cluster)).toContain('--listen-client-urls=https://0.0.0.0:2379');
  });

  it('demand a certificate everywhere but on the loopback port for the probe', async () => {
    const settings = await settingsOf({});
    const { init, cluster } = etcdManifests(settings, MASTERS, 1);
    for (const text of [firstEtcdManifest(settings, MASTER), init, cluster]) {
      const command = commandOf(text);
      expect(command).toEqual(
        expect.arrayContaining(['--client-cert-auth=true', '--peer-client-cert-auth=true']),
      );
      const plain = command.join(' ').match(/http:\/\/[^,\s]+/g);
      expect(plain).toEqual(['http://127.0.0.1:2381']);
    }
  });

  it('start no cluster pod where its data is gone', async () => {
    const { init, cluster } = etcdManifests(await settingsOf({}), MASTERS, 1);
    const member = { path: '/var/lib/etcd/member', type: 'Directory' };
    expect(podOf(cluster).spec.volumes.map(({ hostPath }) => hostPath)).toContainEqual(member);
    expect(podOf(init).spec.volumes.map(({ hostPath }) => hostPath)).not.toContainEqual(member);
  });

  it('start no first member either where its data are gone, though a mount point is there', async () => {
    const { volumes, containers } = podOf(firstEtcdManifest(await settingsOf({}), MASTER)).spec;
    expect(volumes.map(({ hostPath }) => hostPath)).toEqual(
      expect.arrayContaining([
        { path: '/var/lib/etcd', type: 'Directory' },
        { path: '/var/lib/etcd/member', type: 'Directory' },
      ]),
    );
    expect(containers[0]?.volumeMounts.map(({ mountPath }) => mountPath)).toContain('/var/lib/etcd/member');
  });

  it.each(['1.16.15', '1.17.17', '1.18.20', '1.20.2', '1.23.17'])(
    'of Kubernetes %s let no probe end a member for an alarm, a lost quorum, or while it is defragmented',
    async version => {
      const settings = await told('10.0.0.5:5000/etcd:ours', version);
      for (const text of [firstEtcdManifest(settings, MASTER), etcdManifests(settings, MASTERS, 1).cluster]) {
        const [container] = podOf(text).spec.containers;
        const { livenessProbe, startupProbe } = container as unknown as Record<string, Probe | undefined>;
        const probes = [livenessProbe, startupProbe].flatMap(probe => probe ?? []);
        expect(probes.map(({ httpGet }) => httpGet.path)).toEqual(probes.map(() => '/metrics'));
        // The kubelet knows startup probes from 1.18; before, the first look comes as late as they would end.
        const knows = !/^1\.1[67]\./.test(version);
        expect(startupProbe !== undefined).toBe(knows);
        const patience = startupProbe ?? livenessProbe;
        expect(
          (patience?.initialDelaySeconds ?? 0) +
            (patience?.periodSeconds ?? 0) * (patience?.failureThreshold ?? 0),
        ).toBeGreaterThanOrEqual(240);
      }
    },
  );

  it.each([
    ['3.3.15-0', false],
    ['3.4.3-0', false],
    ['3.4.13-0', true],
    ['3.5.6-0', true],
    ['3.7.0', false],
  ])('of etcd %s compare their data with the others as they start: %s', async (tag, compares) => {
    const command = commandOf(firstEtcdManifest(await told(`10.0.0.5:5000/etcd:${tag}`), MASTER));
    expect(command.includes('--experimental-initial-corrupt-check=true')).toBe(compares);
  });
});

describe('learners', () => {
  it.each([
    ['10.0.0.5:5000/etcd:3.3.15-0', '1.20.2', false],
    ['10.0.0.5:5000/etcd:v3.2.24', '1.20.2', false],
    ['10.0.0.5:5000/etcd:3.4.13-0', '1.16.15', true],
    ['10.0.0.5:5000/etcd:v3.5.1', '1.20.2', true],
    ['10.0.0.5:5000/etcd:3.10.0', '1.20.2', true],
    ['10.0.0.5:5000/etcd:ours', '1.20.2', true],
    ['10.0.0.5:5000/etcd:ours', '1.16.15', false],
  ])('of %s with Kubernetes %s: %s', async (image, version, expected) => {
    expect(hasLearners(await told(image, version))).toBe(expected);
  });
});

describe('the container of a member without a learner’s time', () => {
  it.each(['dash', 'busybox'])(
    'waits in %s until the first member lists it, then becomes etcd',
    async shell => {
      const directory = mkdtempSync(join(tmpdir(), 'etcd-awaits-'));
      const path = (name: string): string => join(directory, name);
      const program = (name: string, text: string): void => {
        writeFileSync(path(name), `#!/bin/sh\n${text}\n`);
        chmodSync(path(name), 0o755);
      };
      const found = spawnSync('sh', ['-c', `command -v ${shell}`], { encoding: 'utf8' }).stdout.trim();
      if (found === '') return;
      symlinkSync(found, path('sh'));
      // Lists it at the third time. Nothing else is in the image: no sleep, no grep.
      program(
        'etcdctl',
        `echo "$ETCDCTL_API $*" >>${path('asked')}\ncase $(/usr/bin/wc -l <${path('asked')}) in 1) exit 1;; 2) echo '1, started, master1, https://10.0.0.1:2380, https://10.0.0.1:2379';; *) echo '2, unstarted, , https://10.0.0.2:2380, ';; esac`,
      );
      program('etcd', 'for one; do echo "$one"; done');
      const [, ...words] = commandOf(
        etcdManifests(await told('10.0.0.5:5000/etcd:3.3.15-0'), MASTERS, 1).init,
      );
      const args = shell === 'busybox' ? ['sh', ...words] : words;
      const { status, stdout } = spawnSync(found, args, { env: { PATH: directory }, encoding: 'utf8' });
      const asked = readFileSync(path('asked'), 'utf8').trim().split('\n');
      rmSync(directory, { recursive: true });
      expect(status).toBe(0);
      expect(stdout.split('\n')).toEqual(
        expect.arrayContaining(['--name=master2', '--data-dir=/var/lib/etcd']),
      );
      expect(asked.length).toBe(3);
      expect(asked[0]).toMatch(/^3 --endpoints=https:\/\/10\.0\.0\.1:2379 .*member list$/);
    },
  );

  it('has no probe that would end it while it waits', async () => {
    const { init, cluster } = etcdManifests(await told('10.0.0.5:5000/etcd:3.3.15-0'), MASTERS, 1);
    expect(podOf(init).spec.containers[0]?.livenessProbe).toBeUndefined();
    expect(podOf(cluster).spec.containers[0]?.livenessProbe).toBeDefined();
  });
});
