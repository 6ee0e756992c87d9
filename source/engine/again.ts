import type { ApplyContext, ChangeContext } from './apply';
import type { Change } from './change';
import { Failure } from './failure';
import { Stopped } from './wait';

type RunChange = Extract<Change, { readonly kind: 'run' }>;

const PAUSE_MS = 1000;
const PROGRESS_MS = 5000;

/**
 * Runs a command again every second while it fails and what it prints matches: for what is refused until something else
 * has come to pass. The last refusal is the failure once the time is over. What is refused in the same words as before
 * goes into the log only; that it is still being tried is told every five seconds.
 */
export async function performAgain(
  change: RunChange,
  again: NonNullable<RunChange['again']>,
  { changes, clock, halt }: Pick<ApplyContext, 'changes' | 'clock' | 'halt'>,
  context: ChangeContext,
): Promise<void> {
  const began = clock.elapsed();
  const refused = new RegExp(again.while);
  const shown = new Set<string>();
  let told = began;
  for (;;) {
    const lines: string[] = [];
    const output: ChangeContext['output'] = (stream, line) => {
      lines.push(line);
      const repeated = shown.has(line);
      shown.add(line);
      if (repeated) context.note(`${stream === 'stderr' ? '! ' : '| '}${line}`);
      else context.output(stream, line);
    };
    try {
      await changes.perform(change, { ...context, output });
      return;
    } catch (error) {
      const elapsed = clock.elapsed() - began;
      const late = elapsed + PAUSE_MS > again.withinMs;
      if (late || !(error instanceof Failure) || !refused.test(lines.join('\n'))) throw error;
      if (clock.elapsed() - told >= PROGRESS_MS) {
        told = clock.elapsed();
        context.output(
          'stderr',
          `still refused after ${seconds(elapsed)}, tried for ${seconds(again.withinMs)}`,
        );
      }
    }
    await clock.sleep(PAUSE_MS, halt);
    if (halt.aborted) throw new Stopped();
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
