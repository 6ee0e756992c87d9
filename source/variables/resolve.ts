import { nearest } from './nearest';
import { isSecretName } from '../engine/secret-name';
import { parseVariables } from './parse';
import type { Problem } from './settings';
import type { VariableName } from './table';
import { FROM_ENVIRONMENT, VARIABLES, isVariable } from './table';
import { MASK } from '../engine/secret';
import { shownValue } from './fields';

/** Everything that variables are taken from, strongest first after the answers. */
export interface Given {
  /** What the operator typed in the wizard. */
  readonly answers: Readonly<Partial<Record<VariableName, string>>>;
  readonly flags: Readonly<Partial<Record<VariableName, string>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file?: { readonly label: string; readonly text: string };
}

/** One variable's value, and where it came from: "flag --kube-version", "environment", "variables:3". */
export interface Value {
  readonly value: string;
  readonly source: string;
}

export interface Resolved {
  readonly values: ReadonlyMap<VariableName, Value>;
  /** Known variables that are set in the environment, where they are not looked at. */
  readonly ignored: readonly VariableName[];
  readonly problems: readonly Problem[];
}

/** KUBE_VERSION -> --kube-version */
function flagOf(name: VariableName): string {
  return `--${name.toLowerCase().replace(/_/g, '-')}`;
}

function overriding(given: Given): Map<VariableName, Value> {
  const values = new Map<VariableName, Value>();
  for (const name of VARIABLES) {
    const answer = given.answers[name];
    const flag = given.flags[name];
    const environment = given.environment[name] ?? '';
    if (answer !== undefined) values.set(name, { value: answer, source: 'answer' });
    else if (flag !== undefined) values.set(name, { value: flag, source: `flag ${flagOf(name)}` });
    else if (environment !== '' && FROM_ENVIRONMENT.includes(name)) {
      values.set(name, { value: environment, source: 'environment' });
    }
  }
  return values;
}

/** Its value is never repeated: nobody knows what it was meant for. */
function unknown(name: string, value: string, where: string): Problem {
  const wrong = 'is not a variable of this product';
  return { field: name, value: value === '' ? '' : MASK, where, wrong, right: meant(name) };
}

function meant(name: string): string {
  if (isSecretName(name)) {
    return /token/i.test(name)
      ? '--token-file FILE, a file of mode 0600 with the token in it'
      : 'DOCKER_REGISTRY_PASSWORD_FILE, the path of a file of mode 0600 with the password of the registry in it';
  }
  const known = nearest(name, VARIABLES);
  return known === undefined ? `one of ${VARIABLES.join(', ')}` : `${known}, if that was meant`;
}

/** Applies the precedence: answer, flag, environment, file; defaults come where the values are validated. An empty value in the environment or the file counts as not set. */
export function resolve(given: Given): Resolved {
  const values = overriding(given);
  const problems: Problem[] = [];
  const ignored = VARIABLES.filter(
    name => (given.environment[name] ?? '') !== '' && !FROM_ENVIRONMENT.includes(name),
  );
  if (given.file === undefined) return { values, ignored, problems };
  const { label, text } = given.file;
  const seen = new Map([...values].map(([name, value]) => [name, value.value] as [string, string]));
  const parsed = parseVariables(text, label, seen);
  problems.push(...parsed.problems);
  const fromFile = new Map<VariableName, { value: string; line: number }>();
  for (const { name, value, line } of parsed.assignments) {
    const where = `${label}:${line}`;
    if (!isVariable(name)) {
      problems.push(unknown(name, value, where));
      continue;
    }
    const before = fromFile.get(name);
    if (before !== undefined && before.value !== value) {
      problems.push({
        field: name,
        value: shownValue(name, value),
        where,
        wrong: `has another value in line ${before.line}; a shell would use this one`,
        right: 'one line for each variable',
      });
    }
    fromFile.set(name, { value, line });
  }
  for (const [name, { value, line }] of fromFile) {
    if (value !== '' && !values.has(name)) values.set(name, { value, source: `${label}:${line}` });
  }
  return { values, ignored, problems };
}
