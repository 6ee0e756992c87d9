import { posix } from 'node:path';
import type { HostReader } from '../engine/host';

/** The directory itself, or the closest one above it that exists: that is whose file system it will be on. */
export async function nearestDirectory(host: HostReader, path: string): Promise<string> {
  for (let at = path; at !== '/'; at = posix.dirname(at)) {
    if ((await host.list(at)) !== undefined) return at;
  }
  return '/';
}
