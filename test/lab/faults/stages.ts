import { readFileSync } from 'node:fs';
import type { LabHost } from '../lab';

interface Entry {
  readonly type: string;
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

/** The journal of the run on a host, as it is now; seen from outside, also where something is mounted over its directory. */
export function journalOn(host: LabHost): string {
  try {
    return readFileSync(`/proc/${String(host.leader)}/root/var/lib/kube-el7-install/journal.jsonl`, 'utf8');
  } catch {
    return '';
  }
}
