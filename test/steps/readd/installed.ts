import type { CertificateSpec } from '../../../source/engine/change';
import { certSans } from '../../../source/kubernetes/endpoint';
import { etcdManifests } from '../../../source/kubernetes/etcd-manifests';
import { keepalivedFiles } from '../../../source/kubernetes/keepalived';
import { OWN_ETCD } from '../../../source/kubernetes/own-etcd';
import { keyOf, masterFilesOf } from '../../../source/kubernetes/master-files';
import { makeCertificate, type MadeCertificate } from '../../../source/pki/make';
import { sha256 } from '../../../source/recovery/stored';
import { memberCertificates } from '../../../source/steps/etcd-certificates';
import type { Settings } from '../../../source/variables/settings';
import { MASTERS } from '../etcd-host';

const PKI = '/etc/kubernetes/pki';

/** The cluster of three masters that an installation leaves, once for all tests of a file. */
export interface Installed {
  readonly settings: Settings;
  /** What the cluster keeps for each of them, by key. */
  readonly secrets: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly cas: Readonly<Record<string, MadeCertificate>>;
}

/** Makes what an installation of three masters leaves in the cluster, with certificates that are some; in one that an earlier version made, apiservers ask all members. */
export async function installed(
  settings: Settings,
  configuration: string,
  servers: string = OWN_ETCD,
): Promise<Installed> {
  const ca = (commonName: string) =>
    makeCertificate({ ...spec('', commonName), dnsNames: [], addresses: [], usage: 'ca' });
  const cas = { [PKI]: await ca('kubernetes'), [`${PKI}/etcd`]: await ca('etcd-ca') };
  const secrets = new Map<string, ReadonlyMap<string, string>>();
  for (const [index, master] of MASTERS.entries()) {
    const texts = await textsOf(settings, index, configuration, servers, cas);
    const files = masterFilesOf(settings, MASTERS, index, 'end');
    const values = files.map(({ path }) => [keyOf(path), texts.get(path) ?? `${path}\n`] as const);
    const { init, cluster } = etcdManifests(settings, MASTERS, index);
    const list = files.map(({ path, mode }) => {
      const text = texts.get(path) ?? `${path}\n`;
      return `${sha256(text)} ${mode.toString(8)} ${keyOf(path)} ${path}\n`;
    });
    secrets.set(
      master.hostname,
      new Map([
        ...values,
        ['files', list.join('')],
        ['address', master.address],
        ['etcd-cluster.yaml', cluster],
        ...(init === undefined ? [] : [['etcd-init.yaml', init] as const]),
      ]),
    );
  }
  return { settings, secrets, cas };
}

async function textsOf(
  settings: Settings,
  index: number,
  configuration: string,
  servers: string,
  cas: Installed['cas'],
): Promise<ReadonlyMap<string, string>> {
  const [first] = MASTERS;
  const master = MASTERS[index] ?? first;
  const sans = certSans(settings, first);
  const isAddress = (san: string): boolean => /^[\d.]+$/.test(san);
  const apiserver = {
    ...spec(`${PKI}/apiserver`, 'kube-apiserver'),
    dnsNames: ['kubernetes', ...sans.filter(san => !isAddress(san))],
    addresses: ['10.96.0.1', ...sans.filter(isAddress)],
  };
  const texts = new Map<string, string>([
    ['/etc/kubernetes/kube-el7-install/kubeadm-init.yaml', configuration],
    ...['controller-manager', 'scheduler'].map(
      name =>
        [`/etc/kubernetes/${name}.conf`, `server: https://${master.address}:6443\nkey of ${name}\n`] as const,
    ),
    [
      '/etc/kubernetes/manifests/kube-apiserver.yaml',
      `kind: Pod\n    - --advertise-address=${master.address}\n    - --etcd-servers=${servers}\n    - --tls=x\n`,
    ],
    ...keepalivedFiles(settings, MASTERS, index).map(({ path, content }) => {
      const text = typeof content === 'string' ? content : (content as { template: string }).template;
      return [path, text] as const;
    }),
  ]);
  for (const one of [apiserver, ...memberCertificates(MASTERS, master, `${PKI}/etcd`)]) {
    const issuer = cas[one.certPath.startsWith(`${PKI}/etcd/`) ? `${PKI}/etcd` : PKI];
    const made = await makeCertificate(one, issuer === undefined ? {} : { issuer });
    texts.set(one.certPath, made.cert).set(one.keyPath, made.key.reveal());
  }
  for (const [folder, { cert, key }] of Object.entries(cas))
    texts.set(`${folder}/ca.crt`, cert).set(`${folder}/ca.key`, key.reveal());
  return texts;
}

function spec(base: string, commonName: string): CertificateSpec {
  const issuer = { certPath: `${PKI}/ca.crt`, keyPath: `${PKI}/ca.key` };
  return {
    ...{ certPath: `${base}.crt`, keyPath: `${base}.key`, commonName, issuer, days: 365 },
    ...{ dnsNames: [], addresses: [], usage: 'server' },
  };
}
