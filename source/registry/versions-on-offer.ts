import type { HostReader } from '../engine/host';
import { compareVersions, factsFor } from '../kubernetes/versions';

const TIMEOUT_MS = 60_000;

/** name.arch, [epoch:]version-release, repository; yum 3 breaks long lines, so blanks may be line ends. */
const PACKAGE = /(?:^|\n)kubelet\.\S+\s+(?:\d+:)?(\d+\.\d+\.\d+)-\S+\s+(\S+)/g;

/** Versions out of what `yum --showduplicates list kubelet` prints, of yum 3 and dnf alike, newest first: those that this product installs. What is only installed counts where nothing is on offer. */
export function parseOffer(output: string): readonly string[] {
  const found = [...output.matchAll(PACKAGE)].map(match => ({
    version: match[1] ?? '',
    installed: match[2]?.startsWith('@') === true || match[2] === 'installed',
  }));
  const offered = found.filter(({ installed }) => !installed);
  const versions = (offered.length > 0 ? offered : found).map(({ version }) => version);
  return [...new Set(versions)]
    .filter(version => factsFor(version) !== undefined)
    .sort((one, other) => compareVersions(other, one));
}

/** Versions of kubelet that this host's yum repositories offer; empty where yum knows none or fails, which the checks report. */
export async function versionsOnOffer(host: HostReader): Promise<readonly string[]> {
  const answer = await host.query(
    { file: 'yum', args: ['--quiet', '--showduplicates', 'list', 'kubelet'] },
    { timeoutMs: TIMEOUT_MS },
  );
  return parseOffer(answer.stdout);
}
