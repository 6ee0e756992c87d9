import type { ApiAccess } from '../kubernetes/api';
import type { HttpRequest } from '../engine/host';
import type { Master } from '../variables/master';
import { ADMINISTRATOR, CLUSTER_CA, ETCD_CA, ETCD_HEALTH_CHECK } from './paths';

/** How the installer asks a master's apiserver. */
export function apiAccess(master: Master): ApiAccess {
  const { certPath: certFile, keyPath: keyFile } = ADMINISTRATOR;
  return { address: master.address, caFile: CLUSTER_CA.certPath, certFile, keyFile };
}

/** A request to an etcd member with the health check's certificate, or with none. */
export function etcdRequest(
  address: string,
  path: string,
  certificate: 'shown' | 'none' = 'shown',
): HttpRequest {
  const { certPath: certFile, keyPath: keyFile } = ETCD_HEALTH_CHECK;
  return {
    url: `https://${address}:2379${path}`,
    caFile: ETCD_CA.certPath,
    ...(certificate === 'shown' ? { certFile, keyFile } : {}),
    timeoutMs: 5000,
  };
}

/** What a healthy member's /health says: "true" is a string up to 3.5. */
export const ETCD_HEALTHY = '"health":\\s*"?true';
