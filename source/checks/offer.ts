import { PASS_EXCLUDES } from '../changes/yum';
import type { HostReader } from '../engine/host';
import { askYum } from './transaction';

/** The versions that repositories have of packages, by name: "kubelet-1.20.2" is asked for as "kubelet". */
export async function versionsOnOffer(
  host: HostReader,
  specifications: readonly string[],
  repositoryText: string | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = specifications.map(one => one.replace(/-\d[\d.]*$/, ''));
  const args = ['-q', '-C', PASS_EXCLUDES, '--showduplicates', 'list', 'available', ...names];
  const { stdout } = await askYum(host, args, repositoryText);
  const found = new Map<string, string[]>();
  // name.arch, [epoch:]version-release, repository; yum breaks long lines, so blanks may be line ends.
  for (const [, name = '', version = ''] of stdout.matchAll(
    /(?:^|\n)(\S+)\.\w+\s+(?:\d+:)?([^\s:-]+)-\S+\s+[^\s]+/g,
  )) {
    found.set(name, [...new Set([...(found.get(name) ?? []), version])]);
  }
  return found;
}
