import type * as crypto from 'node:crypto';
import { createHash } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Step } from '../../source/engine/step';
import type { KubeObject } from '../../source/kubernetes/objects';
import { masterCertificates } from '../../source/steps/master-certificates';
import { masterFiles } from '../../source/steps/master-files';
import { storeMasters } from '../../source/steps/store-masters';
import type { Settings } from '../../source/variables/settings';
import { lookedUpHost, settings as settingsOf } from '../variables/told';
import { apply, APPLIED_COPY, MASTER, MastersHost, planned, STATE } from './masters-host';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const SECRET = 'kube-el7-install-master-master2';

let settings: Settings;
let made: MastersHost;
let host: MastersHost;
let begin: readonly Step[];
let end: Step;

beforeAll(async () => {
  const text = 'DOCKER_REGISTRY=10.0.0.5:5000\nTILLER=yes\n';
  settings = await settingsOf({
    text,
    vip: '10.0.0.100',
    masters: 'master1,master2,master3',
    host: lookedUpHost(),
  });
  made = await MastersHost.made(MASTER);
  // Signing takes its time, and is tried elsewhere.
  await apply(made, [masterCertificates(settings, MASTER, []), masterFiles(settings, MASTER, [])]);
}, 60_000);

beforeEach(() => {
  host = made.copy();
  begin = [
    masterCertificates(settings, MASTER, []),
    masterFiles(settings, MASTER, []),
    storeMasters(settings, MASTER, [], 'begin'),
  ];
  end = storeMasters(settings, MASTER, [], 'end');
});

describe("a master's Secret", () => {
  it('holds each file of its list with its sum, manifests after all that they read and the apiserver’s last', async () => {
    await apply(host, [...begin, end]);
    const secret = host.secret(SECRET);
    const lines = (secret['files'] ?? '')
      .trimEnd()
      .split('\n')
      .map(line => line.split(' '));
    for (const [sum, mode, key = '', path] of lines) {
      expect(
        createHash('sha256')
          .update(secret[key] ?? '')
          .digest('hex'),
        path,
      ).toBe(sum);
      expect(mode).toMatch(/^(600|644|700)$/);
    }
    const paths = lines.map(([, , , path = '']) => path);
    expect(paths.at(-1)).toBe('/etc/kubernetes/manifests/kube-apiserver.yaml');
    const firstManifest = paths.findIndex(path => path.includes('/manifests/'));
    expect(paths.slice(firstManifest).every(path => path.includes('/manifests/'))).toBe(true);
    expect(paths).toContain('/etc/kubernetes/kube-el7-install/tiller/ca.key');
    const own = Object.keys(secret).filter(key => !lines.some(([, , named]) => named === key));
    expect(own.sort()).toEqual(['address', 'etcd-cluster.yaml', 'etcd-init.yaml', 'files']);
    expect(secret['address']).toBe('10.0.0.2');
    expect(host.secret('kube-el7-install-master-master1')['etcd-init.yaml']).toBeUndefined();
  });

  it('is no larger than kubectl can note in an annotation', async () => {
    await apply(host, [...begin, end]);
    // Keys and certificates of the stand-in are short: real ones are 1.7 kB each at most, some thirty of them.
    const size = (host.text(`${STATE}/manifests/master-master2-again.yaml`) ?? '').length;
    expect(size + 30 * 1700 * 1.4 + 3 * 5600 * 1.4).toBeLessThan(256 * 1024);
  });

  it('has its values in no annotation, and loses those that an earlier version left there', async () => {
    const path = `/api/v1/namespaces/kube-system/secrets/${SECRET}`;
    const annotations = () => (host.objects.get(path) as KubeObject).metadata.annotations;
    await apply(host, begin);
    expect(annotations()).toEqual({});
    const stored = host.objects.get(path) as KubeObject;
    const copy = { [APPLIED_COPY]: JSON.stringify(stored) };
    host.objects.set(path, { ...stored, metadata: { ...stored.metadata, annotations: copy } });
    await apply(host, begin);
    expect(annotations()).toEqual({});
    expect(await planned(host, storeMasters(settings, MASTER, [], 'begin'))).toEqual([]);
  });

  it('is not stored again because etcd was given its turn', async () => {
    await apply(host, begin);
    const path = `/api/v1/namespaces/kube-system/secrets/${SECRET}`;
    const object = host.objects.get(path) as { readonly data: object };
    host.objects.set(path, { ...object, data: { ...object.data, 'etcd-turn': 'c3RhcnQgYQ==' } });
    expect(await planned(host, storeMasters(settings, MASTER, [], 'begin'))).toEqual([]);
    await apply(host, [end]);
    expect(host.secret(SECRET)['etcd-turn']).toBe('start a');
  });

  it.each(['pki.ca.key', 'files', 'address'])('is stored again where its %s was changed', async key => {
    await apply(host, begin);
    const path = `/api/v1/namespaces/kube-system/secrets/${SECRET}`;
    const object = host.objects.get(path) as { readonly data: object };
    host.objects.set(path, { ...object, data: { ...object.data, [key]: 'b3RoZXI=' } });
    const store = storeMasters(settings, MASTER, [], 'begin');
    const changes = await planned(host, store);
    expect(changes.map(change => change.kind)).toEqual(['run']);
    await apply(host, [store]);
    expect(await planned(host, store)).toEqual([]);
  });

  it('is waited for at the end until each master has what is in it', async () => {
    await apply(host, [...begin, end]);
    for (const name of ['master1', 'master2', 'master3']) host.report(name, settings.facts.masterLabels);
    host.report('master3', [], false);
    const [change, ...more] = await planned(host, end);
    expect(more).toEqual([]);
    expect(change).toMatchObject({
      kind: 'await',
      condition: { title: expect.stringContaining('master3') as string },
    });
  });
});
