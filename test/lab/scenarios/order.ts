/** Scenarios that share a cluster and so run together, in their order; `seconds` is what they take on a usual machine. */
export interface Group {
  readonly files: readonly string[];
  readonly seconds: number;
}

/**
 * All scenarios of `npm test`, the one that would be missed most first: where a machine is too slow for all of them, the last ones are left out.
 */
export const SCENARIOS: readonly Group[] = [
  { files: ['single-master', 'etcd-damage'], seconds: 200 },
  { files: ['three-masters', 'etcd-alarm', 'recovery'], seconds: 1700 },
  { files: ['preflight'], seconds: 90 },
  { files: ['faces'], seconds: 90 },
  { files: ['undo'], seconds: 250 },
  { files: ['foreign-cluster'], seconds: 180 },
  { files: ['single-master-vip'], seconds: 200 },
  { files: ['failure'], seconds: 60 },
  { files: ['detach'], seconds: 150 },
  { files: ['support-bundle'], seconds: 90 },
  { files: ['keyboard'], seconds: 90 },
  { files: ['hosts'], seconds: 100 },
];

/** The path of a scenario, from the project's folder. */
export function pathOf(name: string): string {
  return `test/lab/scenarios/${name}.test.ts`;
}

/** Sorts test files by that order; what is not in it keeps its place behind. */
export function inOrder<File>(files: readonly File[], path: (file: File) => string): File[] {
  const names = SCENARIOS.flatMap(group => group.files);
  const rank = (file: File): number => {
    const at = names.findIndex(name => path(file).endsWith(`/scenarios/${name}.test.ts`));
    return at < 0 ? names.length : at;
  };
  return [...files].sort((one, other) => rank(one) - rank(other));
}
