import { fileURLToPath } from 'node:url';
import { start } from '../lab/hosts/command';
import type { Profile } from '../lab/hosts/profiles';
import type { Lab } from '../lab/lab';
import type { Figure } from './figures';
import { none } from './goals';
import { installer } from './installer-masters';
import { recovered } from './power-cuts';
import { preparedHosts } from './prepared-masters';
import { raising } from './raising';
import { ended, keepEvents } from './several-masters';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Builds this project again and again until a time: what else a machine may be busy with. */
async function builds(until: number): Promise<number> {
  let times = 0;
  while (Date.now() < until) {
    const { code, stderr } = await start('npm', ['run', '--silent', 'build'], { cwd: project }).result;
    if (code !== 0) throw new Error(`the build failed: ${stderr}`);
    await start('npx', ['tsc', '--noEmit', '-p', '.'], { cwd: project }).result;
    times += 1;
  }
  return times;
}

/** How often the VIP leaves a master that is well, while somebody writes and the machine builds something. */
export async function takeovers(lab: Lab, minutes: number, profile: Profile): Promise<Figure[]> {
  const hosts = await preparedHosts(lab, profile);
  const raised = await raising(lab, hosts, installer(keepEvents('takeovers')));
  await recovered(hosts.masters);
  const begun = Date.now();
  const times = await builds(begun + minutes * 60_000);
  const moves = raised.watch.moves(begun);
  const pause = raised.writer.longestPause(begun).ms / 1000;
  console.log(
    `${String(minutes)} minutes, ${String(times)} builds: the VIP moved ${String(moves)} times, ` +
      `longest pause between writes ${pause.toFixed(2)} s`,
  );
  await ended(raised);
  await Promise.all([...hosts.masters, hosts.worker].map(host => host.powerCut()));
  return [
    {
      title: `moves of the VIP without a cause, in ${String(minutes)} minutes`,
      unit: '',
      ours: [moves],
      goal: none,
    },
    { title: 'longest pause between writes meanwhile', unit: 's', ours: [pause] },
  ];
}
