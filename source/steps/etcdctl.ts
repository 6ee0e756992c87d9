import type { Change } from '../engine/change';
import { step, type Step } from '../engine/step';
import type { Settings } from '../variables/settings';
import { ETCDCTL } from './paths';

/** A container that is never started: files are copied out of it. */
const CONTAINER = 'kube-el7-install-etcdctl';
/** The id of the image that the program was taken from. */
const ORIGIN = `${ETCDCTL}.image`;
/** Where images have it: Kubernetes' own, and ones that are made of a distribution's packages. */
const PLACES = ['/usr/local/bin/etcdctl', '/usr/bin/etcdctl'];

interface Observed {
  /** The program is there, and is the one of the image that docker has. */
  readonly taken: boolean;
  /** A container that an interrupted run left. */
  readonly leftover: boolean;
}

/** etcd's own client program, of the same version as etcd, for snapshots and for what members are told; no host needs a package of it. */
export function etcdctl(settings: Settings, after: readonly string[]): Step {
  const image = settings.images.etcd;
  return step<Observed>({
    id: 'etcdctl',
    title: 'Take etcdctl out of its image',
    after,
    probe: async host => {
      const [found, origin, inspected, works, leftover] = await Promise.all([
        host.stat(ETCDCTL),
        host.read(ORIGIN),
        host.query(docker('image', 'inspect', '--format', '{{.Id}}', image)),
        host.query({ file: ETCDCTL, args: ['version'], env: { ETCDCTL_API: '3' } }),
        host.query(docker('ps', '--all', '--quiet', '--filter', `name=^/?${CONTAINER}$`)),
      ]);
      const same = inspected.code === 0 && origin?.toString('utf8').trim() === inspected.stdout.trim();
      return {
        taken: found?.mode === 0o755 && same && works.code === 0,
        leftover: leftover.stdout.trim() !== '',
      };
    },
    plan: ({ taken, leftover }) => {
      const removed = leftover ? [run('Remove the container of an interrupted run', removeContainer)] : [];
      return taken ? removed : [...removed, ...take(image)];
    },
  });
}

function take(image: string): readonly Change[] {
  const copy = PLACES.map(place => `docker cp --follow-link "$1:${place}" "$2"`).join(' || ');
  return [
    { kind: 'directory', path: ETCDCTL.slice(0, ETCDCTL.lastIndexOf('/')), mode: 0o700 },
    // From here on whatever is there is not trusted until its origin is written again.
    { kind: 'remove', path: ORIGIN },
    run(`Make a container of ${image}`, docker('create', '--name', CONTAINER, image, 'etcdctl')),
    run('Copy etcdctl out of it', { file: 'sh', args: ['-c', copy, 'sh', CONTAINER, ETCDCTL] }),
    run('Remove the container', removeContainer),
    run('Let root run etcdctl', { file: 'chmod', args: ['0755', ETCDCTL] }),
    {
      ...run('Note which image it is from', docker('image', 'inspect', '--format', '{{.Id}}', image)),
      keepOutput: { path: ORIGIN, mode: 0o644 },
    },
  ];
}

type Run = Extract<Change, { kind: 'run' }>;

function run(title: string, command: Run['command']): Run {
  return { kind: 'run', title, command, timeoutMs: 2 * 60_000, undo: [{ kind: 'paths', paths: [ETCDCTL] }] };
}

function docker(...args: readonly string[]): Run['command'] {
  return { file: 'docker', args };
}

const removeContainer = docker('rm', '--force', CONTAINER);
