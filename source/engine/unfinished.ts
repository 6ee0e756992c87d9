import type { ChangeSummary } from './change';
import type { Event } from './event';

/** A file or a link that a run was writing when it was cut off; `host` where that is not the one that the installer runs on. */
export interface Unfinished {
  readonly path: string;
  readonly host?: string;
}

/** What a run had begun to write and did not come to the end of, as its events tell it. Pure. */
export function unfinishedIn(events: readonly Event[]): readonly Unfinished[] {
  const hosts = new Map<string, string>();
  const open = new Map<string, Unfinished>();
  for (const event of events) {
    if (event.type === 'run-started') {
      for (const { id, host } of event.stages.flatMap(({ steps }) => steps)) {
        if (host !== undefined) hosts.set(id, host);
      }
    } else if (event.type === 'change-started') {
      const path = writtenBy(event.change);
      const host = hosts.get(event.step);
      if (path !== undefined) open.set(keyOf(event), { path, ...(host === undefined ? {} : { host }) });
    } else if (event.type === 'change-finished') {
      open.delete(keyOf(event));
    }
  }
  return [...open.values()];
}

function keyOf({ step, index }: { readonly step: string; readonly index: number }): string {
  return `${step} ${index}`;
}

/** A title of such a change is the path; of a link it goes on with what that names. */
function writtenBy({ kind, title }: ChangeSummary): string | undefined {
  if (kind === 'write') return title;
  return kind === 'link' ? title.split(' -> ')[0] : undefined;
}
