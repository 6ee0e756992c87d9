function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one.charAt(i - 1) === other.charAt(j - 1) ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** The known name that was most likely meant (edit distance), undefined where none is near: a far-fetched guess misleads. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(name.length / 3));
  let best: { name: string; distance: number } | undefined;
  if (name.length > 100) return undefined;
  for (const candidate of known) {
    const found = distance(name.toUpperCase(), candidate.toUpperCase());
    if (found <= limit && (best === undefined || found < best.distance))
      best = { name: candidate, distance: found };
  }
  return best?.name;
}
