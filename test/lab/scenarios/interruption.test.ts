import { beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../../../source/engine/event';
import { Lab } from '../lab';
import type { LabHost } from '../lab';
import { expectWorkingMaster } from './cluster';
import { complaint, endState, eventsOfType, freshHost, install } from './support';
import { InstallUnderWay } from './under-way';

type Moment = (event: Event) => boolean;

/** When the installer is killed: in the midst of a change, by what the program says that makes it. At the entries of its journal it is killed by `npm run lab -- faults`. */
const moments: Readonly<Record<string, Moment>> = {
  'in the middle of kubeadm init': event =>
    event.type === 'output' && event.line.includes('[kubeconfig] Writing'),
};

async function killWhen(host: LabHost, moment: Moment): Promise<void> {
  const installer = InstallUnderWay.start(host);
  await installer.reaches('the moment to kill the installer at', moment);
  await installer.kill();
}

describe('the installer, killed with kill -9 and run again', () => {
  let lab: Lab;
  let expected: string;

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    const master = await freshHost(lab, 'master1');
    const run = await install(master);
    expect(complaint(run)).toBe('');
    expected = await endState(master);
  });

  for (const [name, moment] of Object.entries(moments)) {
    test(`${name}: comes to the same end`, async () => {
      const master = await freshHost(lab, 'master1');
      await killWhen(master, moment);
      const run = await install(master);
      expect(complaint(run)).toBe('');
      expect(eventsOfType(run.events, 'run-started')[0]?.resumed).toBe(true);
      await expectWorkingMaster(master, { tiller: false });
      expect(await endState(master)).toBe(expected);
      const again = await install(master);
      expect(
        eventsOfType(again.events, 'step-finished').filter(event => event.outcome !== 'unchanged'),
      ).toEqual([]);
    });
  }
});
