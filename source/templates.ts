import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root';

/** A file under templates/ as it is: for scripts that have {{…}} of their own. */
export function templateText(file: string): string {
  return readFileSync(join(packageRoot, 'templates', file), 'utf8');
}

/** Fills the {{places}} of a file under templates/. A place without a value, and a value without a place, are faults of the program and throw. */
export function fillTemplate(file: string, values: Readonly<Record<string, string>>): string {
  const template = templateText(file);
  const unused = new Set(Object.keys(values));
  const text = template.replace(/\{\{([^{}]+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`templates/${file}: nothing is given for {{${name}}}`);
    unused.delete(name);
    return value;
  });
  if (unused.size > 0) throw new Error(`templates/${file} has no {{${[...unused].join('}}, {{')}}}`);
  return text;
}
