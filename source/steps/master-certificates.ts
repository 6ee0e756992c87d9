import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import type { CertificateSpec } from '../engine/change';
import { step, type Step } from '../engine/step';
import { allMasters, certSans } from '../kubernetes/endpoint';
import { ownCopy } from '../kubernetes/master-files';
import type { Master } from '../variables/master';
import { addressNumber, addressText, aligned, parseNetwork } from '../variables/network';
import type { Settings } from '../variables/settings';
import { memberCertificates } from './etcd-certificates';
import { LEAF_DAYS } from './lifetimes';
import { CLUSTER_CA, ETCD_PKI, MASTERS, PKI } from './paths';

/** The pairs that name another master, for every one of them: made here, since here the CAs are. */
export function masterCertificates(settings: Settings, master: Master, after: readonly string[]): Step {
  const all = allMasters(settings, master);
  const desired: readonly Desired[] = [
    ownDirectory(MASTERS),
    ...settings.others.flatMap(other => [
      ...[`${MASTERS}/${other.hostname}`, ownCopy(other, PKI), ownCopy(other, ETCD_PKI)].map(ownDirectory),
      ...[
        apiserverCertificate(settings, master, other),
        ...memberCertificates(all, other, ownCopy(other, ETCD_PKI)),
      ].map((certificate): Desired => ({ kind: 'certificate', certificate })),
    ]),
  ];
  return step<ObservedDesired>({
    id: 'master-certificates',
    title: "Make the other masters' certificates",
    after,
    probe: host => observe(host, desired),
    plan: observed => difference(desired, observed),
  });
}

function ownDirectory(path: string): Desired {
  return { kind: 'directory', path, mode: 0o700 };
}

/** As kubeadm's (cmd/kubeadm/app/util/pkiutil, GetAPIServerAltNames): the cluster's own names for it, and those that kubeadm's configuration adds. */
function apiserverCertificate(settings: Settings, master: Master, other: Master): CertificateSpec {
  const base = ownCopy(other, `${PKI}/apiserver`);
  const service = parseNetwork(settings.serviceSubnet);
  const inside = service === undefined ? [] : [addressText(aligned(service).first + 1)];
  const sans = certSans(settings, master);
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const isName = (san: string): boolean => addressNumber(san) === undefined;
  return {
    certPath: `${base}.crt`,
    keyPath: `${base}.key`,
    commonName: 'kube-apiserver',
    dnsNames: [...names, `kubernetes.default.svc.${settings.clusterDomain}`, ...sans.filter(isName)],
    addresses: [...inside, ...sans.filter(san => !isName(san))],
    usage: 'server',
    issuer: CLUSTER_CA,
    days: LEAF_DAYS,
  };
}
