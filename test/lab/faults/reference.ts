import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { bundleFolder, root } from '../../../scripts/layout';
import { until } from '../lab';
import type { Lab } from '../lab';
import { becomesWhole } from '../scenarios/masters-state';
import { order } from './burdened';
import { startUntilThrough } from './chain';
import { freshGround, Joining } from './cluster';
import type { Ground, Shape } from './cluster';
import { differences, endStateOf } from './end-state';
import type { EndState } from './end-state';
import { entryNames } from './entries';

/** What an install that nothing befell has written to its journal, and brought about. */
export interface Undisturbed {
  readonly product: string;
  readonly journal: string;
  readonly names: readonly string[];
  readonly state: EndState;
  readonly ms: number;
}

/** Where a fault run keeps what it knows, so that it goes on where it was. */
export const record = join(root, 'dist-faults');

/** Reads a file of the record; undefined where there is none. */
export function recorded(name: string): unknown {
  const path = join(record, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** Writes a file of the record whole, or not at all. */
export function keep(name: string, content: unknown): void {
  mkdirSync(record, { recursive: true });
  const path = join(record, name);
  writeFileSync(`${path}.new`, typeof content === 'string' ? content : JSON.stringify(content, null, 1));
  renameSync(`${path}.new`, path);
}

/** What a run consists of. The bundle as a whole is another one with each change of the docs, and each time that it is made: what V8 compiled differs. */
const programParts = ['dist/start.cjs', 'dist/program.cjs', 'kube-el7-install', 'templates'];

function filesBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap(name => filesBelow(join(path, name)));
}

/** The commit and the program that are tried: what was found with another one says nothing of this one. */
export function productTried(): string {
  const commit = execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
    cwd: root,
    encoding: 'utf8',
  });
  const hash = createHash('sha256');
  for (const path of programParts.flatMap(part => filesBelow(join(bundleFolder, part)))) {
    hash.update(`${relative(bundleFolder, path)}\0`).update(readFileSync(path));
  }
  return `${commit.trim()}, program ${hash.digest('hex').slice(0, 12)}`;
}

/** Whether two trials were of the same program: its files tell, and the commit may be one of tests or docs. */
export function isSameProduct(one: string, other: string): boolean {
  const program = (product: string): string => product.replace(/^.*, /, '');
  return program(one) === program(other);
}

const journalFile = 'var/lib/kube-el7-install/journal.jsonl';

/** Waits until a cluster is all that it should be, by what it says itself. */
export async function whole(ground: Ground): Promise<void> {
  const { nodes, master } = ground;
  if (nodes.masters.length > 1) return becomesWhole(master, nodes.masters);
  await master.succeed(
    'kubectl --kubeconfig /etc/kubernetes/admin.conf wait --for=condition=Ready --timeout=240s --all nodes',
    { timeoutMs: 300_000 },
  );
}

/** In what a cluster differs from an undisturbed one, once it no longer changes; empty where in nothing. */
export async function differsFrom(
  state: EndState,
  { nodes }: Ground,
  withinMs = 180_000,
): Promise<readonly string[]> {
  let found: readonly string[] = [];
  await until('the end state of an undisturbed install', withinMs, async () => {
    found = differences(state, await endStateOf(nodes.masters));
    if (found.length > 0) throw new Error(found.join('\n'));
  }).catch(() => undefined);
  return found;
}

/** An install that nothing befalls, of this product; done once. */
export async function undisturbed(
  lab: Lab,
  shape: Shape,
  report: (line: string) => void,
): Promise<Undisturbed> {
  const name = `undisturbed-${shape.replace(' ', '-')}.json`;
  const known = recorded(name) as Undisturbed | undefined;
  if (known !== undefined && isSameProduct(known.product, productTried())) return known;
  report(`${shape}: an install that nothing befalls, to compare with`);
  const ground = await freshGround(lab, shape, { anew: true });
  order(ground.master, {});
  const joining = new Joining(ground);
  const began = Date.now();
  const chain = await startUntilThrough(ground.master, ground.flags, () => undefined);
  const ms = Date.now() - began;
  await joining.stop();
  if (!chain.through || chain.starts > 1) throw new Error(chain.failures.join('\n'));
  const journal = readFileSync(join(ground.master.rootPath, journalFile), 'utf8');
  await whole(ground);
  const found = {
    ...{ product: productTried(), journal, names: entryNames(journal), ms },
    state: await endStateOf(ground.nodes.masters),
  };
  keep(name, found);
  return found;
}
