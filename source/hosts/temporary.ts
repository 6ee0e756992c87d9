/** Whether a name in a file's directory is the one that its content has until it is whole: `.NAME.` and twelve hexadecimal digits. */
export function isTemporaryOf(name: string, other: string): boolean {
  const between = other.startsWith(`.${name}.`) ? other.slice(name.length + 2) : '';
  return /^[0-9a-f]{12}\.new$/.test(between);
}
