/** What is read of a journal's entry here. */
interface Entry {
  readonly type: string;
  readonly step?: string;
  readonly index?: number;
  readonly title?: string;
  readonly line?: string;
  readonly change?: { readonly title: string };
  readonly changes?: readonly { readonly title: string }[];
}

/** Entries that tell what somebody saw or said, and come as often as it was looked: whether they come at all is up to time. */
const PASSING = ['output', 'wait-progress', 'member', 'master', 'question', 'answer'];

/** What differs from run to run in a title: times in names of files, and the numbers of members. */
function steady(title: string): string {
  return title.replace(/\d{8}T\d{6}Z/g, '[time]').replace(/\b[0-9a-f]{12,16}\b/g, '[number]');
}

/**
 * Names entries so that those of different runs can be compared. A change is named by its step and its title, and not by
 * its index, which is another one where a run goes on from the middle of a step; where a title comes several times in a
 * step's plan, by how many more of it are to come.
 */
export class EntryNames {
  private readonly plans = new Map<string, readonly string[]>();
  private readonly under = new Map<string, string>();

  /** Of lines of output only those have a name that are told here, by their names: "output kubeadm-init: what the line begins with". */
  constructor(private readonly outputs: readonly string[] = []) {}

  /** The name of an entry; undefined of one that is not a point to kill at. */
  name(line: string): string | undefined {
    let entry: Entry;
    try {
      entry = JSON.parse(line) as Entry;
    } catch {
      return undefined;
    }
    const { type, step } = entry;
    if (type === 'output')
      return this.outputs.find(name => `output ${step ?? ''}: ${entry.line ?? ''}`.startsWith(name));
    if (typeof type !== 'string' || PASSING.includes(type)) return undefined;
    if (step === undefined) return type;
    if (type === 'step-planned') {
      this.plans.set(
        step,
        (entry.changes ?? []).map(({ title }) => steady(title)),
      );
    }
    if (type === 'change-started') this.under.set(`${step}/${String(entry.index)}`, this.change(step, entry));
    const change =
      entry.index === undefined ? this.wait(step, entry) : this.under.get(`${step}/${String(entry.index)}`);
    return change === undefined ? `${type} ${step}` : `${type} ${step}: ${change}`;
  }

  private change(step: string, { index = 0, change }: Entry): string {
    const title = steady(change?.title ?? '');
    const more = (this.plans.get(step) ?? []).slice(index + 1).filter(other => other === title).length;
    const name = more === 0 ? title : `${title} (${String(more)} more to come)`;
    this.under.set(step, name);
    return name;
  }

  /** A wait belongs to the change that its step is at. */
  private wait(step: string, { type, title }: Entry): string | undefined {
    if (!type.startsWith('wait-')) return undefined;
    return this.under.get(step) ?? steady(title ?? '');
  }
}

/** The names of a journal's entries in order, each once. */
export function entryNames(journal: string): readonly string[] {
  const names = new EntryNames();
  const found = journal
    .split('\n')
    .map(line => names.name(line))
    .filter((name): name is string => name !== undefined);
  return [...new Set(found)];
}
