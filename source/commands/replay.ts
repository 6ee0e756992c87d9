import { isAbsolute, join } from 'node:path';
import type { Arguments } from '../arguments';
import { EXIT } from '../installation/headless';
import { problemsText } from '../renderers/failure-text';
import { jsonListener } from '../renderers/json';
import { plainListener } from '../renderers/plain';
import { leftOut, readRecording, type Recording } from '../replay/recording';

/** What a replay needs of the process: it looks at nothing but the journal. */
export interface ReplaySurface {
  readonly workingDirectory: string;
  readonly product: string;
  readonly signal: AbortSignal;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** Plays a journal on the screens of a run, or prints it as lines, and returns the exit code. */
export async function replay(given: Arguments, surface: ReplaySurface): Promise<number> {
  const { workingDirectory, print, complain } = surface;
  const [file = ''] = given.words ?? [];
  const read = await readRecording(isAbsolute(file) ? file : join(workingDirectory, file));
  if ('problem' in read) {
    complain(problemsText([read.problem]));
    return EXIT.invalid;
  }
  const { recording } = read;
  const rest = leftOut(recording);
  if (given.output === 'screens') {
    print(`${await played(given, recording, surface)}\n`);
  } else {
    recording.events.forEach(given.output === 'json' ? jsonListener(print) : plainListener(print));
  }
  if (rest !== '') complain(`${rest}\n`);
  return EXIT.done;
}

async function played(given: Arguments, recording: Recording, surface: ReplaySurface): Promise<string> {
  const { events, skipped } = recording;
  const { openReplay } = await import('../screens/replay/open');
  const at = await openReplay({
    events,
    leftOut: skipped,
    product: surface.product,
    speed: given.speed ?? 1,
    playing: given.step !== true,
    signal: surface.signal,
  });
  return `${at} of ${events.length} events of ${given.words?.[0] ?? ''} were played.`;
}
