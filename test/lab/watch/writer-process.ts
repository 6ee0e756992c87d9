import { record } from './recording';
import type { RecordingTask } from './recording';
import { Writing } from './writes';

/** What the writer is told: `run` is in the names of what it writes. */
export interface WriterTask extends RecordingTask {
  readonly run: string;
}

record<WriterTask>((client, { run }) => {
  const writing = new Writing(client, run);
  return () => writing.attempt();
});
