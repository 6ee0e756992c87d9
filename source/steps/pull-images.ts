import type { FailureReport } from '../engine/failure';
import type { Step } from '../engine/step';
import { step } from '../engine/step';
import { explain } from './diagnosis';

/** One pull of a large image over a slow line. */
const PULL_TIMEOUT_MS = 20 * 60_000;

/** What docker says where it does not reach a registry (in the words of Go's net and net/http): one that is started anew is there again soon. */
const WHILE_AWAY = {
  while: [
    'connect: (connection refused|no route to host|network is unreachable)',
    'i/o timeout|Client\\.Timeout exceeded|TLS handshake timeout',
    'connection reset by peer|unexpected EOF',
  ].join('|'),
  meaning: 'the registry does not answer',
  withinMs: 90_000,
} as const;

/** Where the login is stored, whoever's home the run has (su and sudo -E keep the caller's). */
const OF_ROOT = { DOCKER_CONFIG: '/root/.docker' } as const;

interface Group {
  /** Ends the step's id. */
  readonly id: string;
  /** Ends the step's title. */
  readonly title: string;
  readonly images: readonly string[];
}

/** Pulls what docker does not have yet. Groups are pulled at the same time, so that what is needed first does not wait for the rest. */
export function pullImages(group: Group, after: readonly string[]): Step {
  const images = [...new Set(group.images)];
  return step<readonly string[]>({
    id: `pull-images-${group.id}`,
    title: `Pull ${group.title}`,
    after,
    probe: async host => {
      const present = await Promise.all(
        images.map(image =>
          host.query({ file: 'docker', args: ['image', 'inspect', '--format', '{{.Id}}', image] }),
        ),
      );
      return images.filter((_, index) => present[index]?.code !== 0);
    },
    plan: missing =>
      missing.map(image => ({
        kind: 'run',
        title: `docker pull ${image}`,
        command: { file: 'docker', args: ['pull', image], env: OF_ROOT },
        timeoutMs: PULL_TIMEOUT_MS,
        again: WHILE_AWAY,
        undo: [
          { kind: 'stays', what: 'images that docker has pulled (docker image prune --all removes them)' },
        ],
      })),
    diagnose: (_, failure) => Promise.resolve(pullFailure(failure)),
  });
}

function pullFailure(failure: FailureReport): FailureReport {
  return { ...failure, code: 'image-pull-failed', ...explain(failure.seen ?? []) };
}
