import { readPlace } from '../../source/cluster/place';
import type { Stage } from '../../source/engine/step';
import { attemptFor, restoreStages } from '../../source/recovery/restore';
import { OWN } from '../../source/recovery/restore/sources';
import { stages, prepareStages, joinStages } from '../../source/steps';
import { readdStages } from '../../source/steps/readd';
import { resetStages } from '../../source/steps/reset';
import { findKeeping, RESET } from '../../source/steps/reset/kept';
import { ResetHost } from './reset/reset-host';
import { FakeHost } from '../support/fake-host';
import { recordOf } from '../recovery/recorded';
import { readdFor } from '../recovery/readd-for';
import { settings as settingsOf, type Shortened } from '../variables/told';
import { MASTER } from './cluster-host';

const MASTERS = 'master1,master2,master3';
const REGISTRY = 'DOCKER_REGISTRY=10.0.0.5:5000\n';

/** What is installed in the graphs that are approved, by name. */
export const INSTALLATIONS: Readonly<Record<string, Shortened>> = {
  'one master': {},
  'one master, a VIP by keepalived, tiller': { vip: '10.0.0.100', text: `${REGISTRY}TILLER=yes\n` },
  'one master, a load balancer, another CLUSTER_DNS': {
    ...{ vip: 'elb.lab', platform: 'aws', text: `${REGISTRY}CLUSTER_DNS=10.96.0.53\n` },
  },
  'three masters, a VIP by keepalived': { vip: '10.0.0.100', masters: MASTERS },
  'three masters, a VIP by name, tiller, --ssh': {
    ...{ vip: 'vip.lab', masters: MASTERS, text: `${REGISTRY}TILLER=yes\n`, ssh: {} },
  },
  'three masters, a load balancer': { vip: 'elb.lab', masters: MASTERS, platform: 'aws' },
  'three masters, where kubeadm keeps no list of them (1.22)': {
    ...{ vip: '10.0.0.100', masters: MASTERS, text: `${REGISTRY}KUBE_VERSION=1.22.0\n` },
  },
};

/** Every graph by name. */
export async function graphs(): Promise<ReadonlyMap<string, readonly Stage[]>> {
  const single = await settingsOf({});
  const installations = await Promise.all(
    Object.entries(INSTALLATIONS).map(async ([name, told]) => {
      return [`install: ${name}`, stages(await settingsOf(told), MASTER)] as const;
    }),
  );
  const record = recordOf(3);
  const source = { id: OWN, revision: 7 } as Parameters<typeof attemptFor>[1];
  const attempt = await attemptFor(new FakeHost(), source, 7, new Date(0));
  const moved = { condition: 'address-changed', newAddress: '10.0.0.13', outgoing: 'a3' } as const;
  const resets = await Promise.all(
    ([1, 3] as const).map(async count => [`reset: one of ${count}`, await reset(count)] as const),
  );
  return new Map([
    ...installations,
    ...resets,
    ['prepare', prepareStages(single)],
    ['join-command', joinStages(single, MASTER)],
    [
      'readd: a master with an empty disk',
      readdStages(readdFor(record, { master3: { condition: 'wiped', outgoing: 'a3' } })),
    ],
    ['readd: a master with another address', readdStages(readdFor(record, { master3: moved }))],
    [
      'readd: two of five masters',
      readdStages(
        readdFor(recordOf(5), {
          master4: { condition: 'wiped', outgoing: 'a4' },
          master5: { condition: 'wiped' },
        }),
      ),
    ],
    ['readd: none that is due', readdStages(readdFor(record, {}))],
    ['restore: from what etcd has here', restoreStages(record, { id: OWN }, { attempt })],
    ['restore: from a snapshot', restoreStages(record, { id: 'snapshot.db' }, { attempt })],
  ]);
}

async function reset(masters: 1 | 3): Promise<readonly Stage[]> {
  const host = new ResetHost(masters);
  const keeping = await findKeeping(host, RESET, { now: new Date(0), keeps: true });
  return resetStages(await settingsOf({}), await readPlace(host), keeping);
}

/** A graph for people: each step with what it comes after. */
export function drawn(all: ReadonlyMap<string, readonly Stage[]>): string {
  return [...all].map(([name, list]) => `${name}\n${list.map(stageLines).join('')}`).join('\n');
}

function stageLines({ id, steps }: Stage): string {
  return `  ${id}\n${steps
    .map(({ id: step, host, after }) => {
      const on = host === undefined ? '' : ` on ${host}`;
      return `    ${step}${on}${after.length === 0 ? '' : ` <- ${[...after].sort().join(', ')}`}\n`;
    })
    .join('')}`;
}
