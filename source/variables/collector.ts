import type { ShownValue } from '../engine/event';
import type { Check, Fault } from './fields';
import { shownValue } from './fields';
import type { Resolved, Value } from './resolve';
import type { Problem } from './settings';
import type { VariableName } from './table';

/** Takes values out of what was resolved, and keeps every problem and where each value came from. */
export class Collector {
  readonly problems: Problem[];
  readonly shown: ShownValue[] = [];
  readonly #faulty = new Set<VariableName>();

  constructor(private readonly resolved: Resolved) {
    this.problems = [...resolved.problems];
  }

  /** The value given, else the default. It is shown, and checked unless it is empty and may be. */
  take(name: VariableName, fallback: string, check?: Check): string {
    const given = this.given(name) ?? { value: fallback, source: 'default' };
    const ignored = this.resolved.ignored.includes(name);
    // What is left out and has no default is nothing to show.
    if (given.value !== '' || ignored || given.source !== 'default') {
      this.shown.push({
        name,
        value: shownValue(name, given.value),
        source: ignored ? `${given.source}; the environment's value is not used` : given.source,
      });
    }
    const fault = check?.(given.value);
    if (fault !== undefined) this.fault(name, given, fault);
    return given.value;
  }

  /** As take, for a variable that may be left out: undefined then. */
  optional(name: VariableName, check?: Check): string | undefined {
    const value = this.take(name, '', text => (text === '' ? undefined : check?.(text)));
    return value === '' ? undefined : value;
  }

  given(name: VariableName): Value | undefined {
    return this.resolved.values.get(name);
  }

  /** Whether nothing was found wrong with a variable so far: what depends on it is checked only then. */
  sound(...names: readonly VariableName[]): boolean {
    return names.every(name => !this.#faulty.has(name));
  }

  /** Adds a problem with a variable's value as it is; the first one for a variable is enough. */
  wrong(name: VariableName, value: string, fault: Fault): void {
    this.fault(name, { value, source: this.given(name)?.source ?? 'default' }, fault);
  }

  private fault(name: VariableName, given: Value, fault: Fault): void {
    if (this.#faulty.has(name)) return;
    this.#faulty.add(name);
    this.problems.push({
      field: name,
      value: shownValue(name, given.value),
      where: given.source,
      wrong: fault.wrong,
      right: fault.right,
    });
  }
}
