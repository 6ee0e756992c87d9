import type { HostReader } from '../../engine/host';
import { readText } from './ask';

/** The options of a section, by name. */
type Options = ReadonlyMap<string, string>;

const MAIN = '/etc/yum.conf';
const DIRECTORIES = ['/etc/yum.repos.d', '/etc/yum/repos.d'];

/** yum's configuration as yum 3 reads it: sections by name, [main] among them. `more` is the text of a .repo file that is yet to be written. */
export async function readYumConfiguration(
  host: HostReader,
  more = '',
): Promise<ReadonlyMap<string, Options>> {
  const sections = new Map<string, Map<string, string>>();
  addSections(sections, await readText(host, MAIN));
  for (const directory of DIRECTORIES) {
    for (const name of (await host.list(directory)) ?? []) {
      if (name.endsWith('.repo')) addSections(sections, await readText(host, `${directory}/${name}`));
    }
  }
  addSections(sections, more);
  return sections;
}

/** Options are "name = value" or "name: value"; a line that begins with a blank goes on with the value before it (yum: iniparse, ini.py). */
function addSections(sections: Map<string, Map<string, string>>, text: string): void {
  let options: Map<string, string> | undefined;
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, section] = /^\[([^\]]+)\]/.exec(line) ?? [];
    const [, name, value = ''] = /^([^\s#;:=[][^:=]*?)\s*[:=]\s*(.*)$/.exec(line) ?? [];
    if (section !== undefined) {
      options = new Map(sections.get(section));
      sections.set(section, options);
      last = undefined;
    } else if (name !== undefined) {
      options?.set(name, value.replace(/\s;.*$/, '').trim());
      last = name;
    } else if (/^\s+\S/.test(line) && last !== undefined) {
      options?.set(last, `${options.get(last) ?? ''}\n${line.trim()}`.trim());
    }
  }
}

/** yum's words for a yes. */
export function isYes(value: string | undefined): boolean {
  return /^(1|yes|true|on)$/i.test(value ?? '');
}
