import { describe, expect, it } from 'vitest';
import { ask } from '../../source/engine/ask';
import { listed } from '../../source/kubernetes/api';
import { clusterPodRuns } from '../../source/kubernetes/etcd-swap';
import { nodeReady } from '../../source/kubernetes/node-ready';
import { FakeHost } from '../support/fake-host';

const ACCESS = { address: '10.0.0.1', caFile: 'ca', certFile: 'cert', keyFile: 'key' };

function answering(body: object, status = 200): FakeHost {
  return new FakeHost().respond(/^https:\/\/10\.0\.0\.1:6443\//, {
    ...{ status, headers: {}, roundTripMs: 1 },
    body: JSON.stringify(body),
  });
}

describe('what is awaited of a list', () => {
  const anything = listed(
    'there is one',
    ACCESS,
    { path: '/apis/x/things', query: { fieldSelector: 'a=b,c!=d' } },
    items => (items.length === 0 ? 'there is none' : undefined),
  );

  it('is asked with the pair of the access, and so is the watch from its revision on', async () => {
    const host = answering({ metadata: { resourceVersion: '42' }, items: [] });
    const unmet = await ask(host, anything, 1000);
    const base = 'https://10.0.0.1:6443/apis/x/things?fieldSelector=a%3Db%2Cc!%3Dd';
    expect(host.calls.map(({ what }) => what)).toEqual([`GET ${base}`]);
    expect(unmet).toMatchObject({
      error: 'there is none',
      next: {
        request: {
          ...{ caFile: 'ca', certFile: 'cert', keyFile: 'key', firstLine: true },
          url: `${base}&watch=1&resourceVersion=42&timeoutSeconds=10`,
        },
      },
    });
  });

  it('counts as changed by an event about an object, and not by an error or nothing', async () => {
    const unmet = await ask(answering({ metadata: { resourceVersion: '1' }, items: [] }), anything, 1000);
    const pattern = new RegExp(unmet?.next?.matches ?? '^$');
    const events = [
      '{"type":"ADDED","object":{}}',
      '{"type":"MODIFIED","object":{}}',
      '{"type":"DELETED","object":{}}',
      '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}',
      '{"kind":"Status","status":"Failure"}',
      '',
    ];
    expect(events.map(event => pattern.test(event))).toEqual([true, true, true, false, false, false]);
  });

  it('is not watched where the list tells no revision, and is over where nothing is lacking', async () => {
    expect(await ask(answering({ items: [] }), anything, 1000)).toEqual({ error: 'there is none' });
    expect(
      await ask(answering({ metadata: { resourceVersion: '1' }, items: [1] }), anything, 1000),
    ).toBeUndefined();
    const refused = answering({ kind: 'Status', message: 'etcd is away' }, 500);
    expect(await ask(refused, anything, 1000)).toEqual({ error: 'HTTP 500: etcd is away' });
  });
});

describe('a node is Ready', () => {
  const node = (name: string, status?: string) => ({
    metadata: { name },
    status: status === undefined ? {} : { conditions: [{ type: 'Ready', status, message: 'no network' }] },
  });

  it.each([
    ['where its condition says so', [node('a', 'True')], undefined],
    ['not where it says that it is not', [node('a', 'False')], 'no network'],
    ['not where its kubelet is silent', [node('a', 'Unknown')], 'no network'],
    ['not before it has said anything', [node('a')], 'it has not said so yet'],
    ['not before it is there', [], 'there is no such node yet'],
    ['not where another one is', [node('b', 'True')], 'there is no such node yet'],
  ])('%s', async (_, items, error) => {
    const host = answering({ items });
    expect((await ask(host, nodeReady(ACCESS, 'a'), 1000))?.error).toBe(error);
    expect(host.calls[0]?.what).toMatch(/\/api\/v1\/nodes\?fieldSelector=metadata\.name%3Da$/);
  });
});

describe('the cluster pod of etcd runs', () => {
  const pod = (name: string, phase = 'Running') => ({ metadata: { name }, status: { phase } });
  const own = 'etcd-cluster-a';

  it.each([
    ['by itself', [pod(own)], true, true],
    ['beside the init pod, which is listed still', [pod('etcd-init-a'), pod(own)], true, false],
    ['not while it is made', [pod(own, 'Pending')], false, false],
    ['not where the init pod does', [pod('etcd-init-a')], false, false],
    ['not where that of another master is listed', [pod('etcd-cluster-ab')], false, false],
    ['not where nothing is listed', [], false, false],
  ])('%s', async (_, items, runs, alone) => {
    const look = (how: { alone: boolean }) =>
      ask(answering({ items }), clusterPodRuns(ACCESS, { hostname: 'a', address: '10.0.0.2' }, how), 1000);
    expect((await look({ alone: false })) === undefined).toBe(runs);
    expect((await look({ alone: true })) === undefined).toBe(alone);
  });

  it('says what is listed meanwhile, of that master alone', async () => {
    const host = answering({ items: [pod('etcd-init-a'), pod(own, 'Pending')] });
    const unmet = await ask(
      host,
      clusterPodRuns(ACCESS, { hostname: 'a', address: '10.0.0.2' }, { alone: false }),
      1000,
    );
    expect(unmet?.error).toBe('etcd-init-a Running, etcd-cluster-a Pending');
    expect(host.calls[0]?.what).toMatch(
      /kube-system\/pods\?labelSelector=component%3Detcd&fieldSelector=spec\.nodeName%3Da$/,
    );
  });
});
