/** The directory that relative paths are meant from. One that was removed under the shell is no reason to end: nearly nothing is named by a relative path. */
export function settledDirectory(complain: (text: string) => void): string {
  try {
    return process.cwd();
  } catch {
    process.chdir('/');
    complain('The working directory does not exist any more: relative paths are taken from /.\n');
    return '/';
  }
}

/** Programs that are started, and directories made on the way to a file, have the permissions that a system's own have, whatever the umask of the operator's shell is. */
export function settleUmask(): void {
  process.umask(0o022);
}

/** Where root's own files are; HOME may be unset, empty or no path at all. */
export function homeOf(environment: Readonly<Record<string, string | undefined>>): string {
  const { HOME: home = '' } = environment;
  return home.startsWith('/') ? home : '/root';
}
