import { allMasters, apiEndpoint } from '../kubernetes/endpoint';
import { namesOf } from '../variables/master';
import type { Master } from '../variables/master';
import { quorumNote } from '../variables/quorum';
import type { Settings, Vip } from '../variables/settings';
import { JOIN_WORKER, SNAPSHOTS } from './paths';

const PLATFORMS = { aws: 'AWS', vmware: 'VMware', other: 'neither AWS nor VMware' } as const;

/** What an operator must know once it is done; the holder is the master that has the VIP. */
export function notes(
  settings: Settings,
  master: Master,
  seen: { readonly holder?: Master | undefined; readonly dns?: DnsSeen | undefined } = {},
): readonly string[] {
  const renewal =
    'The token of the join command is valid for 24 hours; `kube-el7-install join-command` makes a new one.';
  const ready = 'helm 2 is ready in /root/.helm: use it with `helm --tls`.';
  return [
    ...(settings.vip === undefined ? [] : [endpointNote(settings, settings.vip, master, seen.holder)]),
    ...(settings.others.length === 0 ? [] : mastersNotes(settings, master)),
    ...(seen.dns === undefined ? [] : dnsNote(seen.dns)),
    renewal,
    ...(settings.tiller ? [ready] : []),
    ...tillerNotes(settings),
  ];
}

/** Where CoreDNS runs as it is over. */
export interface DnsSeen {
  /** The host of each replica that is ready. */
  readonly on: readonly string[];
  /** How many nodes are Ready. */
  readonly nodes: number;
}

/** With several hosts the loss of one of them must not take all names along; where it does, that is said. */
function dnsNote({ on, nodes }: DnsSeen): readonly string[] {
  const [host, ...more] = new Set(on);
  if (nodes < 2 || host === undefined || more.length > 0) return [];
  const what = on.length === 1 ? 'One replica of CoreDNS is ready, on' : 'All replicas of CoreDNS run on';
  return [
    `${what} ${host}: while that host is away, no pod resolves a name. \`kubectl get pods -n kube-system -l k8s-app=kube-dns -o wide\` shows them.`,
  ];
}

/** What an operator must know before. */
export function planNotes(settings: Settings): readonly string[] {
  const { vip, others } = settings;
  return [
    ...(vip === undefined ? [] : carrierNotes(settings, vip)),
    ...(others.length === 0 ? [] : [awaitedNote(settings)]),
    ...evenNote(settings),
    ...(others.length === 1 ? [RESTARTED_OF_TWO] : []),
    ...tillerNotes(settings),
  ];
}

/** Of three, two go on. */
const RESTARTED_OF_TWO =
  'With two masters etcd needs both of its members: at the end each is started anew once, and nothing can be written for those seconds.';

function endpointNote(settings: Settings, vip: Vip, master: Master, holder: Master | undefined): string {
  const endpoint = `The API is at ${apiEndpoint(settings, master)}`;
  if (vip.carrier === 'load-balancer') return `${endpoint}, which the load balancer leads to the masters.`;
  const where = holder === undefined ? '' : `; ${holder.hostname} has the VIP now`;
  const moves = `; keepalived moves it within ${vip.vrrpVersion === 3 ? 'about a second' : 'four seconds or so'}`;
  return `${endpoint}${where}${settings.others.length === 0 ? '' : moves}.`;
}

function mastersNotes(settings: Settings, master: Master): readonly string[] {
  const masters = allMasters(settings, master);
  const voters = masters.length;
  const quorum = Math.floor(voters / 2) + 1;
  return [
    `Masters: ${masters.map(({ hostname }) => hostname).join(', ')}. etcd has ${voters} voters: quorum ${quorum}, may lose ${voters - quorum}.`,
    ...evenNote(settings),
    `Workers join with the command that the masters joined with; ${JOIN_WORKER} has it.`,
    `The snapshots of etcd that were taken before it grew are in ${SNAPSHOTS} on ${master.hostname}; take one of your own regularly.`,
  ];
}

function carrierNotes({ platform, others }: Settings, vip: Vip): readonly string[] {
  const recognised = `The platform is ${PLATFORMS[platform.name]} (${platform.from})`;
  if (vip.carrier === 'load-balancer') {
    const targets = others.length === 0 ? 'this host' : `this host and ${namesOf(others)}`;
    return [
      `${recognised}, so ${vip.endpoint} is taken for a load balancer that is there already: let it forward TCP 6443 to port 6443 of ${targets}. Nothing is done to it; that it leads to the apiserver is checked once that runs.`,
    ];
  }
  const version =
    vip.vrrpVersion === 3
      ? 'VRRP version 3, which takes over in about a second'
      : 'VRRP version 2, which has a password and takes over in about four seconds';
  return [
    `${recognised}, so keepalived on the masters carries the VIP ${vip.endpoint}: router id ${vip.routerId}, ${version}. No other router on this network may use that id; VIP_ROUTER_ID names another one.`,
  ];
}

function awaitedNote({ others, ssh }: Settings): string {
  if (ssh !== undefined) return `${namesOf(others)} are prepared and joined over ssh as ${ssh.user}.`;
  const awaited = `${namesOf(others)} ${others.length === 1 ? 'is' : 'are'} waited for`;
  return `${awaited}: prepare them with \`kube-el7-install prepare\`, and once this host has its control plane run on each what \`kube-el7-install join-command\` prints here. They become masters by themselves.`;
}

function evenNote({ others }: Settings): readonly string[] {
  const note = quorumNote(others.length + 1);
  return note === undefined ? [] : [note];
}

/** From the version on that Helm 3 came with, tiller is a choice. */
function tillerNotes({ tiller, facts }: Settings): readonly string[] {
  if (facts.tillerByDefault) return [];
  return tiller
    ? ['Helm 3 needs nothing in the cluster: where only that is used, TILLER=no leaves tiller out.']
    : [
        'tiller is not installed: Helm 3 needs nothing in the cluster. For helm 2 set TILLER=yes and run again.',
      ];
}
