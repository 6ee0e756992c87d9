import { begunHere, type Begun } from '../cluster/configuration';
import { readRole } from '../cluster/role';
import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { memberOf } from '../kubernetes/etcd-cluster';
import { listMembers } from '../steps/etcd-view';
import { ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST } from '../steps/paths';
import { readRecord } from '../recovery/record';
import { readText } from '../steps/prepare/ask';
import type { Master } from '../variables/master';
import { quorumNote } from '../variables/quorum';
import type { Settings } from '../variables/settings';
import { fatal, ok, warning } from './finding';
import { knock, pings } from './knock';

/** The other masters, and that a cluster is gone on with on the host where it was begun. */
export function masters(settings: Settings): Check {
  const { others } = settings;
  return {
    id: 'masters',
    title: 'Masters',
    run: async host => {
      const begun = await begunHere(host, await readRole(host));
      const maker = begun === undefined ? await makerOf(host) : undefined;
      if (maker !== undefined) return [madeBy(maker)];
      const note = quorumNote(others.length + 1);
      const found = await Promise.all(others.map(other => look(host, other, begun !== undefined)));
      const findings = [
        ...(note === undefined ? [] : [warning(note, 'Name an odd number of masters, if that can be had.')]),
        ...(begun?.finished === true ? otherwise(settings, begun) : []),
        ...(begun?.finished === true ? await outOfOrder(host, others) : []),
        ...(await otherForm(host, others)),
        ...found.flat(),
      ];
      if (findings.length > 0) return findings;
      const names = others.map(({ hostname }) => hostname).join(', ');
      return [ok(others.length === 0 ? 'this host alone' : `this host, ${names}`)];
    },
  };
}

/** The master that the cluster was begun on, where this one was made from there: a member that joined has one of its manifests for etcd, and that names the first member first. */
async function makerOf(host: HostReader): Promise<string | undefined> {
  // The first of the masters may have been replaced: then its members are listed in another order, and it is the first all the same.
  const record = await readRecord(host);
  const [first] = record?.masters ?? [];
  if (record !== undefined && first !== undefined) return first === record.here ? undefined : first.hostname;
  for (const path of [ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST]) {
    const text = await readText(host, path);
    const [, first] = /--initial-cluster=([^=,\s]+)=/.exec(text) ?? [];
    if (first !== undefined && text.includes('--initial-cluster-state=existing')) return first;
  }
  return undefined;
}

/** A cluster stays what it was made as: its certificates, its etcd and what its nodes call it name the VIP and every master. */
function otherwise({ vip, others }: Settings, { endpoint, members }: Begun): readonly Finding[] {
  if (members.length === 0) return [];
  const given = others.map(({ address }) => address);
  const left = members.filter(address => !given.includes(address));
  const added = given.filter(address => !members.includes(address));
  const fix = 'Give --vip and --masters as they were given when it was made.';
  return [
    ...(endpoint === vip?.endpoint
      ? []
      : [
          fatal(
            `the cluster here was made with ${endpoint === undefined ? 'no VIP' : `the VIP ${endpoint}`}, and now ${vip === undefined ? 'none' : vip.endpoint} is given`,
            fix,
          ),
        ]),
    // The one that is left is this host.
    ...(left.length === 1 && added.length === 0
      ? []
      : [
          fatal(
            `the cluster here was made with the masters ${members.join(', ')}, and now this host${given.map(address => `, ${address}`).join('')} ${given.length === 0 ? 'alone is' : 'are'} given`,
            fix,
          ),
        ]),
  ];
}

/** Masters are added to etcd in their order: one that is missing among those that are members was one before, and is not added but put back. */
async function outOfOrder(host: HostReader, others: readonly Master[]): Promise<readonly Finding[]> {
  const members = (await listMembers(host, others)) ?? [];
  const last = others.reduce((found, one, index) => (memberOf(members, one) ? index : found), -1);
  const missing = others.slice(0, Math.max(last, 0)).filter(one => memberOf(members, one) === undefined);
  const names = missing.map(({ hostname }) => hostname);
  if (names.length === 0) return [];
  return [
    fatal(
      `${names.join(', ')} ${names.length === 1 ? 'is no member' : 'are no members'} of etcd, and ${others[last]?.hostname ?? ''}, which comes after, is one: ${names.length === 1 ? 'it was' : 'they were'} reset or lost`,
      `Put back a master that was one before, once it has joined: kube-el7-install readd-member ${names.join(' ')}`,
    ),
  ];
}

function madeBy(first: string): Finding {
  return fatal(
    `this host is a master of a cluster that was begun on ${first}, and the installer goes on only there`,
    `Run it on ${first}, with the same flags.`,
  );
}

/** Nodes are awaited by name, so "master2" never comes where its host calls itself master2.example.com; seldom do hosts of one site differ in that. */
async function otherForm(host: HostReader, others: readonly Master[]): Promise<readonly Finding[]> {
  const own = (await readText(host, '/proc/sys/kernel/hostname')).trim();
  const withDomain = own.includes('.');
  const differing = others.filter(({ hostname }) => hostname.includes('.') !== withDomain);
  if (own === '' || differing.length === 0) return [];
  const names = differing.map(({ hostname }) => hostname).join(', ');
  return [
    warning(
      `this host is called ${own}, and --masters has ${names} ${withDomain ? 'without' : 'with'} a domain; the installer waits for nodes of exactly these names`,
      'Compare with what `hostname` prints on each of them.',
    ),
  ];
}

async function look(host: HostReader, other: Master, begun: boolean): Promise<readonly Finding[]> {
  const { hostname, address } = other;
  if (!begun) {
    for (const [port, program] of [
      [6443, 'an apiserver'],
      [2379, 'an etcd'],
    ] as const) {
      if ((await knock(host, address, port)) !== 'listens') continue;
      return [
        fatal(
          `a cluster was begun on ${hostname} (${address}): ${program} answers there on port ${port}, and none was begun here`,
          `If it is the one that you want, run the installer on ${hostname}. If it is an old one, remove it there (kubeadm reset), or use another host.`,
        ),
      ];
    }
  }
  if ((await pings(host, address)) !== false) return [];
  return [
    warning(
      `${hostname} (${address}) does not answer a ping`,
      `See that it runs and that its address is right. The installer waits for it once the control plane is up here.`,
    ),
  ];
}
