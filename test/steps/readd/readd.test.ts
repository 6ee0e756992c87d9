import type * as crypto from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../source/engine/change';
import type { Step } from '../../../source/engine/step';
import { examine } from '../../../source/recovery/examine';
import { recoveryWork } from '../../../source/recovery/work';
import { settings as settingsOf } from '../../variables/told';
import { configurationOf } from '../../recovery/recorded';
import { apply } from '../etcd-apply';
import { MASTERS } from '../etcd-host';
import { installed, type Installed } from './installed';
import { ReaddHost } from './readd-host';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const GIVEN = { command: 'readd-member' } as never;
const TOLD = { vip: '10.0.0.100', masters: 'master1,master2,master3' };
const [, SECOND] = MASTERS;

let made: Installed;

beforeAll(async () => {
  made = await installed(await settingsOf(TOLD), await configurationOf(TOLD));
}, 60_000);

/** The steps as the command finds them now; etcdctl is there, and what the others run is no part of this. */
async function steps(host: ReaddHost): Promise<readonly Step[]> {
  const { stages } = await recoveryWork(host, GIVEN);
  return stages.flatMap(stage => stage.steps).filter(({ id }) => id !== 'etcdctl' && id !== 'verify-cluster');
}

async function mend(
  host: ReaddHost,
  before: (change: Change, step: Step) => void = () => undefined,
): Promise<readonly string[]> {
  return apply(await steps(host), host, before);
}

/** How a master is lost, and of how many changes it is killed before one: certificates take their time. */
const cases: readonly (readonly [string, () => ReaddHost, number])[] = [
  ['one with an empty disk', () => new ReaddHost(made).empty('master3'), 1],
  ['one with another address', () => new ReaddHost(made).replace('master3', '10.0.0.13'), 7],
  [
    'the first one, with another address',
    () => new ReaddHost(made, SECOND).replace('master1', '10.0.0.11'),
    13,
  ],
  ['the first one, with an empty disk', () => new ReaddHost(made, SECOND).empty('master1'), 2],
];

describe('masters are put back', () => {
  it.each(cases)('%s: etcd is whole again, and the second time there is nothing to do', async (_, begin) => {
    const host = begin();
    expect((await examine(host))?.verdict).toBe('readd');
    await mend(host);
    expect([...host.who].sort()).toEqual(['master1', 'master2', 'master3']);
    expect([...host.pods.values()]).toEqual(['etcd-cluster', 'etcd-cluster', 'etcd-cluster']);
    expect([...host.turns.values()]).toEqual(['cluster', 'cluster', 'cluster']);
    expect(await examine(host)).toMatchObject({ verdict: 'whole' });
    const again = await steps(host);
    expect(
      again.map(({ id }) => id.replace(/-master\d$/, '')).filter((id, i, ids) => ids.indexOf(id) === i),
    ).toEqual(['etcd-swap', 'own-etcd', 'master', 'readd-leftovers', 'verify-etcd', 'dns-apart']);
    expect(await apply(again, host)).toEqual([]);
  });

  it('where all are well nothing is saved or taken out, and the end says that they are', async () => {
    const host = new ReaddHost(made);
    host.answer(/^ip /);
    const { stages, summarize } = await recoveryWork(host, GIVEN);
    expect(stages.map(({ id }) => id)).toEqual(['swap', 'tell', 'verify']);
    expect((await summarize?.())?.notes).toEqual([
      'All 3 members of etcd are well: quorum 2 of 3, may lose 1.',
    ]);
  });

  it('a Job that an interrupted run has left is removed, though the API is silent when it is asked for it', async () => {
    const host = new ReaddHost(made);
    host.jobs.set('master3', 'Complete');
    // Once as the members are looked at, and once as the step looks.
    host.silentJobs = 2;
    expect(await mend(host)).toEqual(['etcd-swap-master3']);
    expect([host.silentJobs, ...host.jobs]).toEqual([0]);
  });

  it.each(cases)(
    '%s: to the same end when it is killed before a change',
    async (_, begin, each) => {
      const moments: { readonly host: ReaddHost; readonly at: string }[] = [];
      const whole = begin();
      await mend(whole, (change, step) => {
        const what = 'title' in change ? change.title : 'path' in change ? change.path : change.kind;
        moments.push({ host: whole.copy(), at: `${step.id}: ${what}` });
      });
      expect(moments.length).toBeGreaterThan(20);
      for (const { host, at } of moments.filter((_, index) => index % each === 0)) {
        await mend(host).catch((error: unknown) => expect.fail(`after ${at}: ${String(error)}`));
        for (const { hostname } of MASTERS)
          expect(host.text(`/var/lib/kube-el7-install/manifests/readd-${hostname}.yaml`), at).toBeUndefined();
        expect(await examine(host), at).toMatchObject({ verdict: 'whole' });
        expect([...host.who].sort(), at).toEqual([...whole.who].sort());
        for (const { hostname } of MASTERS) {
          const kept = (from: ReaddHost) => ({ ...Object.fromEntries(from.secrets.get(hostname) ?? []) });
          for (const key of ['address', 'etcd-cluster.yaml', 'manifests.kube-apiserver.yaml'])
            expect(kept(host)[key], `${key} of ${hostname} after ${at}`).toBe(kept(whole)[key]);
        }
      }
    },
    240_000,
  );
});
