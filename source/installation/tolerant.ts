import type { HostReader } from '../engine/host';

function refused(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return code === 'EACCES' || code === 'EPERM';
}

/** A reader that takes what it may not read for absent and keeps a list of it: a plan can then be shown to somebody who is not root, with what it could not look at. */
export function tolerant(host: HostReader): {
  readonly host: HostReader;
  readonly unreadable: ReadonlySet<string>;
} {
  const unreadable = new Set<string>();
  const attempt = async <Found>(path: string, look: () => Promise<Found>): Promise<Found | undefined> => {
    try {
      return await look();
    } catch (error) {
      if (!refused(error)) throw error;
      unreadable.add(path);
      return undefined;
    }
  };
  return {
    unreadable,
    host: {
      name: host.name,
      read: path => attempt(path, () => host.read(path)),
      stat: path => attempt(path, () => host.stat(path)),
      list: path => attempt(path, () => host.list(path)),
      query: (command, options) => host.query(command, options),
      request: request => host.request(request),
    },
  };
}
