import type { View } from '../../disclosure/files';
import { HIDDEN } from '../../disclosure/words';
import type { HostReader } from '../../engine/host';
import { readText } from './ask';

/** A file that the system applies after ours, and what it would have to be so that ours hold. */
export interface Overriding {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** In the order of their rank: of two files with the same name the first counts (systemd: sysctl.d, CONF_DIRS_NULSTR). */
const DIRECTORIES = [
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
  '/lib/sysctl.d',
];

const MARK = '# switched off by kube-el7-install, which needs another value: ';

/** The files that systemd-sysctl applies at boot after the one of that name, in the order of their names, and that set one of the parameters to another value. */
export async function overriding(
  host: HostReader,
  ours: string,
  wanted: ReadonlyMap<string, string>,
): Promise<readonly Overriding[]> {
  const paths = new Map<string, string>();
  for (const directory of DIRECTORIES) {
    for (const name of (await host.list(directory)) ?? []) {
      if (name.endsWith('.conf') && name > ours && !paths.has(name)) paths.set(name, `${directory}/${name}`);
    }
  }
  const found: Overriding[] = [];
  for (const path of paths.values()) {
    const text = await readText(host, path);
    const content = text
      .split('\n')
      .map(line => (contradicts(line, wanted) ? `${MARK}${line}` : line))
      .join('\n');
    if (content !== text) found.push({ path, content, mode: (await host.stat(path))?.mode ?? 0o644 });
  }
  return found;
}

/** "net.ipv4.ip_forward = 0", "-net/ipv4/ip_forward=0": where the first separator is a slash, names are separated by slashes. */
function contradicts(line: string, wanted: ReadonlyMap<string, string>): boolean {
  const [, name = '', value = ''] = /^\s*-?([^\s=#;][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
  const dotted = /^[^./]*\//.test(name) ? name.replace(/\//g, '.') : name;
  const right = wanted.get(dotted);
  return right !== undefined && value !== right;
}

/** Names with numbers are harmless; what else stands in such a file is not shown. */
export const sysctlView: View = text =>
  text
    .split('\n')
    .map(line => (line === '' || /^(?:#[^=]*: )?\s*-?[\w./-]+\s*=\s*[\d\s-]*$/.test(line) ? line : HIDDEN))
    .join('\n');
