import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { root } from './layout';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly author?: string | { readonly name: string };
}

/** The terms that a dual-licensed package is used under. */
const chosen: Readonly<Record<string, string>> = { 'node-forge': 'BSD-3-Clause' };

/** Folders of the npm packages whose files are in the compiled program, sorted. */
function packages(metafile: Metafile): string[] {
  const folders = Object.keys(metafile.inputs)
    .map(input => /^(?:.*:)?((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1])
    .filter(folder => folder !== undefined);
  return [...new Set(folders)].sort();
}

/** What stands for a licence's text where a package has none: what it declares, and the terms that this means. */
function declared({ name, license, author }: Manifest): string {
  const terms = readFileSync(join(root, 'LICENSE'), 'utf8').split('\n\n').slice(2).join('\n\n').trim();
  if (license !== 'MIT') throw new Error(`${name} carries no text of its licence, ${license}`);
  const holder = (typeof author === 'string' ? author : author?.name) ?? `the authors of ${name}`;
  return [
    'The package itself carries no text of its licence; its package.json declares MIT.',
    `Copyright (c) ${holder}`,
    terms,
  ].join('\n\n');
}

function describe(folder: string): string {
  const path = join(root, folder);
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest;
  const texts = readdirSync(path)
    .filter(name => /^(licen[cs]e|copying|notice)/i.test(name))
    .sort()
    .map(name => readFileSync(join(path, name), 'utf8').trim());
  if (texts.length === 0) texts.push(declared(manifest));
  const licence = chosen[manifest.name] ?? manifest.license;
  return [`${manifest.name} ${manifest.version} (${licence})`, '', ...texts].join('\n');
}

/** The licences of every npm package that is inside the compiled program, each with its text. */
export function thirdPartyLicences(metafile: Metafile): string {
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  const introduction =
    'kube-el7-install contains the programs below. Each is used under its own terms, which follow its name.\n' +
    'The bundle for closed hosts also contains Node.js, whose terms are in runtime/LICENSE.';
  const described = [...new Set(packages(metafile).map(describe))].sort();
  return `${[introduction, ...described].join(rule)}\n`;
}
