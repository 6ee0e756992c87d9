import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Lab } from '../lab';
import { AddressWatch } from '../watch/address';
import { expectServiceReachable, expectWorkingMaster } from './cluster';
import { dnsComesApart } from './dns-hosts';
import { expectEndpoint } from './endpoint';
import { first, freshNodes, installAndJoin } from './masters';
import { complaint, eventsOfType, fileTimes, install, kubectl } from './support';
import type { Nodes } from './masters';

const names = { masters: ['master1'], workers: ['worker1'] };

async function expectUnchanged(nodes: Nodes, flags: string): Promise<void> {
  // Until the Job that moves CoreDNS has done so, a run waits for that.
  await dnsComesApart(first(nodes));
  const before = await fileTimes(first(nodes));
  const second = await install(first(nodes), `--yes --output json ${flags}`);
  expect(complaint(second)).toBe('');
  const steps = eventsOfType(second.events, 'step-finished');
  expect(steps.filter(event => event.outcome !== 'unchanged').map(event => event.step)).toEqual([]);
  expect(await fileTimes(first(nodes))).toBe(before);
}

describe('a single master with a VIP', () => {
  let lab: Lab;
  let watch: AddressWatch | undefined;

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
  });

  afterEach(() => {
    watch?.stop();
  });

  test('that keepalived carries: the master has the address, and a worker joins through it', async () => {
    const nodes = await freshNodes(lab, names, { prepared: true });
    watch = new AddressWatch(lab.vip.address, nodes.masters);
    const flags = `--vip ${lab.vip.address}`;
    await installAndJoin(nodes, flags);
    await expectWorkingMaster(first(nodes), { tiller: false, workers: names.workers });
    expect(watch.now.owners).toEqual(names.masters);
    await expectEndpoint(nodes, { address: lab.vip.address });
    const image = await kubectl(
      first(nodes),
      'get pods -n kube-system keepalived-master1 -o jsonpath={..image}',
    );
    expect(image).toContain('/keepalived:');
    for (const worker of nodes.workers)
      await expectServiceReachable(first(nodes), worker, lab.registry.plain);
    await expectUnchanged(nodes, flags);
  });

  test('on AWS, which a load balancer carries: no keepalived, and a worker joins through the name', async () => {
    const nodes = await freshNodes(lab, names, { prepared: true, faces: ['aws'] });
    watch = new AddressWatch(lab.vip.address, nodes.masters);
    const balancer = await lab.loadBalancer(nodes.masters);
    const flags = `--vip ${balancer.name}`;
    const run = await installAndJoin(nodes, flags);
    const platform = eventsOfType(run.events, 'run-started')[0]?.values.find(
      value => value.name === '--platform',
    );
    expect(platform).toMatchObject({ value: 'aws', source: expect.stringContaining('Amazon EC2') as string });
    await expectWorkingMaster(first(nodes), { tiller: false, workers: names.workers });
    await expectEndpoint(nodes, { name: balancer.name });
    expect(await first(nodes).succeed('ls -A /etc/kubernetes')).not.toContain('keepalived');
    expect(await kubectl(first(nodes), 'get pods -A -o name')).not.toContain('keepalived');
    await expectUnchanged(nodes, flags);
  });
});
