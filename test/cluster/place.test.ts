import { describe, expect, it } from 'vitest';
import { readPlace } from '../../source/cluster/place';
import { OWN_ETCD } from '../../source/kubernetes/own-etcd';
import { ResetHost } from '../steps/reset/reset-host';

const APISERVER = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const CONFIG = '/var/lib/kube-el7-install/kubeadm-init.yaml';
const SANS = ['master1', '10.0.0.1', 'master2', '10.0.0.2', 'master3', '10.0.0.3', '10.0.0.100', 'localhost'];
const CONFIGURATION = `kind: ClusterConfiguration\napiServer:\n  certSANs:\n${SANS.map(one => `  - ${one}\n`).join('')}  - 127.0.0.1\n`;

/** A master whose apiserver and kubeadm name the etcd beside it alone. */
function host(): ResetHost {
  const made = new ResetHost();
  made.put(APISERVER, `- --etcd-servers=${OWN_ETCD}\n`);
  made.put(CONFIG, CONFIGURATION);
  return made;
}

const addresses = async (made: ResetHost): Promise<readonly string[]> =>
  (await readPlace(made)).others.map(({ address }) => address);

describe('the other masters of a cluster', () => {
  it('are those that etcd lists', async () => {
    expect(await addresses(host())).toEqual(['10.0.0.2', '10.0.0.3']);
  });

  it('are told by another member where the one here does not run', async () => {
    const made = host();
    made.broken.add('master1');
    const place = await readPlace(made);
    expect(place.members?.map(({ name }) => name)).toEqual(['master1', 'master2', 'master3']);
    expect(place.external).toEqual([]);
  });

  it('are those of the record where nobody answers', async () => {
    const made = host();
    for (const name of ['master1', 'master2', 'master3']) made.broken.add(name);
    expect((await readPlace(made)).members).toBeUndefined();
    expect(await addresses(made)).toEqual(['10.0.0.2', '10.0.0.3']);
  });
});
