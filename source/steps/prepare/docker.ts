import type { Change, Condition } from '../../engine/change';
import type { FailureReport } from '../../engine/failure';
import type { HostReader } from '../../engine/host';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import type { Settings } from '../../variables/settings';
import { ask, lines } from './ask';
import { registryHost } from './daemon-json';
import { readDockerInfo } from './docker-info';
import type { DockerInfo } from './docker-info';
import { readUnit } from './units';
import type { Unit } from './units';

const ANSWERS: Condition = {
  title: 'docker answers',
  kind: 'command',
  command: { file: 'docker', args: ['info', '--format', '{{.ServerVersion}}'] },
  matches: '\\d',
};

interface Observed {
  readonly unit: Unit;
  readonly info: DockerInfo | undefined;
}

/**
 * docker enabled and running. It is restarted only where it does not yet take a plain-HTTP registry for one: that stops every container.
 * A docker that runs and does not answer is waited for, not restarted. The other settings take effect without (certificates are read at each pull) or can wait for its next start (bounds of logs).
 */
export function docker(settings: Settings, after: readonly string[]): Step {
  const registry = registryHost(settings.registry);
  return step<Observed>({
    id: 'docker',
    title: 'Start docker',
    after,
    probe: async host => ({
      unit: await readUnit(host, 'docker.service'),
      info: await readDockerInfo(host),
    }),
    plan: ({ unit, info }) => {
      const changes: Change[] = [];
      if (unit.file !== 'enabled')
        changes.push({ kind: 'service', unit: 'docker.service', action: 'enable' });
      if (unit.active !== 'active') {
        changes.push({ kind: 'service', unit: 'docker.service', action: 'start' });
      } else if (info !== undefined) {
        if (!settings.registry.plainHttp || info.insecureRegistries.includes(registry)) return changes;
        changes.push({ kind: 'service', unit: 'docker.service', action: 'restart' });
      }
      return [...changes, { kind: 'await', condition: ANSWERS, timeoutMs: 90_000 }];
    },
    diagnose,
  });
}

async function diagnose(host: HostReader, failure: FailureReport): Promise<FailureReport> {
  const { stdout } = await ask(host, 'journalctl', [
    '-u',
    'docker.service',
    '-n',
    '20',
    '--no-pager',
    '-o',
    'cat',
  ]);
  const seen = lines(stdout);
  if (seen.length === 0) return failure;
  return {
    ...failure,
    hint: failure.hint ?? 'Mend what docker complains of, then run again: journalctl -u docker',
    seen: [...(failure.seen ?? []), ...seen],
  };
}
