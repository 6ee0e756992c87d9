import type { Collected } from './collect';

/** What a bundle says of itself: what is in it, what is not and why, and what was done about secrets. */
export function indexText(
  { entries, missing }: Collected,
  about: {
    readonly product: string;
    readonly host: string;
    readonly date: Date;
    readonly root: boolean;
    readonly secrets: number;
    readonly unread: readonly string[];
  },
): string {
  const { product, host, date, root, secrets, unread } = about;
  return [
    `Support bundle of ${host}, ${date.toISOString()}, made by ${product}`,
    '',
    'Secrets',
    '  No file of a key, a token or a kubeconfig is in it. In all texts [secret] stands in the',
    `  place of the ${secrets} secrets that were found on this host, in every spelling, and of`,
    '  everything that has the name or the form of one. Of files, objects and flags only what is',
    '  known to be harmless is shown; [hidden] stands for the rest.',
    ...(unread.length === 0
      ? []
      : ['  These could not be read for secrets:', ...unread.map(path => `    ${path}`)]),
    '  It does hold names, addresses and versions of this site.',
    ...(root ? [] : ['', 'It was not made by root, so much is missing. As root it would have more.']),
    '',
    `In it (${entries.length})`,
    ...entries.map(({ name, content }) => `  ${String(content.length).padStart(9)}  ${name}`),
    '',
    `Not in it (${missing.length})`,
    ...missing.map(({ name, why }) => `  ${name}: ${why}`),
    '',
  ].join('\n');
}
