import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { installerDirectory } from '../installer';
import type { LabHost } from '../lab';
import { place } from './order';
import type { Order } from './order';

const preload = fileURLToPath(new URL('in-process.ts', import.meta.url));
const node = `${installerDirectory}/runtime/bin/node`;

/** Stands in the bundle where its Node was; the program itself is as it is shipped. */
const wrapper = `#!/bin/sh
exec ${node}.real --require ${place}/in-process.cjs "$@"
`;

let compiled: Promise<string> | undefined;

async function compile(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [preload],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node16.20',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('nothing was compiled');
  return file.text;
}

/** Puts the means of the installer's faults on a host where it has been unpacked. */
export async function burden(host: LabHost): Promise<void> {
  compiled ??= compile();
  await host.write(`${place}/in-process.cjs`, await compiled);
  await host.succeed(`[ -e ${node}.real ] || mv ${node} ${node}.real`);
  await host.write(node, wrapper, 0o755);
}

/** What the installer's process is to suffer from its next start on. */
export function order(host: LabHost, what: Order): void {
  const directory = join(host.rootPath, place);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'order.json'), JSON.stringify(what));
}

/** The entries that it was killed at until now, in order. */
export function killsOn(host: LabHost): readonly string[] {
  const path = join(host.rootPath, place, 'kills');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}

/** It may be killed at the same entries again. */
export function forgetKills(host: LabHost): void {
  rmSync(join(host.rootPath, place, 'kills'), { force: true });
}
