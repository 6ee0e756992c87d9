import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { labAvailability } from '../test/lab/lab';
import { root } from './layout';
import { closingLine, exitCodeOf, tallyOf, total, type Tally } from './tally';

const FAILED: Tally = { passed: 0, failed: 1, skipped: 0 };

const work = await mkdtemp(join(tmpdir(), 'kube-el7-install-test-'));
const parts: { readonly title: string; readonly seconds: number; readonly tally: Tally }[] = [];

async function run(words: readonly string[], limitMinutes: number): Promise<number> {
  const [file = '', ...args] = words;
  const result = await execa(file, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    preferLocal: true,
    reject: false,
    timeout: limitMinutes * 60_000,
  });
  if (result.timedOut) console.log(`${words.join(' ')}: stopped after ${limitMinutes} minutes`);
  return result.exitCode;
}

async function part(title: string, perform: () => Promise<Tally>): Promise<void> {
  console.log(`\n=== ${title}`);
  const started = Date.now();
  const tally = await perform();
  parts.push({ title, seconds: (Date.now() - started) / 1000, tally });
}

/** A program that is one check by itself: its exit code tells. */
function check(...words: string[]): Promise<void> {
  return checkWithin(10, ...words);
}

function checkWithin(limitMinutes: number, ...words: string[]): Promise<void> {
  return part(words.join(' '), async () =>
    (await run(words, limitMinutes)) === 0 ? { passed: 1, failed: 0, skipped: 0 } : FAILED,
  );
}

/** Something that later parts need; it counts only where it fails. */
function preparation(limitMinutes: number, ...words: string[]): Promise<void> {
  return part(words.join(' '), async () => ((await run(words, limitMinutes)) === 0 ? total([]) : FAILED));
}

function tests(project: string, limitMinutes: number): Promise<void> {
  return part(`tests: ${project}`, async () => {
    const file = join(work, `${project}.json`);
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const exitCode = await run(['vitest', 'run', '--project', project, ...reporters], limitMinutes);
    return tallyOf(await readFile(file, 'utf8').catch(() => undefined), exitCode);
  });
}

const lab = labAvailability();

/** Builds the lab beside the checks, in the time that they leave: most use one processor, and a first build waits for downloads too. */
function startBuild(): Promise<{ readonly exitCode: number; readonly all?: string }> {
  return execa('nice', ['-n', '10', 'tsx', 'test/lab/main.ts', 'build'], {
    cwd: root,
    stdin: 'ignore',
    all: true,
    preferLocal: true,
    reject: false,
    timeout: 30 * 60_000,
  });
}

async function labTests(building: ReturnType<typeof startBuild> | undefined): Promise<void> {
  if (lab.available) {
    await part('the lab, built beside all of this', async () => {
      const built = await building;
      console.log(built?.all ?? '');
      return built?.exitCode === 0 ? total([]) : FAILED;
    });
    await tests('lab', 70);
    await checkWithin(12, 'tsx', 'test/lab/main.ts', 'faults', '--short');
    await run(['tsx', 'test/lab/main.ts', 'down'], 5);
  } else {
    await part('tests: lab', async () => {
      console.log(`${lab.reason}; its tests are left out`);
      return Promise.resolve(process.env['CI'] === 'true' ? FAILED : { ...FAILED, failed: 0, skipped: 1 });
    });
  }
}

const building = lab.available ? startBuild() : undefined;
await check('tsc', '--noEmit', '-p', '.');
await check('eslint', '.');
await check('prettier', '--check', '.');
await check('knip');
await tests('unit', 10);
await preparation(5, 'npm', 'run', 'build');
await preparation(10, 'npm', 'run', 'bundle');
await tests('package', 10);
await labTests(building);
await rm(work, { recursive: true, force: true });

console.log('\n  seconds  passed  failed');
for (const { title, seconds, tally } of parts) {
  const numbers = [
    seconds.toFixed(1).padStart(9),
    String(tally.passed).padStart(8),
    String(tally.failed).padStart(8),
  ];
  console.log(`${numbers.join('')}  ${title}`);
}
const sum = total(parts.map(({ tally }) => tally));
console.log(`\n${closingLine(sum)}`);
process.exitCode = exitCodeOf(sum);
