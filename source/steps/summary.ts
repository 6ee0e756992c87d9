import type { CertificateExpiry, Summary } from '../engine/event';
import type { HostReader } from '../engine/host';
import { MASK } from '../engine/secret';
import { askApi, isTrue, items, type Node } from '../kubernetes/api';
import { dnsHosts } from '../kubernetes/coredns';
import { parseCertificate } from '../pki/read';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { caHash, joinEndpoint, joinLine } from './join-command';
import { notes } from './notes';
import type { Master } from '../variables/master';
import {
  ADMIN_KUBECONFIG,
  ADMINISTRATOR,
  CLUSTER_CA,
  ETCD_CA,
  ETCD_CLIENT,
  ETCD_HEALTH_CHECK,
  ETCD_PKI,
  HELM_CLIENT,
  JOIN_WORKER,
  PKI,
  TILLER_CA,
  TILLER_SERVER,
} from './paths';
import { vipHolder } from './vip-holder';

const ROLE = 'node-role.kubernetes.io/';

/** What the operator has at the end, read from the host and the cluster. */
export async function summarize(host: HostReader, settings: Settings, master: Master): Promise<Summary> {
  const [answer, certificates, hash, endpoint, holder, on] = await Promise.all([
    askApi(host, apiAccess(master), '/api/v1/nodes'),
    expiries(host, settings),
    caHash(host),
    joinEndpoint(host, settings, master),
    vipHolder(host, settings, master),
    dnsHosts(host, apiAccess(master)),
  ]);
  const nodes = ((items(answer) ?? []) as readonly Node[]).map(shown);
  const ready = nodes.filter(({ status }) => status === 'Ready').length;
  return {
    nodes,
    kubeconfig: ADMIN_KUBECONFIG,
    join: { command: joinLine(endpoint, MASK, hash ?? 'sha256:unknown'), file: JOIN_WORKER },
    certificates,
    notes: notes(settings, master, { holder, dns: on && { on, nodes: ready } }),
  };
}

function shown({ metadata, status }: Node): Summary['nodes'][number] {
  const roles = Object.keys(metadata.labels ?? {})
    .filter(label => label.startsWith(ROLE))
    .map(label => label.slice(ROLE.length))
    .sort();
  return {
    name: metadata.name,
    address: status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
    roles: roles.join(',') || 'worker',
    status: isTrue(status.conditions, 'Ready') ? 'Ready' : 'NotReady',
    version: status.nodeInfo?.kubeletVersion ?? '',
  };
}

/** Every certificate that lies in a file of its own; those of the kubeconfigs are made, and expire, with the apiserver's. */
async function expiries(host: HostReader, settings: Settings): Promise<readonly CertificateExpiry[]> {
  const paths = [
    CLUSTER_CA.certPath,
    ...['apiserver', 'apiserver-kubelet-client', 'front-proxy-ca', 'front-proxy-client'].map(
      name => `${PKI}/${name}.crt`,
    ),
    ADMINISTRATOR.certPath,
    ...[ETCD_CA, ETCD_HEALTH_CHECK, ETCD_CLIENT].map(({ certPath }) => certPath),
    ...['server', 'peer'].map(name => `${ETCD_PKI}/${name}.crt`),
    ...(settings.tiller ? [TILLER_CA, TILLER_SERVER, HELM_CLIENT].map(({ certPath }) => certPath) : []),
  ];
  const found = await Promise.all(
    paths.map(async path => {
      const pem = await host.read(path);
      const certificate = pem && parseCertificate(pem);
      return certificate ? [{ path, expires: new Date(certificate.validTo).toISOString() }] : [];
    }),
  );
  return found.flat();
}
