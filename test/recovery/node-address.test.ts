import type * as crypto from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { examine } from '../../source/recovery/examine';
import { verdictCheck } from '../../source/recovery/check';
import { readRecord } from '../../source/recovery/record';
import { recoveryWork } from '../../source/recovery/work';
import { internalAddress } from '../../source/kubernetes/master-state';
import { readdOut } from '../../source/steps/readd/out';
import { KEPT_KUBEADM_CONFIG, KUBEADM_CONFIG } from '../../source/steps/paths';
import { installed, type Installed } from '../steps/readd/installed';
import { ReaddHost } from '../steps/readd/readd-host';
import { settings as settingsOf } from '../variables/told';
import { configurationOf } from './recorded';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const TOLD = { vip: '10.0.0.100', masters: 'master1,master2,master3' };
const GIVEN = { command: 'readd-member' } as never;
const SECOND_CARD = '172.16.0.3';

let made: Installed;

beforeAll(async () => {
  made = await installed(await settingsOf(TOLD), await configurationOf(TOLD));
}, 60_000);

/** master3's node reports the address of its second card; its etcd runs where it did. */
function twoCards(name = 'master3', host = new ReaddHost(made)): ReaddHost {
  host.nodes.set(name, SECOND_CARD);
  return host;
}

const list = (...addresses: readonly string[]) => ({
  metadata: { name: 'master3' },
  status: { addresses: addresses.map(address => ({ type: 'InternalIP', address })) },
});

describe('a node that reports another address', () => {
  it('is no reason to take its member out while etcd is well where it is recorded', async () => {
    const host = twoCards();
    const found = await examine(host);
    expect(found).toMatchObject({ verdict: 'wait', readd: [] });
    expect(found?.members[2]).toMatchObject({ condition: 'node-address', healthy: true });
    expect(found?.members[2]).not.toHaveProperty('outgoing');
    expect(found?.summary).toContain('its etcd is well at 10.0.0.3, and its node reports 172.16.0.3');
    expect(found?.hint).toContain('--node-ip=10.0.0.3');
    expect((await verdictCheck(GIVEN).run(host)).at(-1)).toMatchObject({ level: 'fatal' });
    expect((await recoveryWork(host, GIVEN)).stages).toEqual([]);
  });

  it('is none either where it is this host, or where etcd there has an alarm and says that it is not healthy', async () => {
    expect(await examine(twoCards('master1'))).toMatchObject({
      verdict: 'wait',
      hint: expect.stringContaining('--node-ip=10.0.0.1') as string,
    });
    const full = { status: 503, headers: {}, roundTripMs: 1, body: '{"health":"false"}' };
    const host = twoCards().respond('https://10.0.0.3:2381/health', full);
    expect((await examine(host))?.members[2]).not.toHaveProperty('outgoing');
  });

  it('does not keep another one from being put back', async () => {
    const found = await examine(twoCards('master3', new ReaddHost(made).empty('master2')));
    expect(found).toMatchObject({ verdict: 'readd', readd: ['master2'] });
    expect(found?.hint).toContain('master3 is left as found');
  });

  it('is one where nobody answers at the recorded address any more', async () => {
    expect(await examine(new ReaddHost(made).replace('master3', SECOND_CARD))).toMatchObject({
      verdict: 'readd',
      readd: ['master3'],
    });
  });

  it('ends no etcd that has come to answer since it was looked at', async () => {
    const host = twoCards();
    const record = await readRecord(host);
    const [here, second, third] = record?.masters ?? [];
    if (record === undefined || here === undefined || second === undefined || third === undefined)
      throw new Error('no record');
    const due = { recorded: third, master: { ...third, address: SECOND_CARD }, outgoing: '162' };
    const outgoing = (await examine(host))?.members[2]?.id ?? '';
    const readd = {
      settings: record.settings,
      here,
      steady: [here, second],
      away: [],
      untouched: [],
      alarms: [],
      due: [],
      moves: new Map(),
    };
    const step = readdOut(readd, { ...due, outgoing }, []);
    const observed = await step.probe(host);
    expect(() => step.plan(observed)).toThrow(/is well at its recorded address 10\.0\.0\.3/);
  });
});

describe('where a member is looked for', () => {
  it.each<[string, ReturnType<typeof list>, string | undefined]>([
    ['the recorded address, whatever comes before it', list('fd00::3', SECOND_CARD, '10.0.0.3'), '10.0.0.3'],
    ['the first IPv4 address', list('fd00::3', '10.0.0.13', SECOND_CARD), '10.0.0.13'],
    ['nowhere else, where there are IPv6 ones alone', list('fd00::3'), undefined],
    ['nowhere else, where there is none', list(), undefined],
  ])('%s', (_, node, address) => {
    expect(internalAddress(node, '10.0.0.3')).toBe(address);
  });

  it('is where it is recorded while its node is gone, or the API does not answer', async () => {
    const gone = new ReaddHost(made);
    gone.nodes.delete('master3');
    expect((await examine(gone))?.verdict).toBe('whole');
    const silent = twoCards().respond(/6443/, { error: 'connect ECONNREFUSED' });
    expect((await examine(silent))?.verdict).toBe('whole');
  });

  it('is known by its name, in whatever case that was written down', async () => {
    const host = twoCards();
    for (const path of [KUBEADM_CONFIG, KEPT_KUBEADM_CONFIG]) {
      const text = host.text(path);
      if (text !== undefined) host.put(path, text.replaceAll('- master3', '- MASTER3'));
    }
    const found = await examine(host);
    expect(found?.members.map(({ name, condition }) => [name, condition])[2]).toEqual([
      'master3',
      'node-address',
    ]);
  });
});
