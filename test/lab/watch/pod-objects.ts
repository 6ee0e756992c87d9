/** The pod in whose network somebody looks at the cluster. */
export const client = 'lab-client';
/** The service that is connected to, and whose name is resolved. */
export const serviceName = 'lab-server';

interface Posted {
  readonly path: string;
  readonly body: object;
}

/** A pod that stays where it was put, whatever becomes of its node. */
function pod(name: string, nodeName: string, image: string, args: readonly string[]): Posted {
  return {
    path: '/api/v1/namespaces/default/pods',
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: args[0] === 'serve' ? serviceName : name } },
      spec: {
        nodeName,
        tolerations: [{ operator: 'Exists' }],
        automountServiceAccountToken: false,
        containers: [{ name: 'probe', image, args }],
      },
    },
  };
}

/** What is made in a cluster to look at it from a pod: a service with a pod on a master and one on the worker, and the pod that looks. */
export function objects(options: {
  readonly image: string;
  readonly master: string;
  readonly worker: string;
}): readonly Posted[] {
  const { image, master, worker } = options;
  return [
    {
      path: '/api/v1/namespaces/default/services',
      body: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: serviceName },
        spec: { selector: { app: serviceName }, ports: [{ port: 80, targetPort: 8080 }] },
      },
    },
    pod(`${serviceName}-1`, master, image, ['serve']),
    pod(`${serviceName}-2`, worker, image, ['serve']),
    pod(client, worker, image, ['pause']),
  ];
}

/** Throws unless the pod runs. */
export function clientIsThere(found: { readonly status?: { readonly phase?: string } }): void {
  if (found.status?.phase !== 'Running') throw new Error(`${client} is ${found.status?.phase ?? 'new'}`);
}
