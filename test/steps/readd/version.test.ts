import type * as crypto from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { recoveryWork } from '../../../source/recovery/work';
import { configurationOf } from '../../recovery/recorded';
import { settings as settingsOf } from '../../variables/told';
import { apply } from '../etcd-apply';
import { installed, type Installed } from './installed';
import { ReaddHost } from './readd-host';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const TOLD = { vip: '10.0.0.100', masters: 'master1,master2,master3' };
let made: Installed;

beforeAll(async () => {
  made = await installed(await settingsOf(TOLD), await configurationOf(TOLD));
}, 60_000);

/** master3 has lost its disk; one version is stored for it, and another may run. */
async function putBack(stored: string, runs: string): Promise<ReaddHost> {
  const host = new ReaddHost(made).empty('master3');
  host.secrets
    .get('master3')
    ?.set('manifests.kube-apiserver.yaml', `kind: Pod\n    image: r:5000/kube-apiserver:v${stored}\n`);
  host.respond(/:6443\/version$/, {
    ...{ status: 200, headers: {}, roundTripMs: 1 },
    body: JSON.stringify({ gitVersion: `v${runs}` }),
  });
  const { stages } = await recoveryWork(host, { command: 'readd-member' } as never);
  const steps = stages
    .flatMap(stage => stage.steps)
    .filter(({ id }) => !['etcdctl', 'verify-cluster'].includes(id));
  const run = apply(steps, host);
  if (stored === runs) await run;
  else
    await expect(run).rejects.toThrow(
      /older than the control plane that runs, v1\.21\.0 \(the apiserver on master1\)/,
    );
  return host;
}

describe('what is stored for a master', () => {
  it('is not put beside a control plane that kubeadm has upgraded: nothing is changed', async () => {
    const host = await putBack('1.20.2', '1.21.0');
    expect(host.changes).toEqual([]);
    expect([...host.who].sort()).toEqual(['master1', 'master2', 'master3']);
  });

  it('is put back where it is as new as what runs', async () => {
    const host = await putBack('1.20.2', '1.20.2');
    expect(host.changes.length).toBeGreaterThan(0);
  });
});
