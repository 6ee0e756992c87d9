import type { Change } from '../../engine/change';
import { step, type Step } from '../../engine/step';
import { UNDO } from '../paths';
import { removeTree } from '../reset/kept';

interface Observed {
  /** Runs that are not marked yet, or of which bytes are still kept. */
  readonly open: readonly string[];
}

/** Marks the runs as taken back, the oldest first, once all is on the disk; what was kept of the files that they changed is of no use then. */
export function markUndone(runs: readonly string[], after: readonly string[]): Step {
  return step<Observed>({
    id: 'undo-end',
    title: 'Note that it was taken back',
    after,
    probe: async host => {
      const found = await Promise.all(
        runs.map(async run => {
          const [marked, kept] = await Promise.all([
            host.stat(`${UNDO}/${run}.undone`),
            host.stat(`${UNDO}/${run}`),
          ]);
          return marked === undefined || kept !== undefined ? [run] : [];
        }),
      );
      return { open: found.flat().sort() };
    },
    plan: ({ open }) => (open.length === 0 ? [] : [sync, ...open.flatMap(mark)]),
  });
}

const sync: Change = {
  kind: 'run',
  title: 'Wait until all of it is on the disk',
  command: { file: 'sync', args: [] },
  timeoutMs: 120_000,
};

function mark(run: string): readonly Change[] {
  return [
    { kind: 'write', path: `${UNDO}/${run}.undone`, content: 'yes\n', mode: 0o600 },
    removeTree(`${UNDO}/${run}`, `Remove what was kept of the files that run ${run} changed`),
  ];
}
