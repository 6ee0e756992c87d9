import type { KubeObject } from './objects';

const RBAC = 'rbac.authorization.k8s.io';

/** What a role allows, as the API has it. */
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Of whom an account is: its objects have this name, and these labels. */
interface Owner {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The account of a program of ours, with what it may do in its namespace and in the whole cluster. */
export function accountObjects(
  { name, namespace, labels }: Owner,
  inNamespace: readonly Rule[],
  inCluster: readonly Rule[],
): readonly KubeObject[] {
  const metadata = { name, labels };
  const namespaced = { ...metadata, namespace };
  const granted = (
    kind: 'Role' | 'ClusterRole',
    of: KubeObject['metadata'],
    rules: readonly Rule[],
  ): readonly KubeObject[] => [
    { apiVersion: `${RBAC}/v1`, kind, metadata: of, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: `${kind}Binding`,
      metadata: of,
      roleRef: { apiGroup: RBAC, kind, name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: namespaced },
    ...granted('Role', namespaced, inNamespace),
    ...granted('ClusterRole', metadata, inCluster),
  ];
}
