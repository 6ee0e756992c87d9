import type { Arguments } from '../arguments';
import { join } from 'node:path';
import { changesOn } from '../changes';
import { UndoFiles, UndoRecord } from '../changes/undo/record';
import { plan, run, type Hosts } from '../engine/engine';
import { EventStream, type RunPosition } from '../engine/events';
import { Failure } from '../engine/failure';
import type { Host } from '../engine/host';
import { Redactor } from '../engine/redact';
import { openRun } from '../engine/run-files';
import { outlines } from '../engine/schedule';
import { PATIENCE_MS, type SettleOptions } from '../hosts/leftovers';
import type { Answers, Installer } from '../installer';
import { DEFAULT_KUBE_VERSION } from '../kubernetes/versions';
import { registryStatus } from '../registry/status';
import { versionsOnOffer } from '../registry/versions-on-offer';
import { loadSettings } from '../variables/load';
import { resolve } from '../variables/resolve';
import type { Problem, Settings } from '../variables/settings';
import type { OtherHosts } from './other-hosts';
import { preflight } from './preflight';
import type { Recipe } from './recipe';
import type { Surroundings } from './told';
import { gather, withAnswers } from './told';
import { tolerant } from './tolerant';
import { removeUnfinished } from './unfinished';

/** Everything outside that an installation touches. */
export interface Ports extends Surroundings {
  /** The host; programs that it starts are marked with the run where one is given. */
  host(run?: string): Host;
  /** The other hosts that are reached from this one; programs that are started there are marked, too. */
  others(settings: Settings, here: Host, run?: string): Promise<OtherHosts>;
  /** Lets programs that a killed run left behind come to their end, once the lock is held. */
  settleLeftovers(options: SettleOptions): Promise<unknown>;
  readonly directories: { readonly stateDirectory: string; readonly logDirectory: string };
  readonly product: string;
  readonly root: boolean;
}

export interface Opened {
  readonly installer: Installer;
  /** What is wrong with files that no answer could mend. */
  readonly problems: readonly Problem[];
}

function redactorFor(settings: Settings): Redactor {
  const redactor = new Redactor();
  const { login } = settings.registry;
  if (login !== undefined) {
    redactor.add(login.password);
    redactor.add(
      login.password.derive(value => Buffer.from(`${login.username}:${value}`).toString('base64')),
    );
  }
  if (settings.token !== undefined) redactor.add(settings.token);
  return redactor;
}

/** The event stream of one run: its preflight opens it, here or in another process, and the run that follows goes on in it. */
class Streams {
  #from: RunPosition | undefined;
  #open:
    { readonly stream: EventStream; readonly redactor: Redactor; readonly settings: Settings } | undefined;

  constructor(from?: RunPosition) {
    this.#from = from;
  }

  for(settings: Settings): { readonly stream: EventStream; readonly redactor: Redactor } {
    if (this.#open?.settings !== settings) {
      const redactor = redactorFor(settings);
      this.#open = { stream: new EventStream({ redactor, ...this.#from }), redactor, settings };
      this.#from = undefined;
    }
    return this.#open;
  }

  close(): void {
    this.#open = undefined;
  }
}

/** The real installer: settings, then checks, then stages through the engine. `from` is a run that began in another process. */
export async function openInstaller(
  given: Arguments,
  recipe: Recipe,
  ports: Ports,
  from?: RunPosition,
): Promise<Opened> {
  const host = ports.host();
  const { told, problems } = await gather(host, given, ports);
  const { values, problems: fileProblems } = resolve(told);
  const streams = new Streams(from);
  const defaults: Required<Answers> = {
    KUBE_VERSION: values.get('KUBE_VERSION')?.value ?? DEFAULT_KUBE_VERSION,
    DOCKER_REGISTRY: values.get('DOCKER_REGISTRY')?.value ?? '',
    vip: told.topology.vip,
    masters: told.topology.masters,
  };
  const needs = recipe.registry === undefined ? {} : { registry: recipe.registry };
  const installer: Installer = {
    defaults,
    settings: answers =>
      recipe.settings?.(host, given) ?? loadSettings({ ...withAnswers(told, answers), ...needs }, host),
    examine: async () => (await import('../recovery/examine')).examine(host, given.snapshot),
    versionsOnOffer: () => versionsOnOffer(host),
    registryStatus: settings => registryStatus(host, settings),
    async preflight(settings, listener) {
      const { stream } = streams.for(settings);
      const remove = stream.add(listener);
      const others = await ports.others(settings, host);
      try {
        return await preflight(await recipe.checks(settings, others.hosts, given), host, stream);
      } finally {
        await others.close();
        remove();
      }
    },
    async plan(settings) {
      const reader = tolerant(host);
      const { stages, notes = [] } = await recipe.work(settings, reader.host, given);
      const others = await ports.others(settings, host);
      const steps = await plan(stages, {
        host: reader.host,
        changes: changesOn(host),
        hosts: changeable(others),
        redactor: redactorFor(settings),
      }).finally(() => others.close());
      const all = [...notes, ...(ports.root ? [] : [notRoot([...reader.unreadable])])];
      return { values: settings.values, stages: outlines(stages), steps, notes: all };
    },
    async run(settings, { listener, ask, signal }) {
      if (!ports.root) {
        throw new Failure({
          code: 'not-root',
          message: 'Only root can install: packages, services and files of the system are changed.',
          hint: 'Run the same command as root, or with sudo.',
        });
      }
      const { stream, redactor } = streams.for(settings);
      const remove = stream.add(listener);
      try {
        const files = await openRun(stream, ports.directories);
        try {
          await settle(ports, stream, signal);
          const runHost = ports.host(stream.run);
          const { stages, observers, summarize, refused } = await recipe.work(settings, runHost, given);
          if (refused !== undefined) throw new Failure(refused);
          const others = await ports.others(settings, runHost, stream.run);
          const { unfinished } = files.journal;
          await removeUnfinished(unfinished, { here: runHost, others: others.hosts }, line => {
            files.note(INTERRUPTED, line);
          });
          const undo = undoRecord(recipe, settings, stream.run, ports);
          return await run(stages, {
            host: runHost,
            changes: changesOn(runHost, undo),
            hosts: changeable(others, undo.record),
            stream,
            files,
            redactor,
            ask,
            signal,
            start: { product: ports.product, command: recipe.command, values: settings.values },
            ...(observers === undefined ? {} : { observers }),
            ...(summarize === undefined ? {} : { summarize }),
          }).finally(() => Promise.all([others.close(), undo.files.close()]));
        } finally {
          await files.close();
        }
      } finally {
        remove();
        streams.close();
      }
    },
  };
  // What makes its settings in its own way has no use for files and flags that are wrong.
  const own = recipe.settings !== undefined;
  return { installer, problems: own ? [] : [...problems, ...fileProblems] };
}

/** The other hosts as the engine takes them. */
function changeable({ hosts }: OtherHosts, record?: UndoRecord): Hosts {
  return new Map(
    [...hosts].map(([place, host]) => [
      place,
      { host, changes: changesOn(host, record === undefined ? {} : { record, place }) },
    ]),
  );
}

/** Where this run writes down what takes its changes back; taking back is not itself taken back. */
function undoRecord(
  { command }: Recipe,
  { others }: Settings,
  run: string,
  { directories }: Ports,
): { readonly record?: UndoRecord; readonly files: UndoFiles } {
  const files = new UndoFiles(join(directories.stateDirectory, 'undo'), run);
  if (command === 'undo') return { files };
  const header = { v: 1, run, command, time: new Date().toISOString(), others } as const;
  return { record: new UndoRecord(files, header), files };
}

function notRoot(unreadable: readonly string[]): string {
  const seen =
    unreadable.length === 0
      ? 'all files could be read'
      : `these could not be read and are planned for as if they were not there: ${unreadable.join(', ')}`;
  return `This plan was not made by root: ${seen}. Commands that need root may have told less than they would have.`;
}

/** Under which what concerns the run before is told, as if it were a step. */
const INTERRUPTED = 'interrupted-run';

/** Programs of a run that was killed come to their end before anything is looked at; what is waited for is told. */
async function settle(ports: Ports, stream: EventStream, signal: AbortSignal): Promise<void> {
  const step = INTERRUPTED;
  let told: { readonly title: string; readonly since: number } | undefined;
  const onWait: SettleOptions['onWait'] = programs => {
    const names = programs.map(({ command }) => command.slice(0, 60)).join(', ');
    told = { title: `what an interrupted run had started has ended: ${names}`, since: Date.now() };
    stream.emit({ type: 'wait-started', step, title: told.title, timeoutMs: PATIENCE_MS });
  };
  await ports.settleLeftovers({ onWait, signal });
  if (told === undefined) return;
  stream.emit({ type: 'wait-finished', step, title: told.title, ms: Date.now() - told.since });
}
