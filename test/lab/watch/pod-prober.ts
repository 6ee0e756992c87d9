import type { LabHost } from '../hosts/host';
import { until } from '../hosts/until';
import { ApiClient } from './api';
import type { ApiAccess } from './api';
import { longestWithout } from './pod-looks';
import type { PodLook, PodTask } from './pod-looks';
import { client, clientIsThere, objects, serviceName } from './pod-objects';
import { Recorder } from './recorder';

/** The longest times without an answer, in seconds. */
export interface Without {
  readonly name: number;
  readonly service: number;
}

/**
 * What a pod on a worker sees of its cluster, every 100 ms: a name that the cluster's DNS resolves, and a service with
 * a pod on a master and one on the worker. A process of this machine asks in the pod's network, so the host pays nothing.
 */
export class PodProber {
  private constructor(private readonly recorder: Recorder<PodLook>) {}

  /** Makes the pods and the service through the API, and starts asking once the pod runs. */
  static async start(options: {
    readonly access: ApiAccess;
    readonly image: string;
    readonly master: string;
    readonly worker: LabHost;
    readonly withinMs: number;
  }): Promise<PodProber> {
    const { access, image, master, worker, withinMs } = options;
    const api = new ApiClient(access, 5000);
    const get = async <Found>(path: string): Promise<Found> => {
      const answer = await api.ask('GET', path);
      if ('error' in answer) throw new Error(answer.error);
      if (answer.status !== 200) throw new Error(`${path}: ${String(answer.status)}`);
      return JSON.parse(answer.body) as Found;
    };
    const clusterIp = async (namespace: string, name: string): Promise<string> =>
      (await get<{ spec: { clusterIP: string } }>(`/api/v1/namespaces/${namespace}/services/${name}`)).spec
        .clusterIP;
    try {
      for (const { path, body } of objects({ image, master, worker: worker.name })) {
        await until(`${path} to be taken`, withinMs, async () => {
          const answer = await api.ask('POST', path, body);
          if ('error' in answer) throw new Error(answer.error);
          // 409: an attempt before has made it.
          if (answer.status !== 201 && answer.status !== 409) throw new Error(answer.body);
        });
      }
      const task: PodTask = await until('the pod that looks at its cluster to run', withinMs, async () => {
        clientIsThere(await get(`/api/v1/namespaces/default/pods/${client}`));
        return {
          nameserver: await clusterIp('kube-system', 'kube-dns'),
          name: `${serviceName}.default.svc.cluster.local`,
          service: { address: await clusterIp('default', serviceName), port: 80 },
          everyMs: 100,
          timeoutMs: 1000,
        };
      });
      const pid = worker
        .processes()
        .find(
          ({ arguments: words }) => words.includes('pause') && words[0]?.endsWith('lab-probe') === true,
        )?.pid;
      if (pid === undefined) throw new Error(`${worker.name} has no process of ${client}`);
      const program = new URL('pod-process.ts', import.meta.url);
      const prober = new PodProber(new Recorder('prober in a pod', program, task, pid));
      await prober.answersAfter(0, withinMs);
      return prober;
    } finally {
      api.close();
    }
  }

  /** Waits until both have answered to something that was asked after a time. */
  async answersAfter(since: number, withinMs: number): Promise<void> {
    await until('names and a service to answer in a pod', withinMs, () => {
      this.recorder.mustRun();
      for (const what of ['name', 'service'] as const) {
        const looks = this.of(what);
        if (!looks.some(look => look.answered && look.at > since))
          throw new Error(`${what}: ${looks[looks.length - 1]?.detail ?? 'nothing was asked yet'}`);
      }
    });
  }

  /** When both had answered for the first time. */
  get answered(): number {
    const ends = (['name', 'service'] as const).map(what => {
      const found = this.of(what).find(({ answered }) => answered);
      return found === undefined ? Date.now() : found.at + found.ms;
    });
    return Math.max(...ends);
  }

  /** The longest times without an answer since a time. */
  without(since: number): Without {
    const now = Date.now();
    const seconds = (what: PodLook['what']): number => longestWithout(this.of(what), since, now) / 1000;
    return { name: seconds('name'), service: seconds('service') };
  }

  stop(): Promise<void> {
    return this.recorder.stop();
  }

  private of(what: PodLook['what']): readonly PodLook[] {
    return this.recorder.lines.filter(look => look.what === what);
  }
}
