import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lab, until } from '../lab';
import type { LabHost } from '../lab';
import { expectWorkingMaster } from './cluster';
import { complaint, eventsOf, eventsOfType, freshHost, home, install } from './support';
import { Terminal } from './terminal';
import { enginesOf, InstallUnderWay } from './under-way';

interface Told {
  readonly state: string;
  readonly run?: { readonly id: string; readonly outcome?: string };
  readonly question?: { readonly text: string };
}

async function statusOf(host: LabHost): Promise<Told> {
  return JSON.parse(await host.succeed(`${home}/kube-el7-install status --output json`)) as Told;
}

/** What engines are met at, and told by. */
const met = "find /run/kube-el7-install -name '*.sock*' -o -name '*.request'";

/** What a screen shows without what moves with the time: the head's clock, and how long things have lasted. */
function still(screen: string): string {
  return screen
    .replace(/ · attached/, '')
    .replace(/\d+:\d\d/g, '-:--')
    .replace(/ +/g, ' ');
}

describe('a run that nobody has to stay with', () => {
  let lab: Lab;
  let master: LabHost;
  const terminals: Terminal[] = [];

  const opened = async (command: string): Promise<Terminal> => {
    const terminal = await Terminal.open(master, `cd ${home} && ./kube-el7-install ${command}`);
    terminals.push(terminal);
    return terminal;
  };
  /** Ends the terminal with the ssh in it, as when a connection drops. */
  const dropped = async (terminal: Terminal): Promise<void> => {
    terminals.splice(terminals.indexOf(terminal), 1);
    await terminal.close();
  };

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    master = await freshHost(lab, 'master1');
  });

  afterAll(async () => {
    for (const terminal of terminals) await terminal.close();
  });

  test('there is none at first, and status and attach say so', async () => {
    expect((await statusOf(master)).state).toBe('none');
    expect(await master.succeed(`${home}/kube-el7-install attach --output plain`)).toContain(
      'No run is under way',
    );
  });

  test('a failed step waits for an answer when its terminal is gone, and says so to whoever comes', async () => {
    const first = await opened('');
    for (const question of [1, 2, 3, 4]) {
      await first.shows(new RegExp(`question ${String(question)} of 4`), 90_000);
      await first.press('Enter');
    }
    await first.shows(/enter plan/, 120_000);
    await first.press('Enter');
    await first.shows(/y run it/, 120_000);
    // The repository was there for the checks, and is gone when the packages are installed.
    await master.succeed('mv /etc/yum.repos.d/lab.repo /root/');
    await first.press('y');
    await first.shows(/Cause/, 180_000);
    await dropped(first);
    const told = await statusOf(master);
    expect(told.state).toBe('waits-for-answer');
    expect(told.question?.text).toMatch(/kubelet|packages|yum/i);
    await master.succeed('mv /root/lab.repo /etc/yum.repos.d/');
    const second = await install(master, '--yes --output plain');
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/Another run is at work on this host[^]*attach/);
    expect(second.stderr).not.toMatch(/^\s+at /m);
    expect(enginesOf(master)).toHaveLength(1);
  });

  test('two take part from other terminals, one answers, and both see the run go on', async () => {
    const [one, other] = [await opened('attach'), await opened('attach')];
    await one.shows(/Cause/, 60_000);
    expect(await other.shows(/Cause/, 60_000)).toMatch(/r retry/);
    await one.press('r');
    await Promise.all([one, other].map(each => each.shows(/● (Prepare host|Images and cert|etcd)/, 180_000)));
    await dropped(other);
    await one.press('d');
    const last = await one.said(/goes on without this terminal/);
    expect(last).toContain('kube-el7-install attach');
    await dropped(one);
  });

  test('it goes on meanwhile, and is shown whole from another terminal', async () => {
    expect((await statusOf(master)).state).toBe('at-work');
    const [one, other] = [await opened('attach'), await opened('')];
    // A new start beside it shows it, too.
    await other.shows(/attached[^]*Prepare host/, 90_000);
    await one.shows(/✔ Prepare host/, 300_000);
    await until('two terminals to show the same', 60_000, async () => {
      const screens = await Promise.all([one.screen(), other.screen()]);
      expect(still(screens[0])).toBe(still(screens[1]));
    });
    await dropped(other);
  });

  test('it stops at once where that is chosen, and leaves its terminal with 130', async () => {
    const [one] = terminals;
    if (one === undefined) throw new Error('no terminal is attached');
    await one.press('C-c');
    await one.shows(/n stop now/);
    await one.press('n');
    await one.said(/Pane is dead \(status 130|Stopped at once/);
    await dropped(one);
    await until('the engine to be gone', 20_000, () => {
      expect(enginesOf(master)).toEqual([]);
    });
    expect(['ended', 'cut-off']).toContain((await statusOf(master)).state);
    expect(await master.succeed(met)).toBe('');
  });

  test('one that is killed with kill -9 is told plainly, and goes on when run again', async () => {
    const installer = InstallUnderWay.start(master);
    await installer.reaches(
      'the control plane',
      event => event.type === 'step-started' && event.step === 'kubeadm-init',
    );
    await installer.kill();
    const run = await installer.ended();
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/is gone without a word[^]*Run the same command again/);
    expect(run.stderr).not.toMatch(/^\s+at /m);
    expect((await statusOf(master)).state).toBe('cut-off');
    const text = await master.succeed(`${home}/kube-el7-install status`);
    expect(text).toMatch(/was cut off at/);
  });

  test('one with --yes goes on to its end when its ssh is gone', async () => {
    const terminal = await opened('--yes --output plain');
    await terminal.shows(/begin .*/, 180_000);
    await until('the engine to be at work', 60_000, async () => {
      expect((await statusOf(master)).state).toBe('at-work');
    });
    await dropped(terminal);
    const told = await statusOf(master);
    expect(told.state).toBe('at-work');
    const followed = await master.run(`${home}/kube-el7-install attach --output json`, {
      timeoutMs: 900_000,
    });
    expect(followed.stderr).toBe('');
    expect(followed.code).toBe(0);
    const events = eventsOf(followed.stdout);
    expect(events[0]?.type === 'wait-started' || events[0]?.type === 'run-started').toBe(true);
    expect(events[0]?.run).toBe(told.run?.id);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => (events[0]?.seq ?? 0) + index));
    expect(eventsOfType(events, 'run-started')[0]?.resumed).toBe(true);
    await expectWorkingMaster(master, { tiller: false });
  });

  test('ends, and leaves no process, socket or unit', async () => {
    const again = await install(master);
    expect(complaint(again)).toBe('');
    expect((await statusOf(master)).run?.outcome).toBe('succeeded');
    expect(enginesOf(master)).toEqual([]);
    expect(await master.succeed(met)).toBe('');
    expect(await master.succeed('ls /run/systemd/system')).not.toContain('kube-el7-install');
    expect(await master.succeed('systemctl list-units --all --no-legend "kube-el7-install*"')).toBe('');
  });
});
