import type * as crypto from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MasterStatus } from '../../source/engine/event';
import { masters } from '../../source/observers/masters';
import type { Settings } from '../../source/variables/settings';
import { MASTER, MastersHost } from '../steps/masters-host';
import { lookedUpHost, settings as settingsOf } from '../variables/told';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

let settings: Settings;
let made: MastersHost;
let host: MastersHost;

beforeAll(async () => {
  settings = await settingsOf({ vip: '10.0.0.100', masters: 'master1,master2', host: lookedUpHost() });
  made = (await MastersHost.made(MASTER)).setNode('master1', '10.0.0.1');
}, 60_000);

beforeEach(() => {
  host = made.copy();
});

async function seen(): Promise<readonly MasterStatus[]> {
  const bodies = await masters(settings, MASTER).observe(host);
  return bodies.flatMap(body => (body.type === 'master' ? [body.master] : []));
}

const report = (more: object): object => ({
  ...{ digest: 'd', complete: true, missing: [], changed: [], etcd: 'wait' },
  ...{ did: 'started', at: '2026-11-23T09:00:00Z', ...more },
});

const said = (more: object): object => ({ 'kube-el7-install/master': JSON.stringify(report(more)) });

describe('the masters', () => {
  it('are not spoken of before there is a cluster', async () => {
    host.answering = false;
    expect(await seen()).toEqual([]);
  });

  it('are seen as they come: first the one, then the other that is awaited', async () => {
    expect(await seen()).toEqual([
      {
        name: 'master1',
        address: '10.0.0.1',
        joined: true,
        files: 'complete',
        apiserver: 'healthy',
        ready: true,
      },
      {
        ...{ name: 'master2', address: '10.0.0.2', joined: false, files: 'absent', apiserver: 'absent' },
        ...{ ready: false, lastError: 'not joined yet' },
      },
    ]);
  });

  it.each([
    ['its files', {}, 'absent', 'its files are not there yet'],
    [
      'a file that is missing',
      said({ complete: false, missing: ['/etc/a'] }),
      'incomplete',
      '/etc/a is missing',
    ],
    [
      'why it refuses',
      said({ complete: false, refused: 'another address' }),
      'incomplete',
      'another address',
    ],
    [
      'why etcd refuses',
      said({ etcd: "refused: etcd's data is gone" }),
      'complete',
      "refused: etcd's data is gone",
    ],
    ['its apiserver', said({}), 'complete', 'its apiserver does not answer yet'],
  ])('say what they wait for first: %s', async (_, annotations, files, lastError) => {
    host.setNode('master2', '10.0.0.2', { annotations, ready: false });
    const [, second] = await seen();
    expect(second).toMatchObject({ joined: true, files, apiserver: 'absent', lastError });
  });

  it('are whole in the end, and say so when a node is not Ready or a file was changed', async () => {
    host.healthy.add('10.0.0.2');
    host.setNode('master2', '10.0.0.2', { annotations: said({}) });
    expect((await seen())[1]).toEqual({
      ...{ name: 'master2', address: '10.0.0.2', joined: true, files: 'complete' },
      ...{ apiserver: 'healthy', ready: true },
    });
    host.setNode('master2', '10.0.0.2', { annotations: said({}), ready: false });
    expect((await seen())[1]?.lastError).toBe('cni is not ready');
    host.setNode('master2', '10.0.0.2', { annotations: said({ changed: ['/etc/b'] }) });
    expect((await seen())[1]?.lastError).toBe('/etc/b was changed by somebody');
  });
});
