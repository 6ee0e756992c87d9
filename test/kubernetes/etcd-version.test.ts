import { expect, it } from 'vitest';
import { faultIn } from '../../source/kubernetes/etcd-version';
import { factsFor } from '../../source/kubernetes/versions';

it.each([
  ['r:5000/etcd:3.5.0-0', /13766/],
  ['r:5000/etcd:v3.5.1', /13766/],
  ['r:5000/etcd:3.5.2', /13766/],
  ['r:5000/etcd:3.5.4-0', /14370/],
  ['r:5000/etcd:3.5.5-0', /14685/],
  ['r:5000/etcd:3.5.6-0', undefined],
  ['r:5000/etcd:3.5.12-0', undefined],
  ['r:5000/etcd:3.4.13-0', undefined],
  ['r:5000/etcd:ours', undefined],
  ['r:3500/etcd@sha256:aa', undefined],
])('%s has a known fault: %s', (image, fault) => {
  const what = faultIn(image)?.what;
  if (fault === undefined) expect(what).toBeUndefined();
  else expect(what).toMatch(fault);
});

it('no version of Kubernetes has such an etcd by default, whatever its patch', () => {
  for (let minor = 16; minor <= 23; minor += 1) {
    for (const patch of [0, 1, 14, 17]) {
      const tag = factsFor(`1.${minor}.${patch}`)?.tags.etcd ?? '';
      expect(faultIn(`r/etcd:${tag}`), `1.${minor}.${patch}: ${tag}`).toBeUndefined();
    }
  }
});
