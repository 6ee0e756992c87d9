import { randomInt } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, type Clock } from './clock';
import { Failure } from './failure';

/** A process that cannot be mistaken for a later one with the same number: pid, its start in clock ticks, the boot. */
interface ProcessIdentity {
  readonly boot: string;
  readonly pid: number;
  readonly start: string;
}

/** Held until released or until the process is gone, however it went. */
export interface Lock {
  release(): Promise<void>;
}

const CLAIM = /^([0-9a-f]+)-(\d+)-(\d+)$/;
const TRIES = 3;

/**
 * Takes the lock or throws the Failure "locked", which says who holds it.
 * Each process puts a claim of its own, named by its identity, into the directory and only then looks for others:
 * of two, at least one sees the other. A dead process's claim can be deleted by anyone at any time, so that no
 * takeover can hit a living one. (A socket in the abstract namespace would be simpler; Node 16 cannot bind one.)
 */
export async function takeLock(directory: string, clock: Clock = systemClock): Promise<Lock> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const self = await identityOf('self');
  if (self === undefined) throw new Error('/proc is not mounted');
  const claim = join(directory, `${self.boot}-${self.pid}-${self.start}`);
  for (let left = TRIES; ; left -= 1) {
    await makeClaim(claim, directory);
    const other = await livingClaim(directory, self);
    if (other === undefined) return { release: () => rm(claim, { force: true }) };
    await rm(claim, { force: true });
    if (left <= 1) throw lockedBy(other);
    // Two that began at the same moment see each other; a short and different pause lets one of them win.
    await clock.sleep(randomInt(20, 200));
  }
}

/** A process that holds a lock. */
export interface Claim {
  readonly pid: number;
  readonly since: Date;
}

async function makeClaim(claim: string, directory: string): Promise<void> {
  try {
    const file = await open(claim, 'wx', 0o600);
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Failure({
      code: 'locked',
      message: `This process holds the lock in ${directory} already.`,
    });
  }
}

/** Who holds the lock, where anybody does; takes and changes nothing. */
export async function holderOf(directory: string): Promise<Claim | undefined> {
  for (const name of await readdir(directory).catch(() => [])) {
    const [, boot, pid, start] = CLAIM.exec(name) ?? [];
    if (boot === undefined || pid === undefined || start === undefined) continue;
    const found = await identityOf(pid);
    if (found?.boot !== boot || found.start !== start) continue;
    const since = await sinceWhen(join(directory, name));
    if (since !== undefined) return { pid: Number(pid), since };
  }
  return undefined;
}

async function livingClaim(directory: string, self: ProcessIdentity): Promise<Claim | undefined> {
  for (const name of await readdir(directory)) {
    const [, boot, pid, start] = CLAIM.exec(name) ?? [];
    if (boot === undefined || pid === undefined || start === undefined) continue;
    if (boot === self.boot && Number(pid) === self.pid && start === self.start) continue;
    const path = join(directory, name);
    const living = boot === self.boot && (await identityOf(pid))?.start === start;
    if (living) {
      const since = await sinceWhen(path);
      if (since !== undefined) return { pid: Number(pid), since };
    } else {
      await rm(path, { force: true });
    }
  }
  return undefined;
}

async function sinceWhen(path: string): Promise<Date | undefined> {
  try {
    return (await stat(path)).mtime;
  } catch {
    return undefined;
  }
}

/** Undefined where there is no such process; a zombie is none. */
async function identityOf(pid: string): Promise<ProcessIdentity | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    // proc(5): the name, in parentheses, may hold anything; state is the 3rd field and starttime the 22nd.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const start = fields[19];
    if (start === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return { boot: boot.replace(/[^0-9a-f]/g, ''), pid: Number.parseInt(text, 10), start };
  } catch {
    return undefined;
  }
}

function lockedBy(claim: Claim): Failure {
  return new Failure({
    code: 'locked',
    message: `Another run is at work on this host: process ${claim.pid}, since ${claim.since.toISOString().slice(0, 19)}Z.`,
    hint: `Look at it with kube-el7-install attach, or wait until it has ended (ps -fp ${claim.pid} shows the process).`,
  });
}
