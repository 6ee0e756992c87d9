import { describe, expect, it } from 'vitest';
import { changesOn } from '../../../source/changes';
import { prepareSteps } from '../../../source/steps/prepare';
import { El7, LOGIN, apply, planOf, settingsWith } from './el7';

describe('the stage prepare', () => {
  it('brings a fresh host to where nothing is left to do, and changes nothing the second time', async () => {
    const host = new El7({
      '/proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition\t2097148\t0\t-2\n',
      '/etc/fstab': '/dev/sda1 / xfs defaults 0 0\n/dev/sda2 swap swap defaults 0 0\n',
    })
      .unit('firewalld.service', 'active', 'enabled')
      .unit('NetworkManager.service', 'active', 'enabled')
      .answer('systemctl reload NetworkManager.service');
    const base = await settingsWith({ yumRepository: 'http://10.0.0.5/el7', systemReserved: 'cpu=100m' });
    const steps = prepareSteps({ ...base, registry: { ...base.registry, login: LOGIN } });
    for (const step of steps) {
      const changes = await apply(step, host);
      expect(changes, step.id).not.toEqual([]);
    }
    const before = host.changes.length;
    for (const step of steps) expect(await planOf(step, host), step.id).toEqual([]);
    expect(host.changes.length).toBe(before);
  });

  it('names each step once, and only steps before it as what it comes after', async () => {
    const steps = prepareSteps(await settingsWith({ yumRepository: 'http://10.0.0.5/el7' }));
    const seen = new Set<string>();
    for (const step of steps) {
      expect(seen.has(step.id)).toBe(false);
      for (const id of step.after) expect(seen.has(id), `${step.id} after ${id}`).toBe(true);
      seen.add(step.id);
    }
  });

  it('probes without changing anything, and shows no password in what it plans', async () => {
    const host = new El7();
    const base = await settingsWith();
    for (const step of prepareSteps({ ...base, registry: { ...base.registry, login: LOGIN } })) {
      const changes = await planOf(step, host);
      const shown = JSON.stringify([changes, changes.map(change => changesOn(host).describe(change))]);
      expect(shown).not.toContain('canary-password');
      expect(shown).not.toContain(Buffer.from('node:canary-password').toString('base64'));
    }
    expect(host.changes).toEqual([]);
  });
});
