import type * as crypto from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../source/engine/change';
import { Failure, type FailureReport } from '../../source/engine/failure';
import type { Step } from '../../source/engine/step';
import { waitUntil } from '../../source/engine/wait';
import { isMet } from '../../source/steps/manifest';
import { masterCertificates } from '../../source/steps/master-certificates';
import { masterFiles } from '../../source/steps/master-files';
import { otherMaster } from '../../source/steps/other-master';
import { storeMasters } from '../../source/steps/store-masters';
import type { Settings } from '../../source/variables/settings';
import { FakeClock } from '../support/fake-clock';
import { lookedUpHost, settings as settingsOf } from '../variables/told';
import { apply, MASTER, MastersHost, planned } from './masters-host';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

let settings: Settings;
let stored: MastersHost;
let host: MastersHost;
let step: Step;
let joining: Step;

beforeAll(async () => {
  settings = await settingsOf({ vip: '10.0.0.100', masters: 'master1,master2', host: lookedUpHost() });
  stored = await MastersHost.made(MASTER);
  const parts = [masterCertificates(settings, MASTER, []), masterFiles(settings, MASTER, [])];
  await apply(stored, [...parts, storeMasters(settings, MASTER, [], 'begin')]);
  stored.setNode('master1', '10.0.0.1');
  const [other] = settings.others;
  if (other === undefined) throw new Error('there is no other master');
  step = otherMaster(settings, MASTER, other, ['store-masters'], 'ready');
  joining = otherMaster(settings, MASTER, other, ['store-masters'], 'made');
}, 60_000);

beforeEach(() => {
  host = stored.copy();
});

const titles = (changes: readonly Change[]): readonly string[] =>
  changes.map(change => (change.kind === 'await' ? change.condition.title : change.kind));

/** The code of the failure that a wait or a plan ends with. */
async function failed(what: () => unknown): Promise<FailureReport> {
  try {
    await what();
  } catch (error) {
    if (error instanceof Failure) return error.report;
    throw error;
  }
  throw new Error('it did not fail');
}

function waited(change: Change | undefined, timeoutMs: number): Promise<number> {
  if (change?.kind !== 'await') throw new Error('that is no wait');
  return waitUntil(host, change.condition, {
    timeoutMs,
    signal: new AbortController().signal,
    clock: new FakeClock(),
    onProgress: () => undefined,
  });
}

const isReached = async (change: Change | undefined): Promise<boolean> =>
  change?.kind === 'await' && (await isMet(host, change.condition));

describe('another master', () => {
  it('is waited for from the join command to the Ready node', async () => {
    const changes = await planned(host, step);
    expect(titles(changes)).toEqual([
      'master2 has joined: run there what "kube-el7-install join-command" prints here, or /var/lib/kube-el7-install/join-worker holds',
      'master2 has all that makes a master',
      'node master2 is Ready, and its apiserver healthy',
    ]);
    const timeouts = changes.map(change => (change.kind === 'await' ? change.timeoutMs / 60_000 : 0));
    expect(timeouts).toEqual([60, 15, 15]);
  });

  it('reaches its stations one by one, each seen in the answers of the apiserver', async () => {
    const [joined, made, ready] = await planned(host, step);
    const met = async () => Promise.all([joined, made, ready].map(isReached));
    expect(await met()).toEqual([false, false, false]);
    host.setNode('master2', '10.0.0.2', { ready: false });
    expect(await met()).toEqual([true, false, false]);
    host.report('master2', settings.facts.masterLabels, false);
    expect(await met()).toEqual([true, false, false]);
    host.report('master2', settings.facts.masterLabels);
    // Enough for etcd to grow: its apiserver may still be starting.
    expect(await planned(host, joining)).toEqual([]);
    host.healthy.add('10.0.0.2');
    expect(await met()).toEqual([true, true, true]);
    expect(await planned(host, step)).toEqual([]);
  });

  it('is not taken for another one whose name begins alike, or that is Ready', async () => {
    host.setNode('master20', '10.0.0.20');
    host.healthy.add('10.0.0.2');
    const [joined, , ready] = await planned(host, step);
    if (joined?.kind !== 'await' || ready?.kind !== 'await') throw new Error('those are no waits');
    expect(await isMet(host, joined.condition)).toBe(false);
    host.objects.delete('/api/v1/nodes/master20');
    host.setNode('master2', '10.0.0.2', { ready: false }).setNode('master3', '10.0.0.3');
    expect(await isMet(host, ready.condition)).toBe(false);
    host.setNode('master2', '10.0.0.2');
    expect(await isMet(host, ready.condition)).toBe(true);
  });

  it('is not complete with files of before, or without its labels', async () => {
    host.report('master2', settings.facts.masterLabels);
    host.healthy.add('10.0.0.2');
    expect(await planned(host, step)).toEqual([]);
    host.report('master2', []);
    expect(titles(await planned(host, step))).toEqual(['master2 has all that makes a master']);
    host.report('master2', settings.facts.masterLabels);
    host.put('/etc/kubernetes/admin.conf', 'renewed\n', 0o600);
    await apply(host, [storeMasters(settings, MASTER, [], 'begin')]);
    expect(titles(await planned(host, step))).toEqual(['master2 has all that makes a master']);
  });

  it('that joined under another name ends the wait, and the plan, at once', async () => {
    const [joined] = await planned(host, step);
    host.setNode('web7', '10.0.0.2');
    const ended = await failed(() => waited(joined, 60_000));
    const told = await step.diagnose?.(host, ended);
    expect(told).toMatchObject({
      code: 'master-other-name',
      hint: expect.stringContaining('web7') as string,
    });
    expect((await failed(() => planned(host, step))).code).toBe('master-other-name');
  });

  it('that joined with another address ends the wait, and the plan, at once', async () => {
    const [, made] = await planned(host, step);
    host.setNode('master2', '10.0.0.77');
    const ended = await failed(() => waited(made, 60_000));
    expect((await step.diagnose?.(host, ended))?.code).toBe('master-other-address');
    expect((await failed(() => planned(host, step))).code).toBe('master-other-address');
  });

  it('that never joined is told with what to do', async () => {
    const [joined] = await planned(host, step);
    const ended = await failed(() => waited(joined, 10_000));
    expect(ended.seen?.join()).toContain('master2 (10.0.0.2) is no node of the cluster yet');
    const told = await step.diagnose?.(host, ended);
    expect(told).toMatchObject({
      code: 'timed-out',
      message: 'master2 (10.0.0.2) has not joined the cluster.',
    });
  });

  it('that does not come further is told with what it says itself, and what its program logged', async () => {
    host
      .setNode('master2', '10.0.0.2', {
        ready: false,
        annotations: {
          'kube-el7-install/master': JSON.stringify({
            ...{ digest: '', complete: false, missing: ['/etc/kubernetes/admin.conf'], changed: [] },
            ...{ etcd: 'wait', did: 'started', at: '2026-11-23T09:00:00Z' },
          }),
        },
      })
      .answer(/^kubectl .* get pods .* spec\.nodeName=master2 /, 'pod kube-el7-install-masters-x\n')
      .answer(/^kubectl .* logs .* kube-el7-install-masters-x /, '09:00:00 the last word\n');
    const told = await step.diagnose?.(host, { code: 'timed-out', message: 'it took too long' });
    expect(told?.seen).toEqual([
      'master2 is not Ready: cni is not ready',
      'master2 says: started (2026-11-23T09:00:00Z)',
      'master2 lacks /etc/kubernetes/admin.conf',
      '09:00:00 the last word',
    ]);
  });

  it('is planned for while there is no apiserver to ask', async () => {
    host.answering = false;
    expect(await planned(host, step)).toHaveLength(3);
  });
});
