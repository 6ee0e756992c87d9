import type { Desired } from '../changes/desired';
import { difference, observe, type ObservedDesired } from '../changes/desired';
import type { CertificateSpec } from '../engine/change';
import { step, type Step } from '../engine/step';
import { CA_DAYS, LEAF_DAYS } from './lifetimes';
import type { Master } from '../variables/master';
import { ETCD_CA, ETCD_CLIENT, ETCD_HEALTH_CHECK, ETCD_PKI, type Pair } from './paths';

/** etcd's own CA and what it signs: members know each other, and their clients, by it and by nothing else. */
export function etcdCertificates(master: Master, after: readonly string[]): Step {
  const desired = etcdPki(master).map((certificate): Desired => ({ kind: 'certificate', certificate }));
  return step<ObservedDesired>({
    id: 'etcd-certificates',
    title: "Make etcd's certificates",
    after,
    probe: host => observe(host, desired),
    plan: observed => difference(desired, observed),
  });
}

/** The specifications, the CA first. */
function etcdPki(master: Master): readonly CertificateSpec[] {
  const names = [...new Set([master.hostname, 'localhost'])];
  const addresses = [...new Set([master.address, '127.0.0.1'])];
  const signed = (
    pair: Pair,
    spec: Pick<CertificateSpec, 'commonName' | 'usage' | 'organization'>,
  ): CertificateSpec => ({
    ...pair,
    ...spec,
    dnsNames: spec.usage === 'client' ? [] : names,
    addresses: spec.usage === 'client' ? [] : addresses,
    issuer: ETCD_CA,
    days: LEAF_DAYS,
  });
  const member = (name: string): Pair => ({
    certPath: `${ETCD_PKI}/${name}.crt`,
    keyPath: `${ETCD_PKI}/${name}.key`,
  });
  return [
    { ...ETCD_CA, commonName: 'etcd-ca', dnsNames: [], addresses: [], usage: 'ca', days: CA_DAYS },
    signed(member('server'), { commonName: master.hostname, usage: 'server' }),
    signed(member('peer'), { commonName: master.hostname, usage: 'peer' }),
    signed(ETCD_HEALTH_CHECK, { commonName: 'kube-etcd-healthcheck-client', usage: 'client' }),
    signed(ETCD_CLIENT, { commonName: 'kube-apiserver-etcd-client', usage: 'client' }),
  ];
}
