/** What an even number of masters comes to, for a note and a warning; undefined for an odd one, which is as it should be. */
export function quorumNote(count: number): string | undefined {
  if (count % 2 === 1 || count < 2) return undefined;
  const lost = count / 2 - 1;
  const fewer = count === 2 ? 'a single master' : `${count - 1} masters`;
  return `${count} masters: quorum ${count / 2 + 1}, may lose ${lost}, no more than ${fewer}; ${count + 1} would survive the loss of ${lost + 1}.`;
}
