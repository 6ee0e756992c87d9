import type { Desired } from '../changes/desired';
import { difference, observe, type ObservedDesired } from '../changes/desired';
import type { CertificateSpec } from '../engine/change';
import { step, type Step } from '../engine/step';
import { allMasters } from '../kubernetes/endpoint';
import type { Settings } from '../variables/settings';
import { CA_DAYS, LEAF_DAYS } from './lifetimes';
import type { Master } from '../variables/master';
import { ETCD_CA, ETCD_CLIENT, ETCD_HEALTH_CHECK, ETCD_PKI, type Pair } from './paths';

/** etcd's own CA and what it signs: members know each other, and their clients, by it and by nothing else. */
export function etcdCertificates(settings: Settings, master: Master, after: readonly string[]): Step {
  const pki = [
    { ...ETCD_CA, commonName: 'etcd-ca', dnsNames: [], addresses: [], usage: 'ca', days: CA_DAYS },
    ...memberCertificates(allMasters(settings, master), master, ETCD_PKI),
    client(ETCD_HEALTH_CHECK, 'kube-etcd-healthcheck-client'),
    client(ETCD_CLIENT, 'kube-apiserver-etcd-client'),
  ] as const;
  const desired = pki.map((certificate): Desired => ({ kind: 'certificate', certificate }));
  return step<ObservedDesired>({
    id: 'etcd-certificates',
    title: "Make etcd's certificates",
    after,
    probe: host => observe(host, desired),
    plan: observed => difference(desired, observed),
  });
}

/**
 * The two pairs of one master's member, in a directory of the host that has the CA.
 * The server's names the loopback, where the apiserver beside it asks it, and all masters' addresses: in a cluster that an earlier version made apiservers
 * ask all members, and before 1.17 they hold each to the name of the first one that they are given (kubernetes#72102).
 */
export function memberCertificates(
  all: readonly Master[],
  member: Master,
  directory: string,
): readonly CertificateSpec[] {
  const dnsNames = [...new Set([member.hostname, 'localhost'])];
  const own = [...new Set([member.address, '127.0.0.1'])];
  const pair = (name: string): Pair => ({
    certPath: `${directory}/${name}.crt`,
    keyPath: `${directory}/${name}.key`,
  });
  const signed = { commonName: member.hostname, dnsNames, issuer: ETCD_CA, days: LEAF_DAYS };
  const addresses = [...new Set([...own, ...all.map(({ address }) => address)])];
  return [
    { ...pair('server'), ...signed, addresses, usage: 'server' },
    { ...pair('peer'), ...signed, addresses: own, usage: 'peer' },
  ];
}

function client(pair: Pair, commonName: string): CertificateSpec {
  return {
    ...pair,
    commonName,
    dnsNames: [],
    addresses: [],
    usage: 'client',
    issuer: ETCD_CA,
    days: LEAF_DAYS,
  };
}
