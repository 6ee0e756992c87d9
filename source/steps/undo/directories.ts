import type { Target } from '../../changes/undo/read';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';

/** Directories that were made for the changes, and are empty again. What somebody else has put into one keeps it. */
export function directories(
  targets: readonly Target[],
  host: string | undefined,
  after: readonly string[],
): Step {
  const paths = targets
    .filter(target => target.host === host)
    .flatMap(({ inverse }) =>
      inverse.kind === 'path' && inverse.former.was === 'absent' ? [inverse.path] : [],
    )
    // The deepest first.
    .sort((one, other) => other.split('/').length - one.split('/').length || (one < other ? -1 : 1));
  return step<readonly string[]>({
    id: host === undefined ? 'undo-directories' : `undo-directories@${host}`,
    title: 'Remove empty directories that were made',
    after,
    ...(host === undefined ? {} : { host }),
    probe: reader => emptyOnes(reader, paths),
    plan: empty =>
      empty.map(path => ({
        kind: 'run',
        title: `Remove the directory ${path}`,
        command: { file: 'rmdir', args: ['--', path] },
        timeoutMs: 10_000,
      })),
  });
}

/** One that holds nothing but others that go counts as empty. */
async function emptyOnes(host: HostReader, paths: readonly string[]): Promise<readonly string[]> {
  const gone = new Set<string>();
  for (const path of paths) {
    if ((await host.stat(path))?.kind !== 'directory') continue;
    const names = (await host.list(path)) ?? [];
    if (names.every(name => gone.has(`${path}/${name}`))) gone.add(path);
  }
  return [...gone];
}
