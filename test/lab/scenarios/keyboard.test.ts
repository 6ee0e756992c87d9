import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lab } from '../lab';
import type { LabHost } from '../lab';
import { expectWorkingMaster } from './cluster';
import { expectNoSecrets } from './secrets';
import { freshHost, home } from './support';
import { Terminal } from './terminal';

describe('a single master by keyboard at 80×24, from a registry over TLS with a login', () => {
  let lab: Lab;
  let master: LabHost;
  let terminal: Terminal;
  const screens: string[] = [];

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    master = await freshHost(lab, 'master1', {
      registry: 'tls',
      // The right one is typed.
      variables: { DOCKER_REGISTRY: 'registry.example:5000' },
    });
    terminal = await Terminal.open(master, `cd ${home} && ./kube-el7-install`);
  });

  afterAll(async () => {
    await terminal.close();
  });

  test('every question is answered', async () => {
    await terminal.shows(/KUBE_VERSION +1\.20\.2[^]*▸ 1\.20\.2/);
    await terminal.press('Enter');
    await terminal.shows(/question 2 of 4/);
    await terminal.press('C-u');
    await terminal.type('nothing/:here');
    await terminal.shows(/host\[:port\]|not a registry/i);
    await terminal.press('C-u');
    await terminal.type(lab.registry.tls);
    screens.push(await terminal.shows(/reachable, (\d+) of \1 images found/));
    await terminal.press('Enter');
    await terminal.shows(/question 3 of 4/);
    await terminal.press('Enter');
    await terminal.shows(/question 4 of 4/);
    await terminal.press('Enter');
  });

  test('the preflight report and the plan are read', async () => {
    screens.push(await terminal.shows(/enter\S* .*plan/i, 90_000));
    await terminal.press('Enter');
    const plan = await terminal.shows(/Prepare host +\d+ changes/, 60_000);
    expect(plan).toContain('nothing is changed yet');
    screens.push(plan);
    await terminal.press('Enter');
    screens.push(await terminal.shows(/Install packages|packages/i));
  });

  test('it runs to the summary, and the cluster works', async () => {
    await terminal.press('y');
    screens.push(await terminal.shows(/▸?● Control plane/, 300_000));
    screens.push(await terminal.shows(/etcd +1 voter · quorum 1 · may lose 0/, 300_000));
    const summary = await terminal.shows(/Kubernetes is up on master1/, 420_000);
    expect(summary).toContain('[secret]');
    screens.push(summary);
    await terminal.press('q');
    await terminal.shows(/Pane is dead \(status 0|Connection to \S+ closed/);
    await expectWorkingMaster(master, { tiller: false });
  });

  test('no screen is wider than 80 or shows a secret', async () => {
    screens.push(await terminal.scrollback());
    for (const line of screens.join('\n').split('\n'))
      expect(Array.from(line).length).toBeLessThanOrEqual(80);
    await expectNoSecrets(master, { 'the screen': screens.join('\n') });
  });
});
