import { afterAll, beforeAll, expect } from 'vitest';
import { Lab } from '../lab';
import type { LabHost } from '../lab';
import { administratorAccess } from '../watch/api';
import { ApiProber } from '../watch/prober';
import { Writer } from '../watch/writer';
import { joinInPlace, newMasters, prepareNew, three, wholeMasters } from './masters';
import type { Wanted } from './masters';
import { dnsComesApart } from './dns-hosts';
import { becomesWhole } from './masters-state';
import { install } from './support';
import type { InstallRun } from './support';

/** What is promised: the API is never away for longer. */
const awayAtMostMs = 5000;

/** Masters that are lost and put back while writes go on and somebody asks the API all the time. */
export class Standing {
  private constructor(
    readonly lab: Lab,
    private readonly roles: readonly string[],
    private present: Writer,
    readonly prober: ApiProber,
  ) {}

  /** Raises them, where no three stand or others are wanted, and starts what watches. */
  static async raise(lab: Lab, wanted?: Wanted): Promise<Standing> {
    await (wanted === undefined ? wholeMasters(lab) : newMasters(lab, wanted));
    const access = await administratorAccess(lab.host('master1'), lab.vip);
    return new Standing(
      lab,
      wanted?.names ?? three,
      await Writer.start(access),
      await ApiProber.start(access),
    );
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
    return this.roles.map(name => this.lab.host(name));
  }

  /** A master that is not one of these. */
  survivor(...lost: readonly string[]): LabHost {
    const left = this.masters.find(({ role, running }) => running && !lost.includes(role));
    if (left === undefined) throw new Error('no master is left');
    return left;
  }

  /** Destroys the hosts of masters, by name, and prepares the new ones in their place, all at the same time. */
  async lose(lost: Readonly<Record<string, 'replaced' | 'wiped'>>): Promise<void> {
    const fresh: LabHost[] = [];
    // One that is replaced tells all the others, and so none may be half made meanwhile.
    for (const [name, how] of Object.entries(lost))
      fresh.push(how === 'wiped' ? await this.wiped(name) : await this.lab.replace(name));
    await Promise.all(fresh.map(host => prepareNew(this.lab, host)));
  }

  private async wiped(name: string): Promise<LabHost> {
    const host = this.lab.host(name);
    await host.wipe();
    return host;
  }

  /** Joins a host in the place of a master that was lost. */
  join(name: string, survivor = this.survivor(name)): Promise<void> {
    return joinInPlace(this.lab.host(name), survivor);
  }

  /** How masters are put back by command. */
  get putBackCommand(): string {
    return `readd-member --yes --output json ${this.masters.map(({ name }) => name).join(' ')}`;
  }

  /** Puts masters back by command, from one that is left. */
  putBack(...lost: readonly string[]): Promise<InstallRun> {
    return install(this.survivor(...lost), this.putBackCommand);
  }

  /**
   * Asserts that all are voters again, that no acknowledged write is lost, and that the API was never away for
   * longer than promised since then; `withoutRedundancy` where one master was left, for which nobody stands in.
   */
  async expectWhole(what: string, since: number, { withoutRedundancy = false } = {}): Promise<void> {
    await becomesWhole(this.survivor(), this.masters);
    if (this.masters.length > 1) await dnsComesApart(this.survivor());
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
    for (const name of this.roles) await this.lab.original(name);
  }
}

/** A cluster for all tests of a group, raised before the first and taken away after the last. */
export function standing(wanted?: Wanted): () => Standing {
  let raised: Standing | undefined;
  beforeAll(async () => {
    raised = await Standing.raise(await Lab.open(undefined, console.log), wanted);
  });
  afterAll(async () => {
    await raised?.stop();
  });
  return () => {
    if (raised === undefined) throw new Error('it is raised before the first test');
    return raised;
  };
}
