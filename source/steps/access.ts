import type { ApiAccess } from '../kubernetes/api';
import type { Question } from '../engine/change';
import type { Command, HttpRequest } from '../engine/host';
import type { Master } from '../variables/master';
import { ADMINISTRATOR, CLUSTER_CA, ETCD_CA, ETCD_HEALTH_CHECK, ETCDCTL } from './paths';

/** How the installer asks a master's apiserver. */
export function apiAccess(master: Master): ApiAccess {
  const { certPath: certFile, keyPath: keyFile } = ADMINISTRATOR;
  return { address: master.address, caFile: CLUSTER_CA.certPath, certFile, keyFile };
}

/**
 * etcd's ports: what clients use, what members use among themselves (its list of members can be read there),
 * and where health and metrics are told. A learner takes no clients, so it is looked at by the last one only.
 */
export const ETCD_PORTS = { clients: 2379, peers: 2380, metrics: 2381 } as const;

/**
 * A request to an etcd member with the health check's certificate, or with none. That certificate names no host:
 * on the ports of peers and metrics etcd compares a name in a client's certificate with where the client comes from (pkg/transport/listener_tls.go).
 */
export function etcdRequest(
  address: string,
  path: string,
  {
    certificate = 'shown',
    port = 'metrics',
  }: { certificate?: 'shown' | 'none'; port?: keyof typeof ETCD_PORTS } = {},
): HttpRequest {
  const { certPath: certFile, keyPath: keyFile } = ETCD_HEALTH_CHECK;
  return {
    url: `https://${address}:${ETCD_PORTS[port]}${path}`,
    caFile: ETCD_CA.certPath,
    ...(certificate === 'shown' ? { certFile, keyFile } : {}),
    timeoutMs: 5000,
  };
}

/** What a healthy member's /health says: "true" is a string up to 3.5. A member says so only where it has a leader and a quorum has just agreed with it. */
export const ETCD_HEALTHY = '"health":\\s*"?true';

/** That a member is healthy, as something to wait for. */
export function etcdHealthy(title: string, address: string): Question {
  return {
    kind: 'request',
    title,
    request: etcdRequest(address, '/health'),
    status: 200,
    matches: ETCD_HEALTHY,
  };
}

/** That a member has its vote and knows who leads. */
export function etcdVotes({ hostname, address }: Master): Question {
  return {
    kind: 'request',
    title: `etcd on ${hostname} has its vote, and a leader`,
    request: etcdRequest(address, '/metrics'),
    status: 200,
    // In the order of the alphabet; 3.3 has no line about learners.
    matches: 'etcd_server_has_leader 1\\n(?![^]*etcd_server_is_learner 1\\n)',
  };
}

/** etcd's client program, asking a member whose client port is open. */
export function etcdctlCommand(master: Master, ...args: readonly string[]): Command {
  return {
    file: ETCDCTL,
    args: [
      `--endpoints=https://${master.address}:${ETCD_PORTS.clients}`,
      `--cacert=${ETCD_CA.certPath}`,
      `--cert=${ETCD_HEALTH_CHECK.certPath}`,
      `--key=${ETCD_HEALTH_CHECK.keyPath}`,
      '--command-timeout=30s',
      ...args,
    ],
    // 3.3 speaks version 2 otherwise.
    env: { ETCDCTL_API: '3' },
  };
}
