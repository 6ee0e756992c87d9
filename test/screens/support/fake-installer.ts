import { readFileSync } from 'node:fs';
import { OWN_TIMINGS } from '../../../source/kubernetes/timings';
import type { Ask, Event, Listener } from '../../../source/engine/event';
import type {
  Answers,
  Installer,
  Outcome,
  Plan,
  RegistryStatus,
  RunOptions,
} from '../../../source/installer';
import type { Diagnosis } from '../../../source/recovery/diagnosis';
import type { Problem, Settings } from '../../../source/variables/settings';

export type StreamName =
  | 'succeeded'
  | 'unchanged'
  | 'failed'
  | 'install-recorded'
  | 'several-masters'
  | 'several-masters-failed'
  | 'several-masters-plan'
  | 'preflight-ok'
  | 'preflight-warning'
  | 'preflight-fatal'
  | 'plan';

/** The events of a stream in test/fixtures/runs. */
export function stream(name: StreamName): readonly Event[] {
  const text = readFileSync(new URL(`../../fixtures/runs/${name}.jsonl`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Event);
}

const VERSION = /^1\.(1[6-9]|2[0-3])\.\d+$/;

/** Settings as far as the screens look at them. */
function settingsFor(version: string, address: string, vip: string, masters: string): Settings {
  const images = Object.fromEntries(
    [
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kube-proxy',
      'pause',
      'coredns',
      'etcd',
      'flannel',
      'tiller',
      'keepalived',
    ].map(name => [name, `${address}/${name}`]),
  ) as Settings['images'];
  return {
    kubeVersion: version,
    facts: {
      minor: '1.20',
      kubeadmApi: 'kubeadm.k8s.io/v1beta2',
      tags: { etcd: '', pause: '', coredns: '', flannel: '', tiller: '', keepalived: '' },
      flannel: { podSecurityPolicy: true, namespace: 'kube-system', cniPluginImage: false },
      tillerByDefault: false,
      masterLabels: [],
      masterTaints: [],
      localKubeconfigs: true,
      startupProbe: true,
      clusterStatus: true,
    },
    registry: { address, plainHttp: false },
    images,
    imageRepository: address,
    clusterDomain: 'cluster.local',
    clusterDns: '10.96.0.10',
    podSubnet: '10.244.0.0/16',
    serviceSubnet: '10.96.0.0/12',
    systemReserved: '',
    helmRepository: '',
    tiller: false,
    timings: OWN_TIMINGS,
    others: masters
      .split(',')
      .slice(1)
      .map((hostname, index) => ({ hostname, address: `10.160.24.${12 + index}` })),
    ...(vip === ''
      ? {}
      : { vip: { endpoint: vip, addresses: [vip], carrier: 'keepalived', routerId: 124, vrrpVersion: 3 } }),
    platform: { name: 'other', from: 'default' },
    values: [],
  };
}

/** An installer that answers as it is told to, and replays streams. It is a stand-in: nothing is installed. */
export class FakeInstaller implements Installer {
  defaults: Required<Answers> = { KUBE_VERSION: '1.20.2', DOCKER_REGISTRY: '', vip: '', masters: '' };
  versions: Promise<readonly string[]> = Promise.resolve([
    '1.23.17',
    '1.22.17',
    '1.21.14',
    '1.20.15',
    '1.20.2',
    '1.19.16',
    '1.18.20',
  ]);
  registry: (address: string) => Promise<RegistryStatus> = () =>
    Promise.resolve({ reachable: true, found: 9, total: 9, missing: [] });
  preflights: StreamName[] = ['preflight-ok'];
  plans: (() => Promise<Plan>)[] = [() => Promise.resolve(stream('plan')[0] as unknown as Plan)];
  otherProblems: Problem[] = [];
  /** What was asked of it, in order. */
  readonly calls: string[] = [];
  readonly asked: Answers[] = [];
  /** How events get to the listener; a test holds it back to look at states in between. */
  replay: (events: readonly Event[], listener: Listener) => Promise<void> = (events, listener) => {
    events.forEach(listener);
    return Promise.resolve();
  };
  runs: StreamName[] = ['succeeded'];
  /** What examining comes to, one after the other; the last one stays. */
  diagnoses: (Diagnosis | (() => Promise<Diagnosis>) | undefined)[] = [];
  /** Events of a run, where they are in no stream. */
  events: readonly Event[] | undefined;
  ask: Ask | undefined;
  signal: AbortSignal | undefined;

  settings(answers: Answers): ReturnType<Installer['settings']> {
    this.asked.push(answers);
    const {
      KUBE_VERSION: version,
      DOCKER_REGISTRY: address,
      vip,
      masters,
    } = { ...this.defaults, ...answers };
    const where = 'flag';
    const problems: Problem[] = [...this.otherProblems];
    if (!VERSION.test(version)) {
      problems.push({
        field: 'KUBE_VERSION',
        value: version,
        where,
        wrong: 'is not a version that can be installed',
        right: 'a version from 1.16.0 to 1.23.17',
      });
    }
    if (!/^[a-z0-9.-]+(:\d{1,5})?(\/[a-z0-9/-]+)?$/.test(address)) {
      problems.push({
        field: 'DOCKER_REGISTRY',
        value: address,
        where,
        wrong: address === '' ? 'is needed' : 'is not host[:port][/path]',
        right: 'an address such as registry.example.org:5000',
      });
    }
    if (!/^[\da-z.-]*$/.test(vip) || vip === '10.0.0.9') {
      problems.push({
        field: '--vip',
        value: vip,
        where,
        wrong: 'is the own address of the master master2',
        right: 'an IPv4 address that no host has, or a name that resolves to one',
      });
    }
    for (const name of masters.split(',').filter(one => one.startsWith('nobody'))) {
      problems.push({
        field: '--masters',
        value: name,
        where,
        wrong: 'does not resolve to an IPv4 address',
        right: 'the name of a host',
      });
    }
    if (masters.includes(',') && vip === '') {
      problems.push({
        field: '--vip',
        value: '',
        where,
        wrong: 'is missing: several masters need an address that is none of theirs',
        right: 'a free IPv4 address of their network, or its name',
      });
    }
    return Promise.resolve(
      problems.length > 0 ? { problems } : { settings: settingsFor(version, address, vip, masters) },
    );
  }

  versionsOnOffer(): Promise<readonly string[]> {
    return this.versions;
  }

  registryStatus(settings: Settings): Promise<RegistryStatus> {
    this.calls.push(`registry ${settings.registry.address}`);
    return this.registry(settings.registry.address);
  }

  async preflight(
    _settings: Settings,
    listener: Listener,
  ): Promise<{ readonly fatal: number; readonly warnings: number }> {
    this.calls.push('preflight');
    const events = stream(this.preflights.shift() ?? 'preflight-ok');
    await this.replay(events, listener);
    const last = events[events.length - 1];
    return last?.type === 'preflight-finished' ? last : { fatal: 0, warnings: 0 };
  }

  examine(): Promise<Diagnosis | undefined> {
    this.calls.push('examine');
    const next = this.diagnoses.length > 1 ? this.diagnoses.shift() : this.diagnoses[0];
    return typeof next === 'function' ? next() : Promise.resolve(next);
  }

  plan(): Promise<Plan> {
    this.calls.push('plan');
    const next = this.plans.length > 1 ? this.plans.shift() : this.plans[0];
    return next === undefined ? Promise.reject(new Error('no plan')) : next();
  }

  run(_settings: Settings, options: RunOptions): Promise<Outcome> {
    this.calls.push('run');
    return this.follow(options);
  }

  /** A run that was begun elsewhere, as those who are attached to it see it. */
  readonly follow = async ({ listener, ask, signal, now }: RunOptions): Promise<Outcome> => {
    this.ask = ask;
    this.signal = signal;
    const events = this.events ?? stream(this.runs.shift() ?? 'succeeded');
    const atOnce = new Promise<void>(resolve =>
      now?.addEventListener('abort', () => {
        resolve();
      }),
    );
    await Promise.race([this.replay(events, listener), atOnce]);
    if (signal.aborted || now?.aborted === true) {
      return 'interrupted';
    }
    const last = events[events.length - 1];
    return last?.type === 'run-finished' ? last.outcome : 'failed';
  };
}
