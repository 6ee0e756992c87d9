import { describe, expect, it } from 'vitest';
import { departure } from '../../source/checks/reset';
import { ResetHost } from '../steps/reset/reset-host';
import { found } from './found';

const unasked = { unasked: true, acceptsLoss: false };
const accepting = { unasked: true, acceptsLoss: true };

describe("a host's departure", () => {
  it('is free for one of three masters, with the arithmetic', async () => {
    const findings = await found(departure(unasked), new ResetHost());
    expect(findings.map(({ level }) => level)).toEqual(['ok', 'warning']);
    expect(findings[0]?.message).toContain(
      'now 3 of 3 voters are healthy, quorum 2; without this host 2 of 2, quorum 2',
    );
  });

  it('is refused for the second of three when one is gone, whatever is accepted, and says what would make it possible', async () => {
    const host = new ResetHost();
    host.broken.add('master3');
    const [finding] = await found(departure(accepting), host);
    expect(finding).toMatchObject({ level: 'fatal' });
    expect(finding?.message).toContain(
      'now 2 of 3 voters are healthy, quorum 2; without this host 1 of 2, quorum 2',
    );
    expect(finding?.fix).toContain('Have etcd on master3 well again');
  });

  it('is free where the others are well and its own etcd is not', async () => {
    const host = new ResetHost();
    host.broken.add('master1');
    expect((await found(departure(unasked), host))[0]?.level).toBe('ok');
  });

  it('is refused where two are left and the other one is silent: etcd could not even note it', async () => {
    const host = new ResetHost(2);
    host.broken.add('master2');
    expect((await found(departure(accepting), host))[0]?.level).toBe('fatal');
  });

  it('is refused where nobody tells what it would cost, until the loss is accepted', async () => {
    const host = new ResetHost();
    for (const name of ['master1', 'master2', 'master3']) host.broken.add(name);
    expect((await found(departure(unasked), host))[0]).toMatchObject({ level: 'fatal' });
    expect((await found(departure(unasked), host))[0]?.fix).toContain('--accept-data-loss');
    expect((await found(departure(accepting), host))[0]?.level).toBe('warning');
  });

  it('of the only master needs more than --yes', async () => {
    const host = new ResetHost(1);
    host.put('/etc/kubernetes/manifests/kube-apiserver.yaml', '- --etcd-servers=https://10.0.0.1:2379\n');
    const [refused] = await found(departure(unasked), host);
    expect(refused).toMatchObject({ level: 'fatal' });
    expect(refused?.fix).toContain('--accept-data-loss');
    expect((await found(departure(accepting), host))[0]?.level).toBe('warning');
    expect((await found(departure({ ...unasked, unasked: false }), host))[0]?.level).toBe('warning');
  });

  it('of a worker says what is left to do on a master', async () => {
    const host = new ResetHost();
    for (const [path] of host.modes()) if (path !== '/etc/kubernetes/kubelet.conf') host.drop(path);
    const [finding] = await found(departure(unasked), host);
    expect(finding?.level).toBe('warning');
    expect(finding?.fix).toContain('kubectl delete node master1');
  });

  it('that was interrupted after the host had left etcd goes on', async () => {
    const host = new ResetHost();
    host.put('/var/lib/kube-el7-install/kept/20261125T180000Z/unfinished', 'reset\n');
    host.put('/var/lib/kube-el7-install/kept/20261125T180000Z/left-etcd', 'yes\n');
    for (const name of ['master2', 'master3']) host.broken.add(name);
    expect((await found(departure(unasked), host))[0]?.level).toBe('ok');
  });
});
