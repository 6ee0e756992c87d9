import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arguments } from '../arguments';
import type { Installer } from '../installer';
import type { Offers, OpenChanges, Opening, ScreensCommand } from '../screens/state/offers';
import type { Surface } from './start';

interface Shown {
  readonly given: Arguments;
  readonly surface: Surface;
  readonly installer: Installer;
  /** The commands that there are recipes for. */
  readonly commands: readonly ScreensCommand[];
  readonly open: (given: Arguments) => Promise<Installer>;
  readonly standing: Offers['standing'];
  readonly attach: () => Promise<number>;
  readonly supportBundle?: () => Promise<string>;
}

/** What the screens begin with: questions on a new host, the menu where something is there already. */
async function openingOf({ given, surface, standing }: Shown): Promise<Opening> {
  switch (given.command) {
    case 'readd-member':
      return { kind: 'recovery' };
    case 'undo':
    case 'reset':
      return { kind: 'plan', command: given.command };
    default: {
      // Who is not root may look at a plan, and cannot see what is there.
      const stands = surface.root ? await standing() : undefined;
      return stands === undefined || ['nothing', 'prepared'].includes(stands.kind)
        ? { kind: 'wizard' }
        : { kind: 'menu', standing: stands };
    }
  }
}

/** Opens the screens of a command that asks, with everything that can be had from there. */
export async function showScreens(shown: Shown): Promise<number> {
  const { given, surface, installer, commands, open, standing, attach, supportBundle } = shown;
  const { product, signal, now, workingDirectory } = surface;
  const [opening, { openScreens }] = await Promise.all([openingOf(shown), import('../screens/index')]);
  return openScreens({
    ...{ installer, product, signal, now, opening },
    savePlan: async text => {
      const path = join(workingDirectory, 'kube-el7-install-plan.txt');
      await writeFile(path, text, { mode: 0o600 });
      return path;
    },
    offers: {
      ...{ commands, standing, attach },
      // What was said on the command line holds for the other commands, too.
      open: (changes: OpenChanges) => open({ ...given, ...changes }),
      ...(supportBundle === undefined ? {} : { supportBundle }),
    },
  });
}
