import { beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../../../source/engine/event';
import { Lab } from '../lab';
import type { LabHost } from '../lab';
import { expectWorkingMaster } from './cluster';
import { complaint, endState, eventsOfType, freshHost, install } from './support';
import { InstallUnderWay } from './under-way';

/** In the midst of a change, by what the program says that makes it. At the entries of its journal the installer is killed by `npm run lab -- faults`. */
function inKubeadmInit(event: Event): boolean {
  return event.type === 'output' && event.line.includes('[kubeconfig] Writing');
}

async function killInKubeadmInit(host: LabHost): Promise<void> {
  const installer = InstallUnderWay.start(host);
  await installer.reaches('kubeadm init', inKubeadmInit);
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

  test('in the middle of kubeadm init: comes to the same end', async () => {
    const master = await freshHost(lab, 'master1');
    await killInKubeadmInit(master);
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
});
