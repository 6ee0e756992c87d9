import type { Command } from '../engine/host';

/** Excludes are meant against updates by accident, which this is not; Kubernetes' own instructions say the same flag. */
export const PASS_EXCLUDES = '--disableexcludes=all';

export type YumAction = 'install' | 'downgrade';

/** How packages are installed, or taken back to an older version. The preflight asks yum with the same words. */
export function yumCommand(action: YumAction, packages: readonly string[]): Command {
  return { file: 'yum', args: ['-y', PASS_EXCLUDES, action, ...packages] };
}
