import { beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../../../source/engine/event';
import { Lab, until } from '../lab';
import type { LabHost } from '../lab';
import { expectWorkingMaster } from './cluster';
import { complaint, endState, eventsOfType, freshHost, home, install } from './support';

type Moment = (event: Event) => boolean;

/** When the installer is killed: by what its events say at that moment. */
const moments: Readonly<Record<string, Moment>> = {
  'while packages are installed': event => event.type === 'change-started' && event.change.kind === 'install',
  'while etcd is awaited': event => event.type === 'wait-started' && event.title.includes('etcd'),
  'just before kubeadm init': event => event.type === 'step-planned' && event.step === 'kubeadm-init',
  'in the middle of kubeadm init': event =>
    event.type === 'output' && event.line.includes('[kubeconfig] Writing'),
  'right after kubeadm init': event => event.type === 'step-finished' && event.step === 'kubeadm-init',
};

async function killWhen(host: LabHost, moment: Moment): Promise<void> {
  const pid = (
    await host.succeed(
      `cd ${home}; setsid ./kube-el7-install --yes --output json >/root/events.jsonl 2>/root/stderr </dev/null & echo $!`,
    )
  ).trim();
  await until('the moment to kill the installer at', 600_000, async () => {
    const lines = (await host.read('/root/events.jsonl')).split('\n').slice(0, -1);
    const events = lines.map(line => JSON.parse(line) as Event);
    if (events.some(moment)) return;
    const alive = (await host.run(`kill -0 ${pid}`)).code === 0;
    const last = events[events.length - 1];
    throw new Error(`the installer ${alive ? 'is at' : 'ended at'} ${JSON.stringify(last).slice(0, 300)}`);
  });
  await host.succeed(`kill -9 ${pid}`);
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
