import type { HostReader } from '../engine/host';
import { ask, lines } from '../steps/prepare/ask';

/** What repositories offer, of the packages that were asked for. */
export interface Offer {
  /** Versions by package. */
  versions(name: string): readonly string[];
  /** Whether "kubelet-1.20.2" or "docker" can be had. */
  has(specification: string): boolean;
  /** Why it could not be read, in the repository's own words. */
  readonly problem?: string;
}

const TIMEOUT_MS = 120_000;

/** Asks yum. The Kubernetes packages are often excluded from updates; installing them passes over that, so asking does, too. */
export async function offerOfHost(host: HostReader, names: readonly string[]): Promise<Offer> {
  const { code, stdout, stderr } = await ask(
    host,
    'yum',
    ['-q', '--disableexcludes=all', '--showduplicates', 'list', 'available', ...names],
    TIMEOUT_MS,
  );
  const found = parseList(stdout);
  if (code === 0 || /No matching Packages/i.test(stderr)) return offer(found);
  if (code === 127) return offer(found, 'there is no yum on this host');
  if (code === 124) return offer(found, `it did not answer within ${TIMEOUT_MS / 1000} s`);
  return offer(found, complaint(stderr));
}

/** Reads a repository that yum does not know yet, as yum would: its index, and the list of packages that the index names. */
export async function offerOfUrl(host: HostReader, url: string, names: readonly string[]): Promise<Offer> {
  const base = await expanded(host, url);
  const index = await ask(host, 'curl', ['-fsSL', '--max-time', '30', `${base}/repodata/repomd.xml`], 40_000);
  if (index.code !== 0) return offer(new Map(), `${base}: ${complaint(index.stderr)}`);
  const [, location] = /<data type="primary">[\s\S]*?<location [^>]*href="([^"]+)"/.exec(index.stdout) ?? [];
  const unpack = UNPACK.find(([ending]) => location?.endsWith(ending))?.[1];
  if (location === undefined || unpack === undefined) {
    return offer(
      new Map(),
      `${base}/repodata/repomd.xml names no list of packages that EL7's yum could read`,
    );
  }
  const pattern = `<name>(${names.join('|')})</name>`;
  const { code, stdout, stderr } = await ask(
    host,
    'bash',
    ['-c', LIST, 'bash', `${base}/${location}`, unpack, pattern],
    TIMEOUT_MS,
  );
  if (code !== 0 && stderr.trim() !== '') return offer(new Map(), `${base}: ${complaint(stderr)}`);
  return offer(parsePrimary(stdout));
}

/** grep leaves the few packages in question of what can be a hundred megabytes; its exit code 1 for none of them is no failure. */
const LIST = 'set -o pipefail; curl -fsSL --max-time 110 "$1" | "$2" -dc | grep -A 3 -E "$3"';

const UNPACK: readonly (readonly [string, string])[] = [
  ['.xml.gz', 'gzip'],
  ['.xml.xz', 'xz'],
  ['.xml.bz2', 'bzip2'],
];

/** yum's variables, in a URL that is written as in a .repo file. */
async function expanded(host: HostReader, url: string): Promise<string> {
  const { stdout } = await ask(host, 'uname', ['-m']);
  return url
    .replace(/\/+$/, '')
    .replace(/\$\{?basearch\}?/g, stdout.trim())
    .replace(/\$\{?releasever\}?/g, '7');
}

/** name.arch, [epoch:]version-release, repository; yum breaks long lines, so blanks may be line ends. */
function parseList(stdout: string): ReadonlyMap<string, readonly string[]> {
  const packages = [...stdout.matchAll(/(?:^|\n)(\S+)\.\w+\s+(?:\d+:)?([^\s:-]+)-\S+\s+[^\s]+/g)];
  return gathered(packages.map(([, name = '', version = '']) => [name, version]));
}

function parsePrimary(xml: string): ReadonlyMap<string, readonly string[]> {
  const packages = [...xml.matchAll(/<name>([^<]+)<\/name>[\s\S]*?<version [^>]*ver="([^"]+)"/g)];
  return gathered(packages.map(([, name = '', version = '']) => [name, version]));
}

function gathered(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [name, version] of pairs) found.set(name, [...(found.get(name) ?? []), version]);
  return found;
}

function offer(found: ReadonlyMap<string, readonly string[]>, problem?: string): Offer {
  return {
    versions: name => [...new Set(found.get(name) ?? [])],
    has: specification =>
      found.has(specification) ||
      [...found].some(([name, versions]) => versions.some(version => `${name}-${version}` === specification)),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** The line that says what is wrong; what comes around it is advice. */
function complaint(stderr: string): string {
  const said = lines(stderr).map(line => line.trim());
  const errors = said.filter(line => /error|cannot|could not|failure|errno/i.test(line));
  return [...new Set(errors)].slice(0, 3).join('; ') || (said[said.length - 1] ?? 'it gave no reason');
}
