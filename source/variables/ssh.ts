import type { HostReader } from '../engine/host';
import type { Collector } from './collector';
import type { SshAccess } from './settings';

/** --ssh and what stands beside it, as it was given. */
export interface ToldSsh {
  readonly user?: string;
  readonly keyFile?: { readonly given: string; readonly path: string };
}

const OTHERS_OR_GROUP = 0o077;
/** A name that ssh does not take for an option; a domain may stand before or after it. */
const USER = /^[A-Za-z_][A-Za-z0-9_.@\\-]{0,63}$/;

async function keyFault(
  host: HostReader,
  path: string,
): Promise<{ readonly wrong: string; readonly right: string } | undefined> {
  const right = 'the file of a private key of this host, mode 0600';
  try {
    const stat = await host.stat(path);
    const text = (await host.read(path))?.toString('utf8');
    if (text === undefined) return { wrong: `is not on ${host.name}`, right };
    if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----/m.test(text)) {
      return { wrong: 'is no private key', right: path.endsWith('.pub') ? path.slice(0, -4) : right };
    }
    if (stat?.kind === 'file' && (stat.mode & OTHERS_OR_GROUP) !== 0) {
      return {
        wrong: `can be read by others than its owner (mode 0${stat.mode.toString(8)}), so ssh does not use it`,
        right: 'mode 0600 (chmod 600)',
      };
    }
    return undefined;
  } catch (error) {
    return { wrong: `cannot be read: ${error instanceof Error ? error.message : String(error)}`, right };
  }
}

/** How the other masters are reached, where --ssh was given. The key is only looked at; ssh reads it. */
export async function sshAccess(
  collector: Collector,
  host: HostReader,
  told: ToldSsh | undefined,
): Promise<SshAccess | undefined> {
  if (told === undefined) return undefined;
  const { user = 'root', keyFile } = told;
  if (!USER.test(user)) {
    collector.problems.push({
      field: '--ssh-user',
      value: user,
      where: 'flag',
      wrong: 'is no name of a user',
      right: 'root, or a user that may use sudo without a password',
    });
  }
  const fault = keyFile === undefined ? undefined : await keyFault(host, keyFile.path);
  if (keyFile !== undefined && fault !== undefined) {
    collector.problems.push({ field: '--ssh-key', value: keyFile.given, where: 'flag', ...fault });
  }
  collector.shown.push({
    name: '--ssh',
    value: `as ${user}, with ${keyFile === undefined ? "ssh's own choice of a key" : `the key ${keyFile.path}`}`,
    source: 'flag --ssh',
  });
  return { user, ...(keyFile === undefined ? {} : { keyFile: keyFile.path }) };
}
