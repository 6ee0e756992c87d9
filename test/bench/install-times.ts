import { fileURLToPath } from 'node:url';
import type { Lab, LabHost } from '../lab/lab';
import { freshHost, home } from '../lab/scenarios/support';
import type { Figure } from './figures';
import { peakMemory } from './process';

const LIMIT_MS = 15 * 60_000;
const POLL_MS = 200;
const bareScript = fileURLToPath(new URL('../lab/bare-install.sh', import.meta.url));

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

/** The installer's process on a host, by its id outside. */
export function installerOf(host: LabHost): number | undefined {
  return host.processes().find(({ arguments: words }) => words.some(word => word.endsWith('/dist/start.cjs')))
    ?.pid;
}

async function ours(host: LabHost, peaks: number[]): Promise<Times> {
  let peak: number | undefined;
  const poll = setInterval(() => {
    const pid = installerOf(host);
    if (pid !== undefined) peak = peakMemory(pid) ?? peak;
  }, POLL_MS);
  try {
    return await times(host, async () => {
      await host.succeed(`cd ${home} && ./kube-el7-install --yes --output json`, { timeoutMs: LIMIT_MS });
    });
  } finally {
    clearInterval(poll);
    if (peak !== undefined) peaks.push(peak);
  }
}

async function bare(lab: Lab, host: LabHost): Promise<Times> {
  await host.copyIn(bareScript, '/root/bare-install.sh');
  const environment = `REGISTRY=${lab.registry.plain} KUBE_VERSION=${lab.kubernetesVersion}`;
  return times(host, async () => {
    await host.succeed(`${environment} bash /root/bare-install.sh`, { timeoutMs: LIMIT_MS });
  });
}

/** An installation beside a script that runs the same commands, in turns, each on a host that was never used; and the memory that it took. */
export async function installTimes(lab: Lab, rounds: number): Promise<Figure[]> {
  const [installer, script]: [Times[], Times[]] = [[], []];
  const peaks: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    script.push(await bare(lab, await freshHost(lab, 'master1', { variables: { TILLER: 'yes' } })));
    installer.push(await ours(await freshHost(lab, 'master1', { variables: { TILLER: 'yes' } }), peaks));
    console.log(
      `installation ${round + 1} of ${rounds}: ours ${shown(installer)}, bare script ${shown(script)}`,
    );
  }
  const figure = (title: string, of: (one: Times) => number): Figure => ({
    title,
    unit: 's',
    ours: installer.map(of),
    anchor: { title: 'bare script', values: script.map(of) },
    goal: { kind: 'ratio', most: 1.15 },
  });
  return [
    figure('from start to node Ready', ({ ready }) => ready),
    figure('from start to the command’s end', ({ end }) => end),
    { title: 'peak memory with --yes', unit: 'MiB', ours: peaks, goal: { kind: 'value', most: 110 } },
  ];
}

function shown(runs: readonly Times[]): string {
  const last = runs[runs.length - 1];
  return last === undefined
    ? ''
    : `Ready after ${last.ready.toFixed(1)} s, end after ${last.end.toFixed(1)} s`;
}
