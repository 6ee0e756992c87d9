import type { Change } from '../../engine/change';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import type { Settings } from '../../variables/settings';
import { readInstalled, wantedPackages } from './rpm';
import type { Installed } from './rpm';

const YUM_TIMEOUT_MS = 20 * 60_000;

/** The packages of a node, kubelet and its companions at the wanted version. What is there already is not updated: that is the site's to decide. */
export function packages(settings: Settings, after: readonly string[]): Step {
  return step<Installed>({
    id: 'packages',
    title: 'Install packages',
    after,
    probe: readInstalled,
    plan: installed => {
      const { install, downgrade } = wantedPackages(settings, installed);
      const changes: Change[] = [];
      if (install.length > 0) {
        changes.push(installed.excluded ? yum('install', install) : { kind: 'install', packages: install });
      }
      if (downgrade.length > 0) changes.push(yum('downgrade', downgrade));
      return changes;
    },
  });
}

/** Excludes are meant against updates by accident, which this is not; Kubernetes' own instructions say the same flag. */
function yum(action: 'install' | 'downgrade', names: readonly string[]): Change {
  const args = ['-y', '--disableexcludes=all', action, ...names];
  return {
    kind: 'run',
    title: `yum ${args.join(' ')}`,
    command: { file: 'yum', args },
    timeoutMs: YUM_TIMEOUT_MS,
    undo: [{ kind: 'packages', packages: names }],
  };
}
