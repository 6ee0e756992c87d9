import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import type { CertificateSpec } from '../engine/change';
import { step, type Step } from '../engine/step';
import { CA_DAYS, LEAF_DAYS } from './lifetimes';
import { HELM_CLIENT, TILLER_CA, TILLER_SERVER } from './paths';
import type { Settings } from '../variables/settings';

/** tiller's own CA and what it signs: whoever holds the client pair is administrator of the cluster, so it is no certificate of another CA. */
export function tillerCertificates(settings: Settings, after: readonly string[]): Step {
  const desired = tillerPki(settings).map((certificate): Desired => ({ kind: 'certificate', certificate }));
  return step<ObservedDesired>({
    id: 'tiller-certificates',
    title: "Make tiller's and helm's certificates",
    after,
    probe: host => observe(host, desired),
    plan: observed => difference(desired, observed),
  });
}

/** The specifications, the CA first. */
function tillerPki(settings: Settings): readonly CertificateSpec[] {
  const service = 'tiller-deploy.kube-system';
  // helm --tls-verify asks for the host that it dials, which is its own end of a port-forward.
  const names = [
    'tiller-deploy',
    service,
    `${service}.svc`,
    `${service}.svc.${settings.clusterDomain}`,
    'localhost',
  ];
  const signed = { issuer: TILLER_CA, days: LEAF_DAYS };
  return [
    { ...TILLER_CA, commonName: 'tiller-ca', dnsNames: [], addresses: [], usage: 'ca', days: CA_DAYS },
    {
      ...TILLER_SERVER,
      ...signed,
      commonName: 'tiller',
      dnsNames: names,
      addresses: ['127.0.0.1'],
      usage: 'server',
    },
    { ...HELM_CLIENT, ...signed, commonName: 'helm', dnsNames: [], addresses: [], usage: 'client' },
  ];
}
