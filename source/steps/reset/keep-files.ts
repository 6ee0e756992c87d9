import type { Change } from '../../engine/change';
import { step, type Step } from '../../engine/step';
import { KUBEADM_CONFIG, SNAPSHOTS } from '../paths';
import type { Keeping } from './kept';

const KUBERNETES = '/etc/kubernetes';

interface Observed {
  /** What is there to be kept and is not kept yet, by its name in the folder. */
  readonly due: readonly (readonly [source: string, name: string])[];
}

/** Keeps the PKI with all of /etc/kubernetes, kubeadm's configuration, and the snapshots that were taken as etcd grew. */
export function keepFiles({ path }: Keeping, after: readonly string[]): Step {
  const wanted = [
    [KUBERNETES, 'kubernetes'],
    [KUBEADM_CONFIG, 'kubeadm-init.yaml'],
    [SNAPSHOTS, 'snapshots'],
  ] as const;
  return step<Observed>({
    id: 'keep-files',
    title: "Keep the cluster's keys and configuration",
    after,
    probe: async host => {
      const found = await Promise.all(
        wanted.map(async ([source, name]) => {
          const [there, kept] = await Promise.all([host.stat(source), host.stat(`${path}/${name}`)]);
          return there !== undefined && kept === undefined ? [[source, name] as const] : [];
        }),
      );
      return { due: found.flat() };
    },
    plan: ({ due }) => due.flatMap(([source, name]) => copyWhole(source, `${path}/${name}`)),
  });
}

/** A copy that is there under its name is a whole one: it has another name until then. */
export function copyWhole(source: string, to: string): readonly Change[] {
  const part = `${to}.part`;
  const run = (title: string, file: string, ...args: readonly string[]): Change => ({
    kind: 'run',
    title,
    command: { file, args },
    timeoutMs: 10 * 60_000,
  });
  return [
    run(`Copy ${source} to ${to}`, 'cp', '--archive', '--no-target-directory', source, part),
    run('Wait until it is on the disk', 'sync'),
    run(`It is whole: ${to}`, 'mv', '--no-target-directory', part, to),
  ];
}
