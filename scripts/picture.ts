import { readFile, writeFile } from 'node:fs/promises';
import { svgOf } from './svg';

/** `tsx scripts/picture.ts CAPTURE SVG TITLE`: turns a screen that `tmux capture-pane -e -p` wrote into the picture of the README. */
const [capture, picture, title] = process.argv.slice(2);
if (capture === undefined || picture === undefined || title === undefined) {
  throw new Error('usage: picture.ts CAPTURE SVG TITLE');
}
await writeFile(picture, svgOf(await readFile(capture, 'utf8'), 80, title));
