import { join } from 'node:path';
import { program } from '../../scripts/layout';
import { BUNDLED_NODE, nodeRuntime } from '../../scripts/runtimes';
import type { Figure } from './figures';
import { bundleCpuToFirstFrame, cpuToEnd, cpuToFirstFrame } from './first-frame';

/** CPU to the first screen, of the archive's program and of the npm package's, each beside `node -e 0` on the same Node, in turns. */
export async function startUp(rounds: number): Promise<Figure[]> {
  const node = join(await nodeRuntime(BUNDLED_NODE), 'bin', 'node');
  const [nothing, archive, npmPackage]: [number[], number[], number[]] = [[], [], []];
  for (let round = -1; round < rounds; round += 1) {
    const [empty, ofArchive, ofPackage] = [
      await cpuToEnd([node, '-e', '0']),
      await bundleCpuToFirstFrame(),
      await cpuToFirstFrame([node, program]),
    ];
    // The first round fills the page cache.
    if (round < 0) continue;
    nothing.push(empty);
    archive.push(ofArchive);
    npmPackage.push(ofPackage);
  }
  const common = {
    unit: 'ms',
    anchor: { title: `node ${BUNDLED_NODE} -e 0`, values: nothing },
    goal: { kind: 'ratio', most: 3 },
  } as const;
  return [
    { ...common, title: 'CPU to the first screen, archive', ours: archive },
    { ...common, title: 'CPU to the first screen, npm package', ours: npmPackage },
  ];
}
