import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import { step, type Step } from '../engine/step';
import { LEAF_DAYS } from './lifetimes';
import { ADMINISTRATOR, CLUSTER_CA } from './paths';

/** The administrator's client pair, signed by the cluster's CA and apart from kubeadm's own, so that either can be withdrawn or renewed alone. */
export function administratorCertificate(after: readonly string[]): Step {
  const desired: readonly Desired[] = [
    {
      kind: 'certificate',
      certificate: {
        ...ADMINISTRATOR,
        commonName: ADMINISTRATOR_NAME,
        // The group that RBAC binds to cluster-admin.
        organization: 'system:masters',
        dnsNames: [],
        addresses: [],
        usage: 'client',
        issuer: CLUSTER_CA,
        days: LEAF_DAYS,
      },
    },
  ];
  return step<ObservedDesired>({
    id: 'administrator-certificate',
    title: "Make the administrator's certificate",
    after,
    probe: host => observe(host, desired),
    plan: observed => difference(desired, observed),
  });
}

/** The user's name in certificates and kubeconfigs. */
export const ADMINISTRATOR_NAME = 'administrator';
