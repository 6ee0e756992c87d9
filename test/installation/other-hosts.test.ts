import { describe, expect, it } from 'vitest';
import { step } from '../../source/engine/step';
import { FIRST_JOIN_WORKER, JOIN_WORKER } from '../../source/steps/paths';
import { openInstaller } from '../../source/installation/installation';
import { otherHosts } from '../../source/installation/other-hosts';
import { FakeHost } from '../support/fake-host';
import { settings as settingsOf } from '../variables/told';
import { fileStep, given, portsOn, recipeOf } from './ports';

const CA = '/site/ca.crt';

describe('other hosts', () => {
  it('are reached only where ssh was asked for', async () => {
    const settings = await settingsOf({ vip: 'vip.lab', masters: 'master1,master2' });
    expect((await otherHosts(settings, new FakeHost(), undefined)).hosts.size).toBe(0);
    const others = await otherHosts({ ...settings, ssh: { user: 'root' } }, new FakeHost(), undefined);
    expect([...others.hosts.keys()]).toEqual(['master2']);
    await others.close();
  });

  it('read the files of this host that the settings name, and the command to join', async () => {
    const settings = await settingsOf({ vip: 'vip.lab', masters: 'master1,master2' });
    const here = new FakeHost({ [CA]: 'the CA', [JOIN_WORKER]: 'kubeadm join' });
    const registry = { ...settings.registry, caFile: CA };
    const { hosts } = await otherHosts({ ...settings, registry, ssh: { user: 'root' } }, here, undefined);
    expect((await hosts.get('master2')?.read(CA))?.toString()).toBe('the CA');
    expect((await hosts.get('master2')?.read(FIRST_JOIN_WORKER))?.toString()).toBe('kubeadm join');
  });

  it('are handed to checks, plan and run, and let go of after each', async () => {
    const host = new FakeHost({ '/site/variables': 'DOCKER_REGISTRY=10.0.0.5:5000\n' });
    const master2 = new FakeHost({}, 'master2');
    const marks: (string | undefined)[] = [];
    let closed = 0;
    const others = (_: unknown, __: unknown, run?: string) => {
      marks.push(run);
      return Promise.resolve({
        hosts: new Map([['master2', master2]]),
        close: () => {
          closed += 1;
          return Promise.resolve();
        },
      });
    };
    const checked: (readonly string[])[] = [];
    const recipe = {
      ...recipeOf([], [step({ ...fileStep('/etc/made', 'x\n'), host: 'master2' })]),
      checks: (_: unknown, reached: ReadonlyMap<string, unknown>) => {
        checked.push([...reached.keys()]);
        return Promise.resolve([]);
      },
    };
    const { installer } = await openInstaller(given, recipe, portsOn(host, { others }));
    const loaded = await installer.settings({});
    if (!('settings' in loaded)) throw new Error('no settings');
    const listener = () => undefined;
    await installer.preflight(loaded.settings, listener);
    expect((await installer.plan(loaded.settings)).steps[0]?.changes).toHaveLength(1);
    const { signal } = new AbortController();
    const ask = () => Promise.resolve('quit');
    expect(await installer.run(loaded.settings, { listener, ask, signal })).toBe('succeeded');
    expect(checked).toEqual([['master2']]);
    expect(master2.text('/etc/made')).toBe('x\n');
    expect(host.changes).toEqual([]);
    expect(closed).toBe(3);
    expect(marks.map(mark => typeof mark)).toEqual(['undefined', 'undefined', 'string']);
  });
});
