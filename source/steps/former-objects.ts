import { withView, yamlView } from '../disclosure/files';
import type { Change } from '../engine/change';
import { asManifest, type KubeadmObjects, type KubeadmPhase } from '../kubernetes/kubeadm-objects';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import { toYaml } from '../kubernetes/yaml';
import { kubeadmPhase } from './kubeadm-phase';
import { STATE } from './paths';

/** Objects as they were before a phase writes over them; it is there while one is at work. */
export const FORMER = `${STATE}/former-objects.yaml`;

/** Puts something back by its phase, and gives the objects back that the phase has written over. */
export function byPhase(
  what: string,
  { words, writes }: KubeadmPhase,
  { there }: KubeadmObjects,
): readonly Change[] {
  const former = writes.flatMap(path => there.get(path) ?? []).map(asManifest);
  const run = kubeadmPhase(`Put back ${what}`, words);
  if (former.length === 0) return [run];
  const names = former.map(object => {
    const { kind, metadata } = object as { kind?: string; metadata?: { name?: string } };
    return `${kind ?? ''} ${metadata?.name ?? ''}`;
  });
  return [
    { kind: 'write', path: FORMER, content: withView(toYaml(...former), yamlView), mode: 0o600 },
    run,
    ...giveBack(names.join(', ')),
  ];
}

/** As they were: the apiserver takes an object without a version for the one that there is (registry/rest, AllowUnconditionalUpdate). */
export function giveBack(what: string): readonly Change[] {
  return [
    {
      kind: 'run',
      title: `Leave as before: ${what}`,
      command: kubectl('replace', '--filename', FORMER),
      timeoutMs: KUBECTL_TIMEOUT_MS,
      again: WHILE_UNANSWERED,
    },
    { kind: 'remove', path: FORMER },
  ];
}
