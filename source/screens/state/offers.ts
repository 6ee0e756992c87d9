import type { Arguments } from '../../arguments';
import type { Installer } from '../../installer';
import type { Standing } from './menu-types';

/** What screens can bring about. */
export type ScreensCommand = 'install' | 'readd-member' | 'undo' | 'reset';

/** What else can be had from the screens; a key or a line is there only where its offer is. */
export type Offer = Exclude<ScreensCommand, 'install'> | 'attach' | 'support-bundle';

/** What is said otherwise than on the command line. */
export type OpenChanges = Partial<Arguments> & { readonly command: ScreensCommand };

/** What the screens can set going beside the installer that they are given. */
export interface Offers {
  /** The commands that `open` knows. */
  readonly commands: readonly ScreensCommand[];
  /** An installer for another command, or for the same one with more said. */
  open(changes: OpenChanges): Promise<Installer>;
  /** How this host stands now. */
  standing(): Promise<Standing>;
  /** Shows the run under way once the screens have given the terminal back; gives the exit code. */
  readonly attach?: () => Promise<number>;
  /** Writes a support bundle and gives its path. */
  readonly supportBundle?: () => Promise<string>;
}

/** What follows once an installer is there: the questions, the members of etcd, the checks and then the plan, the plan alone, or the checks and then the run. */
export type Onward = 'wizard' | 'examine' | 'check' | 'plan' | 'run';

/** What the screens begin with. */
export type Opening =
  | { readonly kind: 'wizard' }
  | { readonly kind: 'menu'; readonly standing: Standing }
  | { readonly kind: 'recovery' }
  /** No questions: checks, the plan, the run. */
  | { readonly kind: 'plan'; readonly command: 'undo' | 'reset' };

/** The names of what there is. */
export function offered(offers: Offers | undefined): readonly Offer[] {
  if (offers === undefined) return [];
  const { commands, attach, supportBundle } = offers;
  return [
    ...commands.filter((name): name is Exclude<ScreensCommand, 'install'> => name !== 'install'),
    ...(attach === undefined ? [] : (['attach'] as const)),
    ...(supportBundle === undefined ? [] : (['support-bundle'] as const)),
  ];
}
