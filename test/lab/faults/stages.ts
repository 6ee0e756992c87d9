import { readFileSync } from 'node:fs';
import type { LabHost } from '../lab';

interface Entry {
  readonly type: string;
  readonly run?: string;
  readonly step?: string;
  readonly stages?: readonly { readonly id: string; readonly steps: readonly { readonly id: string }[] }[];
}

function entriesIn(journal: string): readonly Entry[] {
  return journal.split('\n').flatMap(line => {
    try {
      return [JSON.parse(line) as Entry];
    } catch {
      return [];
    }
  });
}

/** The stages that a run has, with whether anything is changed or awaited in each; in order. */
export function stagesIn(journal: string): ReadonlyMap<string, boolean> {
  const entries = entriesIn(journal);
  const stages = entries.find(({ type }) => type === 'run-started')?.stages ?? [];
  const changed = new Set(entries.filter(({ type }) => type === 'change-started').map(({ step }) => step));
  return new Map(stages.map(({ id, steps }) => [id, steps.some(step => changed.has(step.id))]));
}

/** Of some stages the first one that a run is in the midst of: a change is under way there, or a step where it has no changes. */
export function stageUnderWay(journal: string, wanted: ReadonlyMap<string, boolean>): string | undefined {
  const entries = entriesIn(journal);
  const stages = entries.find(({ type }) => type === 'run-started')?.stages ?? [];
  const [changing, begun] = [new Set<string>(), new Set<string>()];
  for (const { type, step = '' } of entries) {
    if (type === 'change-started') changing.add(step);
    if (type === 'change-finished') changing.delete(step);
    if (type === 'step-started') begun.add(step);
    if (type === 'step-finished' || type === 'step-failed') begun.delete(step);
    if (type === 'run-finished') return undefined;
  }
  const found = stages.find(({ id, steps }) => {
    const changes = wanted.get(id);
    return changes !== undefined && steps.some(step => (changes ? changing : begun).has(step.id));
  });
  return found?.id;
}

/** Whether a run has come to a wait of that step. */
export function waitsFor(step: string, journal: string): boolean {
  return entriesIn(journal).some(entry => entry.type === 'wait-started' && entry.step === step);
}

/** The run that a journal is of; undefined where it says nothing. */
export function runIn(journal: string): string | undefined {
  return entriesIn(journal)[0]?.run;
}

/** Which faults are still to be made in which stages. */
export class Outstanding {
  private readonly faults: ReadonlyMap<string, string[]>;

  constructor(
    private readonly all: ReadonlyMap<string, boolean>,
    private readonly names: readonly string[],
    private readonly matching = /(?:)/,
  ) {
    this.faults = new Map(
      [...all.keys()].map(stage => [stage, names.filter(name => matching.test(`${stage}: ${name}`))]),
    );
  }

  /** Stages in which one is still to be made, with whether anything is changed in each; in order. */
  get stages(): ReadonlyMap<string, boolean> {
    return new Map([...this.all].filter(([stage]) => this.faults.get(stage)?.length !== 0));
  }

  /** All that are still to be made: "etcd: power cut of master2". */
  get left(): readonly string[] {
    return [...this.faults].flatMap(([stage, names]) => names.map(name => `${stage}: ${name}`));
  }

  /** The next one for a stage, which then counts as made; throws where there is none. */
  next(stage: string): string {
    const name = this.faults.get(stage)?.shift();
    if (name === undefined) throw new Error(`nothing is to be made in ${stage} any more`);
    return name;
  }

  /** In how many stages each was made, for the table. */
  get note(): string {
    const counts = this.names.map(name => {
      const wanted = [...this.faults].filter(([stage]) => this.matching.test(`${stage}: ${name}`));
      const made = wanted.filter(([, left]) => !left.includes(name)).length;
      return `${name} in ${String(made)} of ${String(wanted.length)}`;
    });
    return `${counts.join(', ')} stages: ${[...this.all.keys()].join(', ')}`;
  }
}

/** The journal of the run on a host, as it is now; seen from outside, also where something is mounted over its directory. */
export function journalOn(host: LabHost): string {
  try {
    return readFileSync(`/proc/${String(host.leader)}/root/var/lib/kube-el7-install/journal.jsonl`, 'utf8');
  } catch {
    return '';
  }
}
