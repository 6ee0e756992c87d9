import { createHmac } from 'node:crypto';

/** Where nodes that join look first: anybody may read it, and its signature proves that it comes from somebody with the token. */
export const CLUSTER_INFO = { namespace: 'kube-public', name: 'cluster-info' } as const;

/** The key of the signature that belongs to a bootstrap token, by the token's id. */
export function signatureKey(tokenId: string): string {
  return `jws-kubeconfig-${tokenId}`;
}

/** Signs as kube-controller-manager does (cluster-bootstrap/token/jws): a JSON Web Signature by HS256 whose content is left out. */
export function clusterInfoSignature(kubeconfig: string, token: { id: string; secret: string }): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: token.id })).toString('base64url');
  const content = Buffer.from(kubeconfig).toString('base64url');
  const signature = createHmac('sha256', token.secret).update(`${header}.${content}`).digest('base64url');
  return `${header}..${signature}`;
}
