import type { Lab, LabHost } from '../lab';
import { complaint, install } from '../scenarios/support';
import { order } from './burdened';
import { freshGround } from './cluster';
import { comesToTheSame } from './kills';
import { undisturbed } from './reference';
import type { Verdict } from './verdict';

const shape = 'one master';

/** A stack is what an operator must never be shown. */
const stack = /^\s+at .+:\d+:\d+\)?$/m;

/** Runs the installer under a fault, takes the fault away, runs it again, and compares. */
async function underFault(
  lab: Lab,
  fault: {
    readonly make: (host: LabHost) => Promise<void>;
    readonly end: (host: LabHost) => Promise<void>;
    readonly note: string;
  },
  report: (line: string) => void,
): Promise<Verdict> {
  const reference = await undisturbed(lab, shape, report);
  const ground = await freshGround(lab, shape);
  const { master, flags } = ground;
  order(master, {});
  await fault.make(master);
  const under = await install(master, flags);
  const told = complaint(under);
  report(`under the fault it ended with exit code ${String(under.code)}`);
  await fault.end(master);
  const after = under.code === 0 ? under : await install(master, flags);
  const differs = after.code === 0 ? await comesToTheSame(ground, reference) : [complaint(after)];
  const shown = stack.test(told) ? ['a stack was shown'] : [];
  return {
    survived: after.code === 0 && differs.length === 0 && shown.length === 0,
    ...{ times: 1, starts: under.code === 0 ? 1 : 2, failures: after.code === 0 ? 0 : 1, missed: [] },
    detail: [`under the fault: exit code ${String(under.code)}; ${told.slice(0, 600)}`, ...shown, ...differs],
    note: `${fault.note}; the installer ended with exit code ${String(under.code)}${under.code === 0 ? ' under it' : ', and was run again once the fault was gone'}`,
  };
}

/** A file system that is full: a small tmpfs is mounted over a directory, and made large afterwards. */
export function fullDisk(
  lab: Lab,
  path: string,
  size: string,
  report: (line: string) => void,
): Promise<Verdict> {
  return underFault(
    lab,
    {
      make: async host => {
        await host.succeed(
          `mkdir -p ${path} && mount -t tmpfs -o size=${size},mode=$(stat -c %a ${path}) tmpfs ${path}`,
        );
      },
      end: async host => {
        await host.succeed(`mount -o remount,size=8g ${path}`);
      },
      note: `${path} on a file system of ${size}`,
    },
    report,
  );
}

/** The installer's own clock is off; the hosts share the machine's kernel, whose clock is right. */
export function clockOff(lab: Lab, byMs: number, report: (line: string) => void): Promise<Verdict> {
  return underFault(
    lab,
    {
      make: host => {
        order(host, { clockMs: byMs });
        return Promise.resolve();
      },
      end: host => {
        order(host, {});
        return Promise.resolve();
      },
      note: `the installer's own clock is off by ${String(byMs / 3_600_000)} h (a stand-in: the programs that it runs have the right time)`,
    },
    report,
  );
}
