import { isAbsolute, join } from 'node:path';
import type { Arguments } from '../arguments';
import type { HostReader } from '../engine/host';
import { loadSettings, type Loaded } from '../variables/load';
import type { Settings } from '../variables/settings';
import type { Recipe } from './recipe';

/** Takes back what the last run here has changed. */
export const undoRecipe: Recipe = {
  command: 'undo',
  settings,
  async checks(settings) {
    const [{ root }, { takingBack }] = await Promise.all([
      import('../checks/root'),
      import('../checks/undo'),
    ]);
    return [root, takingBack(reachedBy(settings))];
  },
  async work(settings, host) {
    const [
      { undoNotes, undoPurpose, undoStages },
      { nextToUndo, readUndoRuns },
      { readPlace },
      { findKeeping },
    ] = await Promise.all([
      import('../steps/undo/index'),
      import('../changes/undo/read'),
      import('../cluster/place'),
      import('../steps/reset/kept'),
    ]);
    const undoing = nextToUndo(await readUndoRuns(host));
    if (undoing === undefined) {
      return { stages: [], notes: ['No run has changed anything here that was not taken back already.'] };
    }
    const begun = undoing.cluster
      ? {
          place: await readPlace(host),
          keeping: await findKeeping(host, undoPurpose(undoing), { now: new Date(), keeps: true }),
        }
      : undefined;
    const reached = reachedBy(settings);
    return {
      stages: await undoStages(host, settings, undoing, reached, begun),
      notes: undoNotes(undoing, reached, begun),
    };
  },
};

/** Nothing of the site's files is needed: which hosts there are is in the record. */
async function settings(host: HostReader, given: Arguments): Promise<Loaded> {
  const { nextToUndo, readUndoRuns } = await import('../changes/undo/read');
  const undoing = nextToUndo(await readUndoRuns(host));
  const { ssh } = given;
  const keyFile = ssh?.keyFile;
  const told = {
    ...(ssh?.user === undefined ? {} : { user: ssh.user }),
    ...(keyFile === undefined
      ? {}
      : { keyFile: { given: keyFile, path: isAbsolute(keyFile) ? keyFile : join(process.cwd(), keyFile) } }),
  };
  const loaded = await loadSettings(
    {
      answers: {},
      flags: {},
      registry: 'optional',
      environment: {},
      topology: {
        ...{ vip: '', masters: '', where: { vip: 'flag', masters: 'flag' } },
        ...(ssh === undefined ? {} : { ssh: told }),
      },
    },
    host,
  );
  if ('problems' in loaded) return loaded;
  const named = new Map(
    (undoing?.runs ?? []).flatMap(({ others }) => others).map(other => [other.hostname, other]),
  );
  const touched = new Set(undoing?.targets.flatMap(({ host: name }) => name ?? []));
  const runs = (undoing?.runs ?? []).map(({ run, command }) => `${run} (${command})`).join(', ');
  return {
    settings: {
      ...loaded.settings,
      others: [...named.values()].filter(({ hostname }) => touched.has(hostname)),
      values: [{ name: 'run', value: runs === '' ? 'none' : runs, source: 'the newest record' }],
    },
  };
}

function reachedBy({ ssh, others }: Settings): readonly string[] {
  return ssh === undefined ? [] : others.map(({ hostname }) => hostname);
}
