import type { HostReader } from '../engine/host';
import type { EtcdAlarm } from '../kubernetes/etcd-alarms';
import { memberOf, type EtcdMember } from '../kubernetes/etcd-cluster';
import { OUR_ETCD, type EtcdAccess } from '../steps/access';
import { askMembers, type MemberAnswer } from '../steps/etcd-answers';
import { listMembers } from '../steps/etcd-view';
import {
  ETCD_CLUSTER_MANIFEST,
  ETCD_INIT_MANIFEST,
  KEPT_KUBEADM_CONFIG,
  KUBEADM_CONFIG,
  STATIC_PODS,
} from '../steps/paths';
import { readText } from '../steps/prepare/ask';
import { findMaster, type Master } from '../variables/master';
import { assignedTo } from '../variables/own-address';
import { readConfiguration, recordedMasters } from './configuration';
import { readRole, type Role } from './role';
import type { StaticEtcd } from './static-etcd';

/** What a host is in its cluster: what its files tell, and what etcd answers. */
export interface Place {
  /** With the address that etcd's members know it by. */
  readonly own: Master;
  readonly role: Role;
  /** How etcd is asked. */
  readonly access: EtcdAccess;
  /** Where etcd is that the apiserver here asks and that is on other hosts, and none is here: URLs. */
  readonly external: readonly string[];
  /** The other masters, by etcd's list or, where nobody tells it, by what files here name. */
  readonly others: readonly Master[];
  /** As etcd lists them; undefined where nobody could be asked. */
  readonly members: readonly EtcdMember[] | undefined;
  /** The member that this host is; undefined where it is none, or cannot be told apart. */
  readonly mine: EtcdMember | undefined;
  /** By address, of this host and the others. */
  readonly answers: ReadonlyMap<string, MemberAnswer>;
  readonly alarms: readonly EtcdAlarm[];
  /** Why this product cannot take apart what is here. */
  readonly beyond?: string;
}

/** Looks at this host's files and asks each etcd that they name. */
export async function readPlace(host: HostReader): Promise<Place> {
  const [role, assigned, named] = await Promise.all([
    readRole(host),
    assignedTo(host),
    host.query({ file: 'hostname', args: [] }),
  ]);
  const addresses = assigned.map(({ address }) => address);
  const hostname = named.stdout.trim().toLowerCase();
  const { etcd, data, maker } = role;
  const ours = maker === 'ours';
  // What others know a host by is asked for only where they are asked for it.
  const address = ours ? undefined : (etcd?.address ?? addresses[0]);
  const own = address === undefined ? await findMaster(host) : { hostname, address };
  const access = ours || etcd === undefined ? OUR_ETCD : await accessOf(host, etcd);
  const local = [own.address, ...addresses, '127.0.0.1', 'localhost', '[::1]', hostname];
  const mine = role.asks.filter(url => local.includes(hostOf(url) ?? ''));
  const external = etcd === undefined && data === undefined && mine.length === 0 ? role.asks : [];
  const asks = role.kind === 'master' || role.kind === 'begun' ? ours || etcd !== undefined : false;
  const elsewhere = asks ? (await namedHere(host, role)).filter(address => !local.includes(address)) : [];
  const asked = [own, ...elsewhere.map(one => ({ hostname: one, address: one }))];
  const members = asks ? await listMembers(host, asked, access) : undefined;
  const self = members === undefined ? undefined : memberHere(members, own, role, local);
  const others = members === undefined ? asked.slice(1) : othersIn(members, self);
  // By address: others that nobody names are called by it.
  const asking = (asks ? [own, ...others] : []).map(one => ({ ...one, hostname: one.address }));
  const { answers, alarms } = await askMembers(host, asking, access);
  const beyond = role.beyond ?? unknownEtcd(role, mine);
  return {
    ...{ own, role, access, external, others, members, mine: self, answers, alarms },
    ...(beyond === undefined ? {} : { beyond }),
  };
}

/** An apiserver that asks this host for etcd, which is no pod here and whose data is nowhere that is known. */
function unknownEtcd({ maker, etcd, data }: Role, mine: readonly string[]): string | undefined {
  if (maker === 'ours' || etcd !== undefined || data !== undefined || mine.length === 0) return undefined;
  return `its apiserver asks an etcd on this host (${mine.join(', ')}), which no pod of the kubelet's is`;
}

async function accessOf(host: HostReader, { access, clientPair }: StaticEtcd): Promise<EtcdAccess> {
  if (access === undefined) return OUR_ETCD;
  if (clientPair === undefined || (await host.stat(clientPair.certPath)) === undefined) return access;
  return { ...access, pair: clientPair };
}

/** What names the members of ours, also where a file is damaged; an apiserver and kubeadm's configuration do so in clusters that an earlier version made. */
const NAMING = [
  ...[ETCD_INIT_MANIFEST, ETCD_CLUSTER_MANIFEST, `${STATIC_PODS}/kube-apiserver.yaml`],
  ...[KUBEADM_CONFIG, KEPT_KUBEADM_CONFIG],
];

/** The masters that are recorded, and all that stand before one of etcd's ports: in the apiserver's flags, in kubeadm's configuration of ours, in etcd's. */
async function namedHere(host: HostReader, { asks, etcd, maker }: Role): Promise<readonly string[]> {
  const ours = maker === 'ours';
  const texts = ours ? await Promise.all(NAMING.map(path => readText(host, path))) : [];
  const configuration = ours ? await readConfiguration(host) : undefined;
  const recorded = configuration === undefined ? [] : recordedMasters(configuration);
  const found = [...asks, etcd?.named ?? '', ...texts].flatMap(text => [
    ...text.matchAll(/https?:\/\/(\d+(?:\.\d+){3}):(?:2379|2380)\b/g),
  ]);
  const named = [...recorded.map(({ address }) => address), ...found.map(([, address = '']) => address)];
  return [...new Set(named)].filter(address => address !== '0.0.0.0');
}

/** By its address, else by its name: an address may have changed since. */
function memberHere(
  members: readonly EtcdMember[],
  own: Master,
  { etcd }: Role,
  local: readonly string[],
): EtcdMember | undefined {
  return (
    memberOf(members, own) ??
    members.find(({ peerUrls }) => peerUrls.some(url => local.includes(hostOf(url) ?? ''))) ??
    members.find(({ name }) => name !== '' && (name === etcd?.name || name === own.hostname))
  );
}

function othersIn(members: readonly EtcdMember[], mine: EtcdMember | undefined): readonly Master[] {
  return members
    .filter(member => member !== mine)
    .flatMap(({ name, peerUrls }) => {
      const address = hostOf(peerUrls[0] ?? '');
      return address === undefined ? [] : [{ hostname: name === '' ? address : name, address }];
    });
}

/** The member at an address, whatever its port. */
export function memberAt(
  members: readonly EtcdMember[] | undefined,
  { address }: Master,
): EtcdMember | undefined {
  return members?.find(({ peerUrls }) => peerUrls.some(url => hostOf(url) === address));
}

function hostOf(url: string): string | undefined {
  return /^https?:\/\/(\[[^\]]+\]|[^:/]+)/.exec(url)?.[1];
}
