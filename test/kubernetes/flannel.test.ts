import { describe, expect, it } from 'vitest';
import { flannelObjects } from '../../source/kubernetes/flannel';
import type { Settings } from '../../source/variables/settings';
import { settings as load } from '../variables/told';

const MASTER = { hostname: 'master1', address: '10.0.0.1' };

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
}

function containerOf(settings: Settings): Container {
  const daemon = flannelObjects(settings, MASTER).find(({ kind }) => kind === 'DaemonSet') as unknown as {
    readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
  };
  const [container] = daemon.spec.template.spec.containers;
  if (container === undefined) throw new Error('flannel has no container');
  return container;
}

const valueOf = ({ env }: Container, name: string) => env.find(one => one.name === name)?.value;

describe('flannel', () => {
  it("uses the interface of each node's own address, not the default route's (flannel#1353)", async () => {
    const container = containerOf(await load({}));
    expect(container.args).toContain('--iface=$(NODE_IP)');
    expect(container.env.find(one => one.name === 'NODE_IP')?.valueFrom).toEqual({
      fieldRef: { fieldPath: 'status.hostIP' },
    });
  });

  it('asks an address that a host without a default route has a way to', async () => {
    const alone = containerOf(await load({}));
    expect(valueOf(alone, 'KUBERNETES_SERVICE_HOST')).toBe('10.0.0.1');
    expect(valueOf(alone, 'KUBERNETES_SERVICE_PORT')).toBe('6443');
    const behind = containerOf(await load({ vip: 'vip.lab', masters: 'master1,master2,master3' }));
    expect(valueOf(behind, 'KUBERNETES_SERVICE_HOST')).toBe('10.0.0.100');
    const elb = containerOf(await load({ vip: 'elb.lab', platform: 'aws' }));
    expect(valueOf(elb, 'KUBERNETES_SERVICE_HOST')).toBeUndefined();
  });
});
