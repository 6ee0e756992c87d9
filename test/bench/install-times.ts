import { fileURLToPath } from 'node:url';
import type { Lab, LabHost } from '../lab/lab';
import { installerDirectory, placeInstaller } from '../lab/installer';
import type { Figure } from './figures';
import { peakMemory } from './process';

const LIMIT_MS = 15 * 60_000;
const POLL_MS = 200;
const bareScripts = ['bare-install.sh', 'bare-flannel.sh'].map(name =>
  fileURLToPath(new URL(`../lab/${name}`, import.meta.url)),
);

/** Seconds from the start of the command to its end, and to the moment since when the node is Ready (whole seconds, the apiserver's). */
interface Times {
  readonly ready: number;
  readonly end: number;
}

async function times(host: LabHost, perform: () => Promise<void>): Promise<Times> {
  const started = Date.now();
  await perform();
  const ended = Date.now();
  const since = await host.succeed(
    'kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes ' +
      '-o jsonpath=\'{.items[0].status.conditions[?(@.type=="Ready")].lastTransitionTime}\'',
  );
  return { ready: (Date.parse(since.trim()) - started) / 1000, end: (ended - started) / 1000 };
}

/** The installer's processes on a host, by their ids outside: what was started, and the engine that it has started. */
export function installersOf(host: LabHost): readonly number[] {
  return host
    .processes()
    .filter(({ arguments: words }) => words.some(word => word.endsWith('/dist/start.cjs')))
    .map(({ pid }) => pid);
}

/** The most memory that the installer's processes ever had together: each one's own peak, of those that were seen. */
export class Peaks {
  readonly #of = new Map<number, number>();

  look(pids: readonly number[]): void {
    for (const pid of pids) {
      const peak = peakMemory(pid);
      if (peak !== undefined) this.#of.set(pid, peak);
    }
  }

  /** Undefined where none was seen. */
  get sum(): number | undefined {
    const all = [...this.#of.values()];
    return all.length === 0 ? undefined : all.reduce((sum, peak) => sum + peak, 0);
  }
}

async function ours(host: LabHost, peaks: number[]): Promise<Times> {
  const seen = new Peaks();
  const poll = setInterval(() => {
    seen.look(installersOf(host));
  }, POLL_MS);
  try {
    return await times(host, async () => {
      await host.succeed(`cd ${installerDirectory} && ./kube-el7-install --yes --output json`, {
        timeoutMs: LIMIT_MS,
      });
    });
  } finally {
    clearInterval(poll);
    if (seen.sum !== undefined) peaks.push(seen.sum);
  }
}

async function bare(lab: Lab, host: LabHost): Promise<Times> {
  for (const script of bareScripts) await host.copyIn(script, '/root/');
  return times(host, async () => {
    const words = `bash /root/bare-install.sh ${lab.registry.plain} ${lab.kubernetesVersion}`;
    await host.succeed(words, { timeoutMs: LIMIT_MS });
  });
}

/** A host that was never used, with the installer on it and the lab as its site. */
export async function pristine(lab: Lab): Promise<LabHost> {
  const host = lab.host('master1');
  await host.reset();
  await host.boot();
  await placeInstaller(lab, host, console.log);
  return host;
}

/** An installation beside a script that runs the same commands, in turns, each on a host that was never used; and the memory that it took. */
export async function installTimes(lab: Lab, rounds: number): Promise<Figure[]> {
  const [installer, script]: [Times[], Times[]] = [[], []];
  const peaks: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    script.push(await bare(lab, await pristine(lab)));
    installer.push(await ours(await pristine(lab), peaks));
    console.log(
      `installation ${round + 1} of ${rounds}: ours ${shown(installer)}, bare script ${shown(script)}`,
    );
  }
  return [
    {
      title: 'from start to node Ready',
      unit: 's',
      ours: installer.map(({ ready }) => ready),
      anchor: { title: 'bare script', values: script.map(({ ready }) => ready) },
      goal: { kind: 'ratio', most: 1.15 },
    },
    { title: 'peak memory with --yes', unit: 'MiB', ours: peaks, goal: { kind: 'value', most: 110 } },
  ];
}

function shown(runs: readonly Times[]): string {
  const last = runs[runs.length - 1];
  return last === undefined
    ? ''
    : `Ready after ${last.ready.toFixed(1)} s, end after ${last.end.toFixed(1)} s`;
}
