import { dump, loadAll } from 'js-yaml';

/** Documents as a YAML stream, in the order of their keys and without line folding, so that the same objects always give the same bytes. */
export function toYaml(...documents: readonly object[]): string {
  return documents.map(document => dump(document, { lineWidth: -1, noRefs: true })).join('---\n');
}

/** The documents of a YAML stream; undefined where it is not YAML (a file cut short, for one). */
export function fromYaml(text: string): readonly unknown[] | undefined {
  try {
    return loadAll(text);
  } catch {
    return undefined;
  }
}
