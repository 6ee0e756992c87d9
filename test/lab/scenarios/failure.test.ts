import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lab } from '../lab';
import type { LabHost } from '../lab';
import { expectWorkingMaster } from './cluster';
import { freshHost, home, install } from './support';
import { Terminal } from './terminal';

describe('a step that fails, by keyboard', () => {
  let lab: Lab;
  let master: LabHost;
  let terminal: Terminal;

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    master = await freshHost(lab, 'master1');
    terminal = await Terminal.open(master, `cd ${home} && ./kube-el7-install`);
    for (const question of [1, 2, 3, 4]) {
      await terminal.shows(new RegExp(`question ${String(question)} of 4`));
      await terminal.press('Enter');
    }
    await terminal.shows(/enter plan/, 90_000);
    await terminal.press('Enter');
    await terminal.shows(/y run it/, 60_000);
  });

  afterAll(async () => {
    await terminal.close();
  });

  test('shows the cause, what to do, and the keys to go on', async () => {
    // The repository was there for the checks, and is gone when the packages are installed.
    await master.succeed('mv /etc/yum.repos.d/lab.repo /root/');
    await terminal.press('y');
    const card = await terminal.shows(/Cause/, 120_000);
    expect(card).toMatch(/Install packages/);
    expect(card).toMatch(/kubelet/);
    expect(card).toMatch(/Fix/);
    expect(card).toMatch(/r retry/);
  });

  test('goes on to the end after r, once the cause is gone, and keeps a second installer out meanwhile', async () => {
    await master.succeed('mv /root/lab.repo /etc/yum.repos.d/');
    await terminal.press('r');
    await terminal.shows(/● Images and certificates/, 120_000);
    const second = await install(master, '--yes --output plain');
    expect(second.code).toBe(1);
    expect(second.stdout + second.stderr).toMatch(/Another run is at work on this host/);
    expect(second.stdout + second.stderr).not.toMatch(/^\s+at /m);
    await terminal.shows(/Kubernetes is up on master1/, 420_000);
    await terminal.press('q');
    await expectWorkingMaster(master, { tiller: false });
  });
});
