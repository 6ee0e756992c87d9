import type { ApiAccess } from '../kubernetes/api';
import type { Question } from '../engine/change';
import type { Command, HttpRequest } from '../engine/host';
import type { Master } from '../variables/master';
import { ADMINISTRATOR, CLUSTER_CA, ETCD_CA, ETCD_HEALTH_CHECK, ETCDCTL, type Pair } from './paths';

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

/** How the members of an etcd are asked: this product's, or one that another tool made. */
export interface EtcdAccess {
  readonly scheme: 'https' | 'http';
  readonly ports: Readonly<Record<keyof typeof ETCD_PORTS, number>>;
  /** Absent where nothing is encrypted. */
  readonly caFile?: string;
  readonly pair?: Pair;
}

/** The etcd of an installation. */
export const OUR_ETCD: EtcdAccess = {
  scheme: 'https',
  ports: ETCD_PORTS,
  caFile: ETCD_CA.certPath,
  pair: ETCD_HEALTH_CHECK,
};

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
    access = OUR_ETCD,
  }: { certificate?: 'shown' | 'none'; port?: keyof typeof ETCD_PORTS; access?: EtcdAccess } = {},
): HttpRequest {
  const { scheme, ports, caFile, pair } = access;
  return {
    url: `${scheme}://${address}:${ports[port]}${path}`,
    ...(caFile === undefined ? {} : { caFile }),
    ...(certificate === 'shown' && pair !== undefined
      ? { certFile: pair.certPath, keyFile: pair.keyPath }
      : {}),
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

/**
 * How long etcdctl waits: to connect, which only versions before 3.3.14 do first (clientv3/client.go), and for an answer.
 * etcd itself gives up after 5 s and two election timeouts (etcdserver/config.go, ReqTimeout); etcdctl's own 2 and 5 s are too short for slow hosts.
 */
const PATIENCE = ['--dial-timeout=10s', '--command-timeout=30s'];

/** For what reads or writes all of etcd. `snapshot save` takes as long as it may (etcdctl/ctlv3/command/snapshot_command.go: no limit but the one that is given). */
export const ETCDCTL_LONG = { flag: '--command-timeout=900s', timeoutMs: 16 * 60_000 } as const;

/** etcd's client program, asking a member whose client port is open. */
export function etcdctlCommand(master: Master, ...args: readonly string[]): Command {
  return etcdctlOver(OUR_ETCD, master, ...args);
}

/** The same for any etcd. */
export function etcdctlOver(
  { scheme, ports, caFile, pair }: EtcdAccess,
  { address }: Master,
  ...args: readonly string[]
): Command {
  return {
    file: ETCDCTL,
    args: [
      `--endpoints=${scheme}://${address}:${ports.clients}`,
      ...(caFile === undefined ? [] : [`--cacert=${caFile}`]),
      ...(pair === undefined ? [] : [`--cert=${pair.certPath}`, `--key=${pair.keyPath}`]),
      ...PATIENCE,
      ...args,
    ],
    // 3.3 speaks version 2 otherwise.
    env: { ETCDCTL_API: '3' },
  };
}
