/** "0:04", "12:31", "1:02:03". */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (count: number) => String(count).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** "4 s", "2 min 5 s", "10 min": as one says it in a sentence. */
export function spoken(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) {
    return `${seconds} s`;
  }
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest === 0 ? '' : ` ${rest} s`}`;
}

/** "2.1 MB". */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const exponent = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** exponent).toFixed(1)} ${units[exponent - 1] ?? ''}`;
}

/** "1 change", "7 changes". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
