/**
 * The screens on a real terminal with a stand-in for the installer that replays a stream:
 *   npx tsx test/screens/demo.tsx [stream] [speed]
 * stream: succeeded (default), install-recorded, failed, unchanged, several-masters, several-masters-failed; speed: 1 is as recorded. Nothing is installed.
 */
import { writeFile } from 'node:fs/promises';
import type { Event } from '../../source/engine/event';
import { openScreens } from '../../source/screens/index';
import { FakeInstaller, stream, type StreamName } from './support/fake-installer';

const [name = 'succeeded', speed = '1'] = process.argv.slice(2);

const installer = new FakeInstaller();
installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: '10.160.24.5:5000' };
installer.runs = [name as StreamName];
if (name.startsWith('several-masters')) {
  installer.defaults = { ...installer.defaults, vip: '10.160.24.100', masters: 'master1,master2,master3' };
  const [plan] = stream('several-masters-plan');
  if (plan?.type === 'plan') installer.plans = [() => Promise.resolve(plan)];
}
installer.preflights = ['preflight-fatal', 'preflight-warning'];
installer.replay = async (events, listener) => {
  let previous = events[0]?.time ?? '';
  for (const event of events) {
    const pause = (Date.parse(event.time) - Date.parse(previous)) / Number(speed);
    if (pause > 0) {
      await new Promise(resolve => setTimeout(resolve, pause));
    }
    if (installer.signal?.aborted === true) {
      return;
    }
    previous = event.time;
    // As of now, so that elapsed times are those of this replay.
    const now: Event = { ...event, time: new Date().toISOString() };
    listener(now);
  }
};

const code = await openScreens({
  installer,
  product: 'kube-el7-install 0.1.0',
  signal: new AbortController().signal,
  savePlan: async text => {
    await writeFile('/tmp/kube-el7-install-demo-plan.txt', text, { mode: 0o600 });
    return '/tmp/kube-el7-install-demo-plan.txt';
  },
});
process.exit(code);
