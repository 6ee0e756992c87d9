import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { labAvailability } from '../test/lab/lab';
import { root } from './layout';
import { SLOWNESS } from '../test/lab/patience';
import { pathOf, SCENARIOS } from '../test/lab/scenarios/order';
import { measureSlowness } from './speed';
import { closingLine, exitCodeOf, fits, tallyOf, total, type Tally } from './tally';

const FAILED: Tally = { passed: 0, failed: 1, skipped: 0 };

/** All of it ends within this time, on a slow machine too; KUBE_EL7_TEST_MINUTES gives another. */
const MINUTES = Number(process.env['KUBE_EL7_TEST_MINUTES'] ?? 74);
const deadline = Date.now() + MINUTES * 60_000;
/** What `faults --short` takes on a usual machine. */
const FAULTS_SECONDS = 420;

const work = await mkdtemp(join(tmpdir(), 'kube-el7-install-test-'));
const parts: { readonly title: string; readonly seconds: number; readonly tally: Tally }[] = [];

async function run(words: readonly string[], limitMinutes: number): Promise<number> {
  const [file = '', ...args] = words;
  const result = await execa(file, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    preferLocal: true,
    reject: false,
    timeout: Math.round(limitMinutes * 60_000),
    env: { [SLOWNESS]: String(slowness) },
  });
  if (result.timedOut) console.log(`${words.join(' ')}: stopped after ${limitMinutes.toFixed(0)} minutes`);
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

function tests(project: string, limitMinutes: number, ...files: readonly string[]): Promise<void> {
  return part(`tests: ${[project, ...files].join(' ')}`, async () => {
    const file = join(work, `${parts.length}.json`);
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const exitCode = await run(['vitest', 'run', '--project', project, ...reporters, ...files], limitMinutes);
    return tallyOf(await readFile(file, 'utf8').catch(() => undefined), exitCode);
  });
}

const leftOut: string[] = [];

/** Does a part that takes so long on a usual machine, where the time that is left allows it; else names it as skipped. */
async function inTime(
  names: readonly string[],
  seconds: number,
  count: () => Promise<number>,
  perform: (limitMinutes: number) => Promise<void>,
): Promise<void> {
  const left = (deadline - Date.now()) / 1000;
  if (fits(seconds, slowness, left)) {
    await perform(Math.min(left, seconds * slowness * 3 + 300) / 60);
    return;
  }
  leftOut.push(...names);
  await part(`skipped, no time is left: ${names.join(', ')}`, async () => ({
    ...{ passed: 0, failed: 0 },
    skipped: await count(),
  }));
}

/** How many tests there are in some files. */
async function countOf(files: readonly string[]): Promise<number> {
  const listed = await execa('vitest', ['list', '--project', 'lab', '--json', ...files], {
    cwd: root,
    preferLocal: true,
    reject: false,
  });
  const from = listed.stdout.indexOf('[');
  return from < 0 ? files.length : (JSON.parse(listed.stdout.slice(from)) as readonly unknown[]).length;
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
    for (const { files, seconds } of SCENARIOS) {
      const paths = files.map(pathOf);
      await inTime(
        files,
        seconds,
        () => countOf(paths),
        limit => tests('lab', limit, ...paths),
      );
    }
    await inTime(
      ['faults --short'],
      FAULTS_SECONDS,
      () => Promise.resolve(1),
      limit => checkWithin(limit, 'tsx', 'test/lab/main.ts', 'faults', '--short'),
    );
    await run(['tsx', 'test/lab/main.ts', 'down'], 5);
  } else {
    await part('tests: lab', async () => {
      console.log(`${lab.reason}; its tests are left out`);
      return Promise.resolve(process.env['CI'] === 'true' ? FAILED : { ...FAILED, failed: 0, skipped: 1 });
    });
  }
}

const slowness = await measureSlowness();
console.log(`This machine takes ${slowness} times as long as a usual one; time limits follow that.`);
const building = lab.available ? startBuild() : undefined;
await check('tsc', '--noEmit', '-p', '.');
await check('eslint', '.');
await check('prettier', '--check', '.');
await check('knip');
await tests('unit', 20);
await preparation(5, 'npm', 'run', 'build');
await preparation(10, 'npm', 'run', 'bundle');
await tests('package', 15);
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
if (leftOut.length > 0) {
  console.log(`\nSkipped, since ${MINUTES} minutes did not suffice on this machine: ${leftOut.join(', ')}`);
}
const sum = total(parts.map(({ tally }) => tally));
console.log(`\n${closingLine(sum)}`);
process.exitCode = exitCodeOf(sum);
