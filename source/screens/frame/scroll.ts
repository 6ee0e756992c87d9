import type { KeyHint } from './chrome';

/** The first line to show, so that no room is left empty below. */
export function boundedTop(top: number, total: number, height: number): number {
  return Math.max(0, Math.min(top, total - height));
}

/** The keys that scroll, and where one is; none where everything is in sight. */
export function scrollKeys(top: number, total: number, height: number): readonly KeyHint[] {
  const first = boundedTop(top, total, height);
  return total <= height
    ? []
    : [['↑↓', `scroll (${first + 1} to ${Math.min(total, first + height)} of ${total})`]];
}

/** The window of `height` rows that holds those from `first` to `last`, about in its middle; where it cannot hold them, it begins with them. */
export function blockTop(first: number, last: number, total: number, height: number): number {
  const middle = Math.floor((first + last) / 2) - Math.floor(height / 2);
  return boundedTop(Math.min(first, Math.max(last - height + 1, middle)), total, height);
}

/** The window of `height` rows around a marked one. */
export function windowTop(marked: number, total: number, height: number): number {
  return boundedTop(marked - Math.floor(height / 2), total, height);
}
