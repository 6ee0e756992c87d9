import { afterAll, beforeAll, expect } from 'vitest';
import { placeInstaller } from '../installer';
import { Lab, until } from '../lab';
import type { LabHost } from '../lab';
import { administratorAccess } from '../watch/api';
import { ApiProber } from '../watch/prober';
import { Writer } from '../watch/writer';
import { freshNodes, installAndJoin } from './masters';
import { becomesWhole } from './masters-state';
import { complaint, home, install, writeVariables } from './support';
import type { InstallRun } from './support';

const names = ['master1', 'master2', 'master3'];
/** What is promised: the API is never away for longer. */
const awayAtMostMs = 5000;

/** Three masters that are lost and put back while writes go on and somebody asks the API all the time. */
export class Standing {
  private constructor(
    readonly lab: Lab,
    private present: Writer,
    readonly prober: ApiProber,
  ) {}

  /** Raises them, and starts what watches. */
  static async raise(lab: Lab): Promise<Standing> {
    const nodes = await freshNodes(lab, { masters: names, workers: [] }, { prepared: true });
    // readd-member runs on whichever master is left.
    await installAndJoin(nodes, `--vip ${lab.vip.name} --masters ${names.join(',')}`);
    await becomesWhole(lab.host('master1'), nodes.masters);
    const access = await administratorAccess(lab.host('master1'), lab.vip);
    return new Standing(lab, await Writer.start(access), await ApiProber.start(access));
  }

  /** What writes now. */
  get writer(): Writer {
    return this.present;
  }

  /** Ends what writes, and starts another one, which knows nothing of what was lost. */
  async writeAnew(): Promise<void> {
    await this.present.stop();
    this.present = await Writer.start(await administratorAccess(this.survivor(), this.lab.vip));
  }

  get masters(): readonly LabHost[] {
    return names.map(name => this.lab.host(name));
  }

  /** A master that is not one of these. */
  survivor(...lost: readonly string[]): LabHost {
    const left = this.masters.find(({ name, running }) => running && !lost.includes(name));
    if (left === undefined) throw new Error('no master is left');
    return left;
  }

  /** Destroys the hosts of masters, by name. The new ones in their place are prepared by the installer, as any node is, at the same time. */
  async lose(lost: Readonly<Record<string, 'replaced' | 'wiped'>>): Promise<void> {
    const fresh: LabHost[] = [];
    // One that is replaced tells all the others, and so none may be half made meanwhile.
    for (const [name, how] of Object.entries(lost))
      fresh.push(how === 'wiped' ? await this.wiped(name) : await this.lab.replace(name));
    await Promise.all(fresh.map(host => this.prepare(host)));
  }

  private async wiped(name: string): Promise<LabHost> {
    const host = this.lab.host(name);
    await host.wipe();
    return host;
  }

  private async prepare(host: LabHost): Promise<void> {
    await host.boot();
    await placeInstaller(this.lab, host);
    await writeVariables(this.lab, host, {});
    expect(complaint(await install(host, 'prepare --yes --output json'))).toBe('');
  }

  /** Joins a host with the ordinary command, as soon as kubeadm lets it: not while the cluster takes the lost one for Ready. */
  async join(name: string, survivor = this.survivor(name)): Promise<void> {
    await until(`${name} to be missed`, 180_000, async () => {
      const ready = await survivor.succeed(
        `kubectl --kubeconfig /etc/kubernetes/admin.conf get node ${name} -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}'`,
      );
      if (ready === 'True') throw new Error(`${name} is Ready`);
    });
    const said = await survivor.succeed(`${home}/kube-el7-install join-command`);
    await this.lab.host(name).succeed(said.trim(), { timeoutMs: 300_000 });
  }

  /** How masters are put back by command. */
  readonly putBackCommand = `readd-member --yes --output json ${names.join(' ')}`;

  /** Puts masters back by command, from one that is left. */
  putBack(...lost: readonly string[]): Promise<InstallRun> {
    return install(this.survivor(...lost), this.putBackCommand);
  }

  /**
   * Asserts that there are three voters again, that no acknowledged write is lost, and that the API was never away for
   * longer than promised since then; `withoutRedundancy` where one master was left, for which nobody stands in.
   */
  async expectWhole(what: string, since: number, { withoutRedundancy = false } = {}): Promise<void> {
    await becomesWhole(this.survivor(), this.masters);
    await this.writer.writesAfter(Date.now());
    await this.prober.answersAfter(Date.now());
    for (const { address } of this.masters) expect(await this.writer.lost({ address })).toEqual([]);
    const away = this.prober.longestAbsence(since);
    console.log(
      `${what}: API away for ${String(away.ms)} ms at most, from ${new Date(away.from).toISOString()} (${away.met.join('; ') || 'a slow answer'}), ` +
        `longest pause between writes ${String(this.writer.longestPause(since).ms)} ms`,
    );
    if (!withoutRedundancy) expect(away.ms, `${what}: the API was away`).toBeLessThanOrEqual(awayAtMostMs);
  }

  async stop(): Promise<void> {
    await this.present.stop();
    await this.prober.stop();
    for (const name of names) await this.lab.original(name);
  }
}

/** A cluster for all tests of a group, raised before the first and taken away after the last. */
export function standing(): () => Standing {
  let raised: Standing | undefined;
  beforeAll(async () => {
    raised = await Standing.raise(await Lab.open(undefined, console.log));
  });
  afterAll(async () => {
    await raised?.stop();
  });
  return () => {
    if (raised === undefined) throw new Error('it is raised before the first test');
    return raised;
  };
}
