import {
  fstabView,
  jsonView,
  keepalivedView,
  namesView,
  objectsView,
  variablesView,
  yamlView,
  type View,
} from '../disclosure/files';
import type { HostReader } from '../engine/host';
import { kubectl } from '../kubernetes/kubectl';
import { etcdRequest } from '../steps/access';
import { ETCD_DATA, ETCD_PKI, KEEPALIVED, PKI, SNAPSHOTS, STATE, STATIC_PODS } from '../steps/paths';
import { findMaster } from '../variables/master';
import { printed, type Part } from './part';

const LOGS = '/var/log/kube-el7-install';
/** Runs of which journal and log go in, newest first. */
const RUNS = 5;
/** Container logs that go in, newest containers first. */
const CONTAINERS = 60;
const CONTAINER_LINES = '2000';
const UNIT_LINES = { kubelet: '3000', docker: '1500' } as const;
/** A journal of a run; its end tells how the run ended. */
const JOURNAL_BYTES = 4 * 1024 * 1024;
const API_LIMIT = '--request-timeout=10s';

function file(name: string, path: string, shown: View): Part {
  return { name, kind: 'file', path, shown };
}

/** What every host has, installed or not. */
function system(): readonly Part[] {
  return [
    printed('host/os-release', 'cat', '/etc/os-release'),
    printed('host/kernel', 'uname', '-a'),
    printed('host/uptime', 'uptime'),
    printed('host/hostname', 'hostname'),
    printed('host/addresses', 'ip', 'addr'),
    printed('host/routes', 'ip', 'route', 'show', 'table', 'all'),
    printed('host/listening', 'ss', '-lntu'),
    printed('host/disks', 'df', '-hT'),
    printed('host/inodes', 'df', '-i'),
    printed('host/memory', 'free', '-m'),
    printed('host/time', 'timedatectl'),
    printed('host/selinux', 'getenforce'),
    printed('host/modules', 'lsmod'),
    // Names alone: what else stands in the argument list of some program is not for us to hand on.
    printed('host/processes', 'ps', '-eo', 'pid,ppid,user,stat,etime,rss,comm'),
    printed('host/failed-units', 'systemctl', 'list-units', '--failed', '--no-pager'),
    printed('host/kernel-messages', 'journalctl', '-k', '-n', '500', '--no-pager'),
    {
      name: 'host/iptables-counts',
      kind: 'command',
      command: { file: 'iptables-save', args: [] },
      shown: ruleCounts,
    },
    file('host/hosts', '/etc/hosts', namesView),
    file('host/resolv.conf', '/etc/resolv.conf', namesView),
    file('host/fstab', '/etc/fstab', fstabView),
    printed(
      'versions/packages',
      'rpm',
      '-q',
      'kubelet',
      'kubeadm',
      'kubectl',
      'kubernetes-cni',
      'docker',
      'docker-ce',
    ),
    printed('versions/docker', 'docker', 'version'),
    printed('versions/kubelet', 'kubelet', '--version'),
    printed('versions/kubeadm', 'kubeadm', 'version', '-o', 'short'),
  ];
}

/** Rules by table and chain: enough to see that somebody else's are among them, and few enough to read. */
function ruleCounts(rules: string): string {
  const counts = new Map<string, number>();
  let table = '';
  for (const line of rules.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    const chain = /^-A (\S+)/.exec(line)?.[1];
    if (chain === undefined) continue;
    const kind = chain.replace(/^(KUBE-(?:SVC|SEP|FW|XLB))-.*/, '$1-…');
    counts.set(`${table} ${kind}`, (counts.get(`${table} ${kind}`) ?? 0) + 1);
  }
  return `${[...counts].map(([chain, count]) => `${String(count).padStart(6)}  ${chain}`).join('\n')}\n`;
}

/** Of what the installer and kubeadm keep: content where it is no secret, else names, modes and sizes. */
function files(): readonly Part[] {
  const names = (name: string, ...paths: readonly string[]) =>
    printed(`names/${name}`, 'ls', '-lR', '--time-style=full-iso', '--', ...paths);
  return [
    names('state', STATE),
    names('kubernetes', '/etc/kubernetes'),
    names('etcd-data', ETCD_DATA),
    file('files/kubelet-config.yaml', '/var/lib/kubelet/config.yaml', yamlView),
    file('files/kubeadm-flags.env', '/var/lib/kubelet/kubeadm-flags.env', variablesView),
    file('files/sysconfig-kubelet', '/etc/sysconfig/kubelet', variablesView),
    file('files/docker-daemon.json', '/etc/docker/daemon.json', jsonView),
  ];
}

function units(): readonly Part[] {
  return (['kubelet', 'docker'] as const).flatMap(unit => [
    printed(`units/${unit}`, 'systemctl', 'status', unit, '--no-pager', '-l', '-n', '0'),
    printed(`units/${unit}.journal`, 'journalctl', '-u', unit, '-n', UNIT_LINES[unit], '--no-pager'),
  ]);
}

function cluster(): readonly Part[] {
  const ask = (name: string, ...args: readonly string[]) => ({
    name: `cluster/${name}`,
    kind: 'command' as const,
    command: kubectl(API_LIMIT, ...args),
    timeoutMs: 20_000,
  });
  const objects = (name: string, ...args: readonly string[]): Part => ({
    ...ask(name, 'get', ...args, '-o', 'json'),
    shown: objectsView,
  });
  const system = ['-n', 'kube-system'];
  return [
    ask('version', 'version'),
    ask('nodes', 'get', 'nodes', '-o', 'wide'),
    objects('nodes.yaml', 'nodes'),
    ask('pods', 'get', 'pods', '--all-namespaces', '-o', 'wide'),
    objects('pods.yaml', 'pods', ...system),
    ask('events', 'get', 'events', ...system, '--sort-by=.lastTimestamp'),
    ask('workloads', 'get', 'daemonsets,deployments,services,endpoints,jobs', ...system, '-o', 'wide'),
    ask('names', 'get', 'configmaps,secrets,serviceaccounts', ...system),
    objects('kubeadm-config.yaml', 'configmap', 'kubeadm-config', ...system),
    ask('health', 'get', '--raw', '/healthz?verbose'),
  ];
}

async function named(
  host: HostReader,
  folder: string,
  fits: RegExp,
  part: (name: string) => Part,
): Promise<readonly Part[]> {
  try {
    const names = (await host.list(folder)) ?? [];
    return names.filter(name => fits.test(name)).map(part);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [{ name: folder.slice(1), kind: 'missing', why }];
  }
}

async function runs(host: HostReader): Promise<readonly Part[]> {
  const [journals, logs] = await Promise.all([
    named(host, STATE, /^journal.*\.jsonl$/, name => ({
      name: `journals/${name}`,
      kind: 'file',
      path: `${STATE}/${name}`,
      bytes: JOURNAL_BYTES,
    })),
    named(host, LOGS, /^[A-Za-z0-9-]+$/, name => ({
      name: `logs/${name}.log`,
      kind: 'file',
      path: `${LOGS}/${name}/all.log`,
    })),
  ]);
  // The current one has no run in its name, and comes last.
  return [...journals.slice(-RUNS - 1), ...logs.slice(-RUNS)];
}

async function manifests(host: HostReader): Promise<readonly Part[]> {
  const all = await Promise.all([
    named(host, STATIC_PODS, /./, name => file(`manifests/${name}`, `${STATIC_PODS}/${name}`, yamlView)),
    named(host, KEEPALIVED, /\.conf$/, name =>
      file(`keepalived/${name}`, `${KEEPALIVED}/${name}`, keepalivedView),
    ),
    named(host, SNAPSHOTS, /\.json$/, name => file(`snapshots/${name}`, `${SNAPSHOTS}/${name}`, jsonView)),
    ...[PKI, ETCD_PKI].map(folder =>
      named(host, folder, /\.crt$/, name =>
        printed(
          `certificates/${folder === PKI ? '' : 'etcd-'}${name}.txt`,
          ...(['openssl', 'x509', '-noout', '-subject', '-issuer', '-serial', '-dates', '-in'] as const),
          `${folder}/${name}`,
        ),
      ),
    ),
  ]);
  return all.flat();
}

const ID = /^[0-9a-f]{12,64}$/;

/** The logs of kube-system's containers, those that have ended too; docker names them k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT. */
async function containers(host: HostReader): Promise<readonly Part[]> {
  const listed = await host.query(
    { file: 'docker', args: ['ps', '-a', '--no-trunc', '--format', '{{.ID}} {{.Names}}'] },
    { timeoutMs: 15_000 },
  );
  const all = listed.stdout.split('\n').flatMap((line): readonly Part[] => {
    const [id = '', full = ''] = line.trim().split(' ');
    const [k8s, container = '', pod = '', namespace, , attempt = ''] = full.split('_');
    if (!ID.test(id) || k8s !== 'k8s' || container === 'POD' || namespace !== 'kube-system') return [];
    const name = `containers/${pod}_${container}_${attempt}.log`.replace(/[^A-Za-z0-9._/-]/g, '-');
    return [printed(name, 'docker', 'logs', '--timestamps', '--tail', CONTAINER_LINES, id)];
  });
  return [
    printed('containers/all', 'docker', 'ps', '-a'),
    printed('containers/docker-info', 'docker', 'info'),
    printed('containers/images', 'docker', 'images', '--digests'),
    ...all.slice(0, CONTAINERS),
  ];
}

/** etcd as each of its members has it: the members that this host's own lists are asked, and at least this one. */
async function etcd(host: HostReader): Promise<readonly Part[]> {
  if ((await host.stat(ETCD_PKI).catch(() => undefined)) === undefined) {
    return [{ name: 'etcd', kind: 'missing', why: 'there is no etcd on this host' }];
  }
  const { address: here } = await findMaster(host);
  const answer = await host.request(etcdRequest(here, '/members', { port: 'peers' }));
  const body = 'error' in answer ? '' : answer.body;
  const listed = [...body.matchAll(/https:\/\/(\d{1,3}(?:\.\d{1,3}){3}):2380/g)].map(match => match[1] ?? '');
  return [...new Set([here, ...listed])].slice(0, 9).flatMap(address => {
    const ask = (name: string, path: string, port: 'peers' | 'metrics' | 'clients'): Part => ({
      name: `etcd/${address}-${name}`,
      kind: 'request',
      request: etcdRequest(address, path, { port }),
    });
    const post = (name: string, path: string, body: string): Part => ({
      name: `etcd/${address}-${name}`,
      kind: 'request',
      request: { ...etcdRequest(address, path, { port: 'clients' }), method: 'POST', body },
    });
    return [
      ask('members', '/members', 'peers'),
      ask('version', '/version', 'peers'),
      ask('health', '/health', 'metrics'),
      ask('metrics', '/metrics', 'metrics'),
      post('status', '/v3/maintenance/status', '{}'),
      post('alarms', '/v3/maintenance/alarm', '{"action":"GET"}'),
    ];
  });
}

/** Everything that a bundle may hold of a host, whatever is installed there. */
export async function hostParts(host: HostReader): Promise<readonly Part[]> {
  const found = await Promise.all(
    [runs, manifests, etcd, containers].map(async look => {
      try {
        return await look(host);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return [{ name: look.name, kind: 'missing', why } as const];
      }
    }),
  );
  return [...system(), ...units(), ...files(), ...cluster(), ...found.flat()];
}
