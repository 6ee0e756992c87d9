/**
 * The screens on a real terminal with a stand-in for the installer that replays a stream:
 *   npx tsx test/screens/demo.tsx [stream] [speed]
 * stream: succeeded (default), install-recorded, failed, unchanged, several-masters, several-masters-failed; or menu, recovery, lost: the
 * menu, and the screens of a replaced member and of a lost quorum. speed: 1 is as recorded. Nothing is installed.
 */
import { writeFile } from 'node:fs/promises';
import type { Event } from '../../source/engine/event';
import { openScreens } from '../../source/screens/index';
import { gone, lost, replaced } from './support/diagnoses';
import { puttingBack } from './support/putting-back';
import { FakeInstaller, stream, type StreamName } from './support/fake-installer';

const [name = 'succeeded', speed = '1'] = process.argv.slice(2);
const recovery = ['menu', 'recovery', 'lost'].includes(name);
const standing = { host: 'master1', kind: 'master', underWay: false, undoable: true } as const;

const installer = new FakeInstaller();
installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: '10.160.24.5:5000' };
installer.runs = [name as StreamName];
if (name.startsWith('several-masters')) {
  installer.defaults = { ...installer.defaults, vip: '10.160.24.100', masters: 'master1,master2,master3' };
  const [plan] = stream('several-masters-plan');
  if (plan?.type === 'plan') installer.plans = [() => Promise.resolve(plan)];
}
if (recovery) {
  installer.diagnoses = name === 'lost' ? [lost] : [gone, replaced];
  installer.events = puttingBack();
}
installer.preflights = recovery ? ['preflight-ok'] : ['preflight-fatal', 'preflight-warning'];
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
  opening: name === 'menu' ? { kind: 'menu', standing } : { kind: recovery ? 'recovery' : 'wizard' },
  offers: {
    commands: ['install', 'readd-member', 'undo', 'reset'],
    open: () => Promise.resolve(installer),
    standing: () => Promise.resolve(standing),
    supportBundle: () => Promise.resolve('/tmp/kube-el7-install-support.tar.gz'),
  },
  savePlan: async text => {
    await writeFile('/tmp/kube-el7-install-demo-plan.txt', text, { mode: 0o600 });
    return '/tmp/kube-el7-install-demo-plan.txt';
  },
});
process.exit(code);
