import type { Change } from '../engine/change';
import { step, type Step } from '../engine/step';
import { allMasters } from '../kubernetes/endpoint';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import { MASTERS_NAMESPACE } from '../kubernetes/master-secret';
import { askingOwn, OWN_ETCD } from '../kubernetes/own-etcd';
import { listOf, sha256, type StoredMaster } from '../recovery/stored';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiserverHealthy, endpointHealthy } from './endpoint-health';
import { awaitVoters, withQuorum } from './etcd-health';
import { podShows } from './master-condition';
import {
  APISERVER,
  KEY,
  lookAtApiservers,
  storedManifest,
  type Due,
  type ObservedApiservers,
} from './own-etcd-look';
import { storeChange } from './readd/stored-change';
import { awaitTaken } from './store-masters';

const STARTED_MS = 5 * 60_000;

/**
 * Lets each apiserver ask the etcd beside it, in a cluster that an earlier version made: there all asked all members. One master
 * at a time, so that the others answer. A member without its vote comes later: with that its control plane is written anew.
 */
export function ownEtcd(settings: Settings, here: Master, after: readonly string[]): Step {
  const all = allMasters(settings, here);
  return step<ObservedApiservers>({
    id: 'own-etcd',
    title: 'Let each apiserver ask the etcd beside it',
    after,
    probe: host => lookAtApiservers(host, settings, here),
    plan: ({ due, manifest, configuration, program }) => [
      ...(manifest === undefined ? [] : writeHere(here, manifest)),
      ...program,
      ...due.flatMap(one => move(settings, here, one)),
      ...(configuration === undefined ? [] : [patch(configuration)]),
    ],
    diagnose: (host, failure) => withQuorum(host, failure, all),
  });
}

function move(settings: Settings, here: Master, { master, stored }: Due): readonly Change[] {
  const { hostname } = master;
  const pod = podShows(
    here,
    `kube-apiserver-${hostname}`,
    `the apiserver on ${hostname} asks the etcd beside it`,
    `--etcd-servers=${OWN_ETCD.replace(/\./g, '\\.')}"`,
  );
  const endpoint = endpointHealthy(settings, here);
  const waits = [pod, apiserverHealthy(`the apiserver on ${hostname} is healthy`, master), endpoint];
  return [
    awaitVoters([master]),
    ...(stored === undefined ? [] : store(here, master, stored)),
    ...waits.flatMap((condition): readonly Change[] =>
      condition === undefined ? [] : [{ kind: 'await', condition, timeoutMs: STARTED_MS }],
    ),
  ];
}

function store(here: Master, master: Master, stored: StoredMaster): readonly Change[] {
  const text = askingOwn(storedManifest(stored));
  const list = stored.files.map(file => (file.path === APISERVER ? { ...file, sum: sha256(text) } : file));
  const change = { files: [], texts: { [KEY]: text }, list, ready: true };
  return [...storeChange(master, change), awaitTaken(master, listOf(list).digest, here)];
}

function writeHere(here: Master, content: string): readonly Change[] {
  const condition = apiserverHealthy(`the apiserver on ${here.hostname} is healthy`, here);
  return [
    { kind: 'write', path: APISERVER, content, mode: 0o600 },
    { kind: 'await', condition, timeoutMs: STARTED_MS },
  ];
}

function patch(configuration: string): Change {
  return {
    kind: 'run',
    title: 'Tell kubeadm that each apiserver asks the etcd beside it',
    command: kubectl(
      ...['patch', 'configmap', 'kubeadm-config', '--namespace', MASTERS_NAMESPACE, '--type', 'merge'],
      ...['--patch', JSON.stringify({ data: { ClusterConfiguration: configuration } })],
    ),
    timeoutMs: KUBECTL_TIMEOUT_MS,
    again: WHILE_UNANSWERED,
  };
}
