import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { execute } from './execute';

/** Something that is built once and kept in a directory named by what it was made from. */
export interface Part {
  readonly name: string;
  /** What is being done, as it is told while one waits for it. */
  readonly says: string;
  /** How long that took on two cores, in seconds: an expectation for the one who waits. */
  readonly seconds: number;
  /** Files and words that decide what comes out: another content is another directory. */
  readonly files: readonly string[];
  readonly words?: readonly string[];
  readonly needs: readonly Part[];
  build(out: string, run: PartRun): Promise<void>;
}

/** What a part's build may use. */
export interface PartRun {
  /** The directory of a part that this one needs. */
  of(part: Part): string;
  /** Runs a program; its output goes to the part's log. */
  execute(program: string, parameters: readonly string[]): Promise<void>;
}

export interface BuilderOptions {
  readonly cache: string;
  readonly report: (line: string) => void;
  /** How many parts are built at the same time. */
  readonly lanes?: number;
}

/** Removes a directory and all in it; what an interrupted build has mounted below is unmounted first. */
function removeBuilding(directory: string): void {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map(line => line.split(' ')[4] ?? '')
    .filter(point => point.startsWith(`${directory}/`));
  for (const point of mounts.reverse()) execFileSync('umount', ['--lazy', point]);
  rmSync(directory, { recursive: true, force: true });
}

/** The key of a part: its own files and words, and the keys of all that it needs. */
export function keyOf(part: Part): string {
  const hash = createHash('sha256').update(part.name);
  for (const file of part.files) hash.update('\0file\0').update(readFileSync(file));
  for (const word of part.words ?? []) hash.update('\0word\0').update(word);
  for (const need of part.needs) hash.update('\0part\0').update(keyOf(need));
  return hash.digest('hex').slice(0, 16);
}

/**
 * Builds parts, each after what it needs and a few at the same time. A part is built in a
 * directory of its own and renamed when it is whole, so an interrupted build leaves no half.
 */
export class Builder {
  private readonly made = new Map<string, Promise<string>>();
  private readonly waiting: { readonly seconds: number; readonly enter: () => void }[] = [];
  private free: number;
  kept = 0;

  constructor(private readonly options: BuilderOptions) {
    this.free = options.lanes ?? 2;
    mkdirSync(join(options.cache, 'logs'), { recursive: true });
    this.clearAbandoned();
  }

  /** The part's directory, built if it is not there yet. */
  make(part: Part): Promise<string> {
    const running = this.made.get(part.name);
    if (running !== undefined) return running;
    const made = this.makeOnce(part);
    this.made.set(part.name, made);
    return made;
  }

  private async makeOnce(part: Part): Promise<string> {
    const directory = join(this.options.cache, 'parts', part.name, keyOf(part));
    if (existsSync(directory)) {
      // The time says when it was last wanted: prune() goes by it.
      utimesSync(directory, new Date(), new Date());
      this.kept += 1;
      return directory;
    }
    const needed = new Map<Part, string>();
    await Promise.all(part.needs.map(async need => needed.set(need, await this.make(need))));
    await this.enter(part.seconds);
    try {
      await this.build(part, directory, needed);
    } finally {
      this.leave();
    }
    return directory;
  }

  private async build(part: Part, directory: string, needed: ReadonlyMap<Part, string>): Promise<void> {
    const { cache, report } = this.options;
    const building = join(cache, 'building', `${part.name}-${basename(directory)}-${process.pid}`);
    const log = join(cache, 'logs', `${part.name}.log`);
    // The compiler's own temporary files (some hundred MB) lie here too: those of an interrupted build are found again.
    const temporary = join(cache, 'building', `${part.name}-temporary-${process.pid}`);
    removeBuilding(building);
    rmSync(log, { force: true });
    mkdirSync(building, { recursive: true });
    mkdirSync(temporary, { recursive: true });
    report(`${part.name}: ${part.says} (about ${part.seconds} s)`);
    const started = Date.now();
    await part.build(building, {
      of: need => {
        const found = needed.get(need);
        if (found === undefined) throw new Error(`${part.name} does not name ${need.name} among its needs`);
        return found;
      },
      execute: (program, parameters) =>
        execute(program, parameters, {
          log,
          environment: { GOCACHE: join(cache, 'go-build'), GOTMPDIR: temporary },
        }),
    });
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(join(directory, '..'), { recursive: true });
    // Another build may have finished the same part meanwhile: the first one stands.
    if (existsSync(directory)) rmSync(building, { recursive: true, force: true });
    else renameSync(building, directory);
    report(`${part.name}: done in ${Math.round((Date.now() - started) / 1000)} s`);
  }

  private async enter(seconds: number): Promise<void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>(enter => this.waiting.push({ seconds, enter }));
  }

  /** Lets the longest of the waiting parts in: it is what the whole build ends up waiting for. */
  private leave(): void {
    this.waiting.sort((one, other) => other.seconds - one.seconds);
    const next = this.waiting.shift();
    if (next === undefined) this.free += 1;
    else next.enter();
  }

  /** Removes what an interrupted build left: directories whose process is gone. */
  private clearAbandoned(): void {
    const folder = join(this.options.cache, 'building');
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder)) {
      const owner = /-(\d+)$/.exec(name)?.[1];
      if (owner === undefined || !existsSync(`/proc/${owner}`)) removeBuilding(join(folder, name));
    }
  }

  /** Removes versions of parts that were last wanted long ago, but never the newest two of a part. */
  prune(): void {
    const parts = join(this.options.cache, 'parts');
    for (const name of readdirSync(parts)) {
      const versions = readdirSync(join(parts, name))
        .map(key => join(parts, name, key))
        .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
      for (const old of versions.slice(2)) rmSync(old, { recursive: true, force: true });
    }
  }
}
