import { createHash } from 'node:crypto';
import type { HostReader } from '../engine/host';
import { askApi, type ApiAccess } from './api';

/** An object of the Kubernetes API as a manifest has it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Which objects of a manifest are not in the cluster as the manifest has them ("ConfigMap kube-flannel-cfg"), or why that cannot be told. */
export type ObservedObjects = { readonly differing: readonly string[] } | { readonly unknown: string };

const HASH = 'kube-el7-install/hash';
/** In it kubectl keeps the whole manifest when it applies on the client's side, so a Secret has its values there once more, where `data` is masked (kubectl's util/apply.go). */
const APPLIED_COPY = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whether an object of the API carries a copy of the manifest that it was applied from. */
export function hasAppliedCopy(object: unknown): boolean {
  const { metadata } = object as { readonly metadata?: KubeObject['metadata'] };
  return metadata?.annotations?.[APPLIED_COPY] !== undefined;
}

/** Arguments for kubectl that take that copy away. */
export function withoutAppliedCopy({ kind, metadata }: KubeObject): readonly string[] {
  const { name, namespace = 'default' } = metadata;
  return ['annotate', kind.toLowerCase(), name, '--namespace', namespace, `${APPLIED_COPY}-`];
}

/** Marks an object with the hash of what it was meant to be, so that fields which a later manifest no longer has are noticed. */
export function marked(object: KubeObject): KubeObject {
  const hash = createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 16);
  const annotations = { ...object.metadata.annotations, [HASH]: hash };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Compares a manifest with the cluster. An object is as it should be when every field of the manifest is there with its value; what the cluster has set beside is left alone. */
export async function observeObjects(
  host: HostReader,
  access: ApiAccess,
  objects: readonly KubeObject[],
): Promise<ObservedObjects> {
  const answers = await Promise.all(objects.map(object => askApi(host, access, pathOf(object))));
  const differing: string[] = [];
  for (const [index, object] of objects.entries()) {
    const answer = answers[index];
    if (answer?.kind === 'silent') return { unknown: answer.reason };
    if (answer?.kind !== 'found' || !contains(answer.body, object)) differing.push(nameOf(object));
  }
  return { differing };
}

/** "DaemonSet kube-flannel-ds" */
function nameOf(object: KubeObject): string {
  return `${object.kind} ${object.metadata.name}`;
}

/** The path of an object: groups other than the core one are under /apis. */
export function pathOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  const group = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  const kind = object.kind.toLowerCase();
  const plural = kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
  return `${group}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}/${name}`;
}

/** The API leaves out what is empty or false, so those match their absence. */
function contains(live: unknown, wanted: unknown): boolean {
  if (live === undefined) return isEmpty(wanted);
  if (Array.isArray(wanted)) {
    const list: readonly unknown[] = wanted;
    return (
      Array.isArray(live) && live.length === list.length && list.every((one, at) => contains(live[at], one))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof live !== 'object' || live === null) return false;
    const found = live as Readonly<Record<string, unknown>>;
    return Object.entries(wanted).every(([key, value]) => contains(found[key], value));
  }
  return live === wanted;
}

function isEmpty(wanted: unknown): boolean {
  if (Array.isArray(wanted)) return wanted.length === 0;
  if (typeof wanted === 'object' && wanted !== null) return Object.values(wanted).every(isEmpty);
  return wanted === undefined || wanted === false || wanted === 0 || wanted === '';
}
