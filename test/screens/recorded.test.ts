import { describe, expect, it } from 'vitest';
import type { Event } from '../../source/engine/event';
import { FakeInstaller } from './support/fake-installer';
import { atRun } from './support/opened';

/** Moments of the recorded installation, by what was printed or awaited in them. */
const MOMENTS: readonly (readonly [name: string, fits: (event: Event) => boolean, shows: string])[] = [
  ['packages', event => event.type === 'output' && event.line.includes('kubelet-1.20.2-0.x86_64'), 'kubelet'],
  [
    'certificates',
    event => event.type === 'change-started' && event.step === 'etcd-certificates' && event.index === 3,
    'healthcheck-client',
  ],
  ['etcd', event => event.type === 'wait-progress' && event.step === 'etcd', 'ECONNREFUSED'],
  [
    'kubeadm',
    event => event.type === 'output' && event.line.startsWith('[wait-control-plane]'),
    'wait-control',
  ],
  [
    'flannel',
    event => event.type === 'wait-progress' && event.lastError.includes('PodInit'),
    'PodInitializing',
  ],
  ['coredns', event => event.type === 'wait-progress' && event.lastError.includes('nodes are'), 'taint'],
];

describe.each([
  [80, 24],
  [120, 40],
])('a recorded installation at %i by %i', (columns, rows) => {
  it('shows at each moment what is done and what is awaited, and at the end what is there', async () => {
    const installer = new FakeInstaller();
    installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: '10.160.3.1:5000' };
    installer.runs = ['install-recorded'];
    const screens = await atRun({ installer, columns, rows });
    for (const [name, fits, shows] of MOMENTS) {
      screens.play(fits);
      await screens.sees(shows);
      await expect(screens.frame).toMatchFileSnapshot(`frames/recorded-${name}-${columns}x${rows}.txt`);
    }
    screens.play();
    await screens.sees('Kubernetes is up');
    await expect(screens.frame).toMatchFileSnapshot(`frames/recorded-summary-${columns}x${rows}.txt`);
    screens.press('c');
    await screens.sees('certificates and notes');
    await expect(screens.frame).toMatchFileSnapshot(`frames/recorded-details-${columns}x${rows}.txt`);
  });
});
