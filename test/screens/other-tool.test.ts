import { describe, expect, it } from 'vitest';
import type { Standing } from '../../source/screens/state/menu-types';
import { FakeInstaller } from './support/fake-installer';
import { Opened } from './support/opened';

const standing: Standing = {
  host: 'node7',
  kind: 'master',
  other: 'a master of a cluster that kubeadm made, not this installer (/etc/kubernetes/manifests/etcd.yaml)',
  underWay: false,
  undoable: true,
};

describe('the menu on a master that another tool made', () => {
  it('says whose it is, asks its etcd nothing, and offers reset alone', async () => {
    const screens = new Opened({
      installer: new FakeInstaller(),
      opening: { kind: 'menu', standing },
      offers: { standing: () => Promise.resolve(standing) },
    });
    await screens.sees('kubeadm made');
    await expect(screens.frame).toMatchFileSnapshot('frames/menu-other-80x24.txt');
  });
});
