import { beforeAll, describe, expect, it } from 'vitest';
import { changesOn } from '../../source/changes';
import type { Change } from '../../source/engine/change';
import type { Step } from '../../source/engine/step';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';
import { apply, everything, growth } from './etcd-apply';
import { EtcdHost } from './etcd-host';

const TOLD = { vip: '10.0.0.100', masters: 'master1,master2,master3' };
const OLD = { ...TOLD, text: 'DOCKER_REGISTRY=10.0.0.5:5000\nETCD_IMAGE=10.0.0.5:5000/etcd:3.3.15-0\n' };
const silent = { output: () => undefined, note: () => undefined, secret: () => undefined };

let settings: Settings;
let old: Settings;

beforeAll(async () => {
  settings = await settingsOf(TOLD);
  old = await settingsOf(OLD);
});

describe('etcd that is slow to answer', () => {
  it.each([
    ['with learners', () => settings],
    ['without learners', () => old],
  ])('grows all the same %s where each change is done and its answer lost', async (_, told) => {
    const whole = new EtcdHost();
    await apply(everything(told()), whole);
    const host = new EtcdHost();
    await apply(everything(told()), host, change => {
      host.dropped = change.kind === 'run' ? 2 : 0;
      host.lost = change.kind === 'run' ? 1 : 0;
    });
    expect(host.who).toEqual(whole.who);
    expect([...host.turns]).toEqual([...whole.turns]);
    const adds = host.executed.filter(command => command.includes(' member add '));
    // Of each: two that etcd has not done, one that it has, and one that is told so.
    expect(adds).toHaveLength(2 * 4);
    expect(host.executed.filter(command => command.includes(' member promote ')).length).toBe(
      told() === old ? 0 : 2 * 4,
    );
  });

  it.each(['etcd-add-master2', 'etcd-promote-master2'])(
    'takes what %s has done for done on the next look, where no answer ever came',
    async id => {
      const host = new EtcdHost();
      const steps = growth(settings);
      const at = steps.findIndex(step => step.id === id);
      await apply(steps.slice(0, at), host);
      const asked = (): number => host.executed.filter(one => /member (add|promote)/.test(one)).length;
      const changes = (steps[at] as Step).plan(await (steps[at] as Step).probe(host));
      const change = changes.find(({ kind }) => kind === 'run');
      if (change?.kind !== 'run') throw new Error(`${id} changes nothing`);
      host.lost = 1;
      await expect(changesOn(host).perform(change, silent)).rejects.toThrow(/code 1/);
      const before = asked();
      await apply(steps.slice(at, at + 1), host);
      expect(asked()).toBe(before);
      await apply(everything(settings), host);
      expect(host.who).toEqual(['master1', 'master2', 'master3']);
    },
  );

  it('is not given up before etcdctl, and no kubectl before the apiserver, say that it took too long', async () => {
    const runs: Extract<Change, { kind: 'run' }>[] = [];
    await apply(everything(settings), new EtcdHost(), change => {
      if (change.kind === 'run') runs.push(change);
    });
    for (const { title, command, timeoutMs } of runs) {
      const [limit = '60s'] = command.args
        .flatMap(arg => /^--command-timeout=(\d+s)$/.exec(arg)?.[1] ?? [])
        .slice(-1);
      expect(timeoutMs, title).toBeGreaterThan(Number.parseInt(limit, 10) * 1000);
    }
    expect(new Set(runs.map(({ command }) => command.file.replace(/^.*\//, '')))).toEqual(
      new Set(['etcdctl', 'kubectl']),
    );
  });
});
