import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import { ask } from '../engine/ask';
import type { Change, Condition, Content } from '../engine/change';
import { Failure, type FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { kubectl, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import {
  marked,
  observeObjects,
  withoutAppliedCopy,
  type KubeObject,
  type ObservedObjects,
} from '../kubernetes/objects';
import { toYaml } from '../kubernetes/yaml';
import { apiAccess } from './access';
import type { Master } from '../variables/master';
import { MANIFESTS } from './paths';

const APPLY_TIMEOUT_MS = 5 * 60_000;

interface ManifestStep {
  readonly id: string;
  readonly title: string;
  readonly after: readonly string[];
  readonly objects: readonly KubeObject[];
  /** What it must come to once it is applied. */
  readonly ready?: { readonly condition: Condition; readonly timeoutMs: number };
  readonly diagnose?: (host: HostReader, failure: FailureReport) => Promise<FailureReport>;
}

interface Observed {
  readonly file: ObservedDesired;
  readonly objects: ObservedObjects;
  readonly ready: boolean;
}

/** A step that keeps a manifest on the host, applies it where the cluster differs from it, and waits for what comes of it. */
export function manifestStep(definition: ManifestStep, master: Master): Step {
  const { id, title, after, ready, diagnose } = definition;
  const objects = definition.objects.map(marked);
  const file = manifestFile(id, toYaml(...objects));
  return step<Observed>({
    id,
    title,
    after,
    probe: async host => {
      const [found, live] = await Promise.all([
        observe(host, [file]),
        observeObjects(host, apiAccess(master), objects),
      ]);
      // Before there is a cluster kubectl has nobody to ask.
      const isReady = ready === undefined || ('differing' in live && (await isMet(host, ready.condition)));
      return { file: found, objects: live, ready: isReady };
    },
    plan: observed => {
      const changes = difference([file], observed.file);
      const applied = 'differing' in observed.objects && observed.objects.differing.length === 0;
      return [
        ...changes,
        ...(applied && changes.length === 0 ? [] : [apply(id)]),
        ...(ready === undefined || (applied && observed.ready) ? [] : [{ kind: 'await', ...ready } as const]),
      ];
    },
    ...(diagnose === undefined ? {} : { diagnose }),
  });
}

/** The file that a manifest is kept in and applied from; 0600, for some hold keys. */
export function manifestFile(name: string, content: Content): Extract<Desired, { kind: 'file' }> {
  return { kind: 'file', path: `${MANIFESTS}/${name}.yaml`, content, mode: 0o600 };
}

/** Applies the kept manifest of that name. */
export function apply(name: string): Change {
  return {
    kind: 'run',
    title: `kubectl apply ${name}`,
    command: kubectl('apply', '--filename', `${MANIFESTS}/${name}.yaml`),
    timeoutMs: APPLY_TIMEOUT_MS,
    again: WHILE_UNANSWERED,
  };
}

/**
 * Stores Secrets from kept manifests: applied on the server's side, or kubectl would keep their values in an annotation as
 * well; where an earlier version has done so, the annotation goes. Each owner of fields is named, since what an owner leaves out the next time is removed.
 */
export function storeSecrets(
  title: string,
  owner: string,
  secrets: readonly { readonly path: string; readonly object: KubeObject; readonly copied: boolean }[],
): readonly Change[] {
  const run = (title: string, args: readonly string[]): Change => ({
    kind: 'run',
    title,
    command: kubectl(...args),
    timeoutMs: APPLY_TIMEOUT_MS,
    again: WHILE_UNANSWERED,
  });
  const files = secrets.flatMap(({ path }) => ['--filename', path]);
  const flags = ['--server-side', '--force-conflicts', `--field-manager=kube-el7-install-${owner}`];
  return [
    run(title, ['apply', ...flags, ...files]),
    ...secrets
      .filter(({ copied }) => copied)
      .map(({ object }) =>
        run(
          `Remove the copy of its values from the annotations of ${object.metadata.name}`,
          withoutAppliedCopy(object),
        ),
      ),
  ];
}

/** Asks once whether a condition holds. */
export async function isMet(host: HostReader, condition: Condition): Promise<boolean> {
  if (condition.kind === 'all') {
    const met = await Promise.all(condition.of.map(question => isMet(host, question)));
    return met.every(Boolean);
  }
  try {
    return (await ask(host, condition, 30_000)) === undefined;
  } catch (error) {
    // It never will be.
    if (error instanceof Failure) return false;
    throw error;
  }
}
