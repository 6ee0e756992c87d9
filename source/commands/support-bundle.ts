import { isAbsolute, join } from 'node:path';
import { open, rm, type FileHandle } from 'node:fs/promises';
import type { Arguments } from '../arguments';
import type { HostReader } from '../engine/host';
import { Redactor } from '../engine/redact';
import { EXIT } from '../installation/headless';
import type { Opened } from '../installation/installation';
import { problemsText } from '../renderers/failure-text';
import { tarball } from '../support/archive';
import { collect } from '../support/collect';
import { indexText } from '../support/index-text';
import { hostParts } from '../support/parts';
import { hostSecrets } from '../support/secrets';
import { settingsParts } from '../support/settings-parts';
import type { Problem } from '../variables/settings';

/** What a bundle needs of the process and of the installer. */
export interface BundleSurface {
  readonly host: HostReader;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly product: string;
  readonly root: boolean;
  readonly signal: AbortSignal;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** The installer for what was given, of which values and plan are asked. */
  readonly openInstaller: () => Promise<Opened>;
  readonly date?: () => Date;
}

/** Writes one archive with all that helps somebody far away to see what is the matter, without any secret; returns the exit code. */
export async function supportBundle(given: Arguments, surface: BundleSurface): Promise<number> {
  const { host, product, root, signal } = surface;
  const date = (surface.date ?? (() => new Date()))();
  const name = `kube-el7-install-support-${host.name.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 100)}`;
  const [word = `${name}-${date.toISOString().replace(/[-:]|\.\d+/g, '')}.tar.gz`] = given.words ?? [];
  const path = isAbsolute(word) ? word : join(surface.workingDirectory, word);
  const file = await created(path);
  if ('problem' in file) {
    surface.complain(problemsText([file.problem]));
    return EXIT.invalid;
  }
  let written = false;
  try {
    const redactor = new Redactor();
    const { settings, parts } = await settingsParts(surface.openInstaller);
    const { secrets, unread } = await hostSecrets(host, ownFiles(given, surface));
    redactor.addWithin([secrets, settings?.registry.login?.password, settings?.token]);
    const version = {
      name: 'versions/product',
      kind: 'text',
      text: `${product}\nnode ${process.version}\n`,
    } as const;
    const collected = await collect([version, ...parts, ...(await hostParts(host))], host, redactor, signal);
    const index = indexText(collected, {
      product,
      host: host.name,
      date,
      root,
      secrets: secrets.length,
      unread,
    });
    const entries = [
      { name: 'README.txt', content: Buffer.from(redactor.text(index)) },
      ...collected.entries,
    ];
    const inFolder = entries.map(entry => ({ ...entry, name: `${name}/${entry.name}` }));
    await file.handle.writeFile(await tarball(inFolder, date.getTime() / 1000));
    await file.handle.sync();
    written = true;
    const counts = `${collected.entries.length} things are in it, ${collected.missing.length} could not be had`;
    surface.print(`${path}\n${counts}: its README.txt says which, and why.\n`);
    return signal.aborted ? EXIT.interrupted : EXIT.done;
  } finally {
    await file.handle.close();
    if (!written) await rm(path, { force: true });
  }
}

/** Files with secrets that only this user or this call knows of. */
function ownFiles({ tokenFile, ssh }: Arguments, surface: BundleSurface): readonly string[] {
  const home = surface.environment['HOME'];
  return [
    ...(home === undefined ? [] : [`${home}/.kube/config`, `${home}/.docker/config.json`]),
    ...[tokenFile, ssh?.keyFile].flatMap(path => path ?? []),
  ];
}

/** A new file for root alone; one that is there is never written over. */
async function created(
  path: string,
): Promise<{ readonly handle: FileHandle } | { readonly problem: Problem }> {
  try {
    return { handle: await open(path, 'wx', 0o600) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      EEXIST: 'is there already, and is not written over',
      ENOENT: 'is in a folder that is not there',
      ENOTDIR: 'is in a folder that is none',
      EACCES: 'may not be written by this user',
    };
    const wrong = reasons[code ?? ''] ?? `cannot be written: ${message}`;
    const right = 'the name of a new file, such as /tmp/bundle.tar.gz';
    return { problem: { field: 'file', value: path.slice(0, 200), where: 'argument', wrong, right } };
  }
}
