import type { Change } from '../../engine/change';
import { yumCommand } from '../../changes/yum';
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
      if (install.length > 0) changes.push({ kind: 'install', packages: install });
      if (downgrade.length > 0) changes.push(takeBack(downgrade));
      return changes;
    },
  });
}

function takeBack(names: readonly string[]): Change {
  const command = yumCommand('downgrade', names);
  return {
    kind: 'run',
    title: `yum ${command.args.join(' ')}`,
    command,
    timeoutMs: YUM_TIMEOUT_MS,
    undo: [{ kind: 'packages', packages: names }],
  };
}
