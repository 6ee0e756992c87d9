import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HELP } from '../../source/help';
import { factsFor } from '../../source/kubernetes/versions';
import { VARIABLES } from '../../source/variables/table';
import { everything } from '../renderers/events';

const eventsPage = readFileSync('docs/events.md', 'utf8');
const variablesPage = readFileSync('docs/variables.md', 'utf8');

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap(name => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(name) ? [readFileSync(path, 'utf8')] : [];
  });
}

describe('docs/events.md', () => {
  it.each([...new Set(everything.map(event => event.type))])('describes %s', type => {
    expect(eventsPage).toContain(`- \`${type}\`: `);
  });

  it('has the failure codes of the program, neither more nor less', () => {
    const written = sources('source').flatMap(text =>
      [...text.matchAll(/\bcode: '([a-z][a-z-]+)'/g)].map(match => match[1] ?? ''),
    );
    const described = [...eventsPage.matchAll(/^\| `([a-z][a-z-]+)` \|/gm)]
      .map(match => match[1] ?? '')
      .filter(code => !['v', 'seq', 'time', 'run', 'type'].includes(code));
    expect(written.length).toBeGreaterThan(10);
    expect(described.sort()).toEqual([...new Set(written)].sort());
  });
});

describe('docs/variables.md', () => {
  it.each(VARIABLES)('describes %s', name => {
    expect(variablesPage).toMatch(new RegExp(`^\\| \`${name}\` \\|`, 'm'));
  });

  it('has the tags that the table has', () => {
    const rows = [
      ...variablesPage.matchAll(/^\| (1\.\d+)(?:\.0| from \.1)? \| (\S+) \| (\S+) \| (\S+) \|$/gm),
    ];
    expect(rows).toHaveLength(9);
    for (const [row, minor = '', etcd, pause, coredns] of rows) {
      const patch = row.startsWith('| 1.19.0 ') ? '0' : '1';
      expect(factsFor(`${minor}.${patch}`)?.tags, row).toMatchObject({ etcd, pause, coredns });
    }
  });
});

it('the help fits a terminal of 80 columns', () => {
  for (const line of HELP.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
});
