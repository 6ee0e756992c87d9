import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SOURCE = join(__dirname, '../../source');
/** Words that a manual page would have where a command wants a value. */
const PLACEHOLDER =
  /(?<![A-Z_{$%.=-])\b(?:NAME|ADDRESS|HOST|HOSTNAME|NODE|DEVICE|PACKAGE|IMAGE|MEMBER|REGISTRY|VERSION)\b(?![A-Z_=}])/;
/** What only the site knows, in the form that the file has. */
const SITES_OWN = /"nameserver ADDRESS"/;
/** Tables' headings, and what explains the form of a variables file. */
const NO_HINTS = [
  'help.ts',
  'renderers/',
  'variables/word.ts',
  'variables/parse.ts',
  'disclosure/known.ts',
  'screens/',
];

function files(directory: string): readonly string[] {
  return readdirSync(directory).flatMap(name => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

it('no hint leaves a value of a command to be guessed', () => {
  const found = files(SOURCE)
    .filter(path => !NO_HINTS.some(part => path.slice(SOURCE.length + 1).startsWith(part)))
    .flatMap(path =>
      [...readFileSync(path, 'utf8').matchAll(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g)]
        .map(([text]) => text.replace(/\$\{[^}]*\}/g, '').replace(SITES_OWN, ''))
        .filter(text => / [a-z]/.test(text) && PLACEHOLDER.test(text))
        .map(text => `${path.slice(SOURCE.length + 1)}: ${text.slice(0, 120)}`),
    );
  expect(found).toEqual([]);
});
