import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's top folder, with a trailing slash. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  name: string;
  version: string;
};

/** The product's version, as it stands in package.json. */
export const version = manifest.version;

/** The one file that holds the whole program, for any Node from 16.20.2 on. */
export const program = join(root, 'dist', 'kube-el7-install.cjs');

/** Name of the bundle's folder, and of its archive without the ending. */
export const bundleName = `${manifest.name}-${version}-linux-x64`;

/** The bundle, unpacked: what an operator has after `tar xzf`. */
export const bundleFolder = join(root, 'dist-bundle', bundleName);

/** The bundle's archive, made by `npm run bundle`. */
export const bundleArchive = `${bundleFolder}.tar.gz`;
