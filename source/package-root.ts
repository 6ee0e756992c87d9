import { fileURLToPath } from 'node:url';
import { version } from '../package.json';

/** Where the shipped variables files and templates lie: one level above source/ and above dist/ alike. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url));

/** "kube-el7-install 0.1.0" */
export const product = `kube-el7-install ${version}`;
