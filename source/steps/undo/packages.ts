import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { ask, lines } from '../prepare/ask';

const RPM_MS = 120_000;
const REMOVE_MS = 10 * 60_000;
/** It may be the one that runs, or the one that the next boot takes. */
const KERNEL = /^kernel(-|$)/;

/** What can be removed again of what a run has installed. */
export interface Removable {
  readonly names: readonly string[];
}

/**
 * The wanted packages that were not there before, and what came in the same transaction of rpm's with them; without a
 * kernel, and without what packages need that were installed otherwise.
 */
export async function removable(
  host: HostReader,
  wanted: readonly string[],
  before: readonly string[],
): Promise<Removable> {
  const had = new Set(before);
  const isOurs = ([name]: readonly [string, string]): boolean => !had.has(name) && !KERNEL.test(name);
  const asked = (await installed(host, ['-q', ...wanted])).filter(isOurs);
  if (asked.length === 0) return { names: [] };
  const transactions = new Set(asked.map(([, transaction]) => transaction));
  const all = (await installed(host, ['-qa']))
    .filter(isOurs)
    .filter(([, transaction]) => transactions.has(transaction));
  return { names: await unneeded(host, all.map(([name]) => name).sort()) };
}

/** Names with the transaction that each was installed in. */
async function installed(
  host: HostReader,
  args: readonly string[],
): Promise<readonly (readonly [string, string])[]> {
  const query = [...args, '--qf', '%{NAME} %{INSTALLTID}\\n'];
  const { stdout } = await ask(host, 'rpm', query, RPM_MS);
  return lines(stdout)
    .map(line => line.split(' '))
    .flatMap(([name = '', transaction = '', ...rest]) =>
      rest.length === 0 && /^\d+$/.test(transaction) ? [[name, transaction] as const] : [],
    );
}

/** Takes out of the list what others need until rpm would let the rest go. */
async function unneeded(host: HostReader, names: readonly string[]): Promise<readonly string[]> {
  let left = names;
  for (;;) {
    if (left.length === 0) return [];
    const { code, stdout, stderr } = await ask(host, 'rpm', ['-e', '--test', ...left], RPM_MS);
    if (code === 0) return left;
    const needs = [...(stdout + stderr).matchAll(/^\s*(.+) is needed by \(installed\) /gm)];
    const kept = new Set<string>();
    for (const [, what = ''] of needs) {
      const capability = what.split(' ')[0] ?? '';
      const found = await ask(host, 'rpm', ['-q', '--whatprovides', '--qf', '%{NAME}\\n', capability]);
      for (const name of lines(found.stdout)) kept.add(name);
    }
    const rest = left.filter(name => !kept.has(name));
    // rpm refuses for a reason that names none of them: nothing is removed then.
    if (rest.length === left.length) return [];
    left = rest;
  }
}

/** rpm itself, since yum would take others with them. */
export function removal({ names }: Removable): readonly Change[] {
  if (names.length === 0) return [];
  return [
    {
      kind: 'run',
      title: `Remove the packages ${names.join(', ')}`,
      command: { file: 'rpm', args: ['-e', ...names] },
      timeoutMs: REMOVE_MS,
    },
  ];
}
