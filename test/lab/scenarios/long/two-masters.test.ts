import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lab } from '../../lab';
import type { LabHost } from '../../lab';
import { administratorAccess } from '../../watch/api';
import { Writer } from '../../watch/writer';
import { expectEndpoint } from '../endpoint';
import { first, freshNodes } from '../masters';
import type { Nodes } from '../masters';
import { becomesWhole } from '../masters-state';
import { complaint, eventsOfType, install } from '../support';
import { InstallUnderWay, stepEnded } from '../under-way';

/** Lets the first host log in to the second with a key of its own; the second's host key is not known there yet. */
async function authorize(from: LabHost, to: LabHost): Promise<void> {
  await from.succeed('ssh-keygen -q -t ed25519 -N "" -f /root/.ssh/site');
  const key = await from.read('/root/.ssh/site.pub');
  await to.succeed('cat >>/root/.ssh/authorized_keys', { input: key });
}

async function know(from: LabHost, to: LabHost): Promise<void> {
  const key = (await to.read('/etc/ssh/ssh_host_ed25519_key.pub')).split(' ').slice(0, 2).join(' ');
  await from.succeed('cat >>/root/.ssh/known_hosts', { input: `${to.name},${to.address} ${key}\n` });
}

describe('two masters, the second prepared and joined over ssh, with an etcd that has no learners', () => {
  let lab: Lab;
  let nodes: Nodes;
  let writer: Writer | undefined;
  let flags: string;
  const master = (): LabHost => first(nodes);
  const second = (): LabHost => {
    const [, host] = nodes.masters;
    if (host === undefined) throw new Error('there is one master');
    return host;
  };

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    // This host stands second: it is the first master all the same.
    flags = `--yes --output json --vip ${lab.vip.address} --masters master2,master1 --ssh --ssh-key /root/.ssh/site`;
    nodes = await freshNodes(
      lab,
      { masters: ['master1', 'master2'], workers: [] },
      {
        prepared: false,
        variables: { ETCD_IMAGE: '${DOCKER_REGISTRY}/etcd:3.3.25' },
        faces: ['talking-shell'],
      },
    );
    await authorize(master(), second());
  });

  afterAll(async () => {
    await writer?.stop();
  });

  test('are not begun where the host key of the second is unknown, and told so', async () => {
    const run = await install(master(), flags);
    expect(run.code).toBe(2);
    const findings = eventsOfType(run.events, 'check-finished').flatMap(event => event.findings);
    const fatal = findings.filter(finding => finding.level === 'fatal');
    expect(fatal.map(finding => finding.message).join('\n')).toMatch(/host key/i);
    expect(eventsOfType(run.events, 'change-started')).toEqual([]);
  });

  test('come up from one command, with the arithmetic of an even number told before', async () => {
    await know(master(), second());
    const installer = InstallUnderWay.start(master(), flags);
    await installer.reaches('the control plane', stepEnded('kubeadm-init'));
    writer = await Writer.start(await administratorAccess(master(), { address: lab.vip.address }));
    const run = await installer.ended();
    expect(complaint(run)).toBe('');
    const findings = eventsOfType(run.events, 'check-finished').flatMap(event => event.findings);
    const warnings = findings.filter(finding => finding.level === 'warning').map(finding => finding.message);
    expect(warnings).toContainEqual(expect.stringMatching(/2 masters.*quorum/));
    await becomesWhole(master(), nodes.masters);
    await expectEndpoint(nodes, { address: lab.vip.address });
  });

  test('have lost no write that was acknowledged while etcd grew', async () => {
    await writer?.writesAfter(Date.now());
    await writer?.stop();
    console.log(
      `growth without learners: longest pause ${String(writer?.longestPause().ms)} ms, ${JSON.stringify(writer?.counts)}`,
    );
    expect(writer?.counts.acknowledged).toBeGreaterThan(100);
    for (const { address } of nodes.masters) expect(await writer?.lost({ address })).toEqual([]);
  });

  test('are found unchanged by a second run', async () => {
    const run = await install(master(), flags);
    expect(complaint(run)).toBe('');
    const steps = eventsOfType(run.events, 'step-finished');
    expect(steps.length).toBeGreaterThan(20);
    expect(steps.filter(event => event.outcome !== 'unchanged').map(event => event.step)).toEqual([]);
  });
});
