import type { Arguments } from '../arguments';
import type { Check } from '../engine/check';
import type { RunCommand, Summary } from '../engine/event';
import type { FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import type { Stage } from '../engine/step';
import type { Observer } from '../engine/watch';
import type { Loaded } from '../variables/load';
import type { Settings } from '../variables/settings';

/** What one command of the product does, made for settings; tests give one of their own. */
export interface Work {
  readonly checks: readonly Check[];
  readonly stages: readonly Stage[];
  readonly observers?: readonly Observer[];
  readonly summarize?: () => Promise<Summary>;
  /** What the plan says beside the changes. */
  readonly notes?: readonly string[];
  /** Why there are no stages, where that does not mean that all is as it should be: a run must not end well then. */
  readonly refused?: FailureReport;
}

export interface Recipe {
  /** What events call it. */
  readonly command: RunCommand;
  /** It pulls no image, so that no registry has to be given. */
  readonly registry?: 'optional';
  /** How its settings come about, where not from the site's files and flags. */
  settings?(host: HostReader, given: Arguments): Promise<Loaded>;
  /** `others` are the hosts that are reached over ssh, by their names. */
  checks(
    settings: Settings,
    others: ReadonlyMap<string, HostReader>,
    given: Arguments,
  ): Promise<readonly Check[]>;
  work(settings: Settings, host: HostReader, given: Arguments): Promise<Omit<Work, 'checks'>>;
}

/** Raises a cluster on this host. Steps are loaded only here, so that --help and refusals stay quick. */
export const installRecipe: Recipe = {
  command: 'install',
  async checks(settings, others) {
    const { checks, checksOver } = await import('../checks/index');
    return [...checks(settings, 'install'), ...checksOver(settings, others)];
  },
  async work(settings, host) {
    const [{ stages }, { masterHere }, { summarize }, { planNotes }, { etcdMembers }, { masters }] =
      await Promise.all([
        import('../steps/index'),
        import('../variables/master'),
        import('../steps/summary'),
        import('../steps/notes'),
        import('../observers/etcd-members'),
        import('../observers/masters'),
      ]);
    const master = await masterHere(host, settings);
    return {
      stages: stages(settings, master),
      observers: [
        etcdMembers([master, ...settings.others]),
        ...(settings.others.length === 0 ? [] : [masters(settings, master)]),
      ],
      summarize: () => summarize(host, settings, master),
      notes: planNotes(settings),
    };
  },
};

/** Only prepares the host: for the machine image that nodes are cloned from. */
export const prepareRecipe: Recipe = {
  command: 'prepare',
  async checks(settings) {
    const { checks } = await import('../checks/index');
    return checks(settings, 'prepare');
  },
  async work(settings) {
    const { prepareStages } = await import('../steps/index');
    return { stages: prepareStages(settings) };
  },
};

/** Makes the join command good again where its token has expired; checks nothing, as it changes nothing but that. */
export const joinRecipe: Recipe = {
  command: 'install',
  registry: 'optional',
  checks: () => Promise.resolve([]),
  async work(settings, host) {
    const [{ joinStages }, { masterHere }] = await Promise.all([
      import('../steps/index'),
      import('../variables/master'),
    ]);
    return { stages: joinStages(settings, await masterHere(host, settings)) };
  },
};
