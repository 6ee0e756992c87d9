/** How a piece of a terminal's line is drawn. */
interface Style {
  readonly colour?: string;
  readonly ground?: string;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly inverse: boolean;
}

interface Piece {
  readonly text: string;
  readonly column: number;
  readonly style: Style;
}

const PLAIN: Style = { bold: false, faint: false, inverse: false };
const FOREGROUND = '#d8dee9';
const BACKGROUND = '#1d2128';
/** The terminal's sixteen colours: eight, and the same brighter. */
const COLOURS = [
  ...['#4c566a', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d8dee9'],
  ...['#7f8796', '#ff8b94', '#b5e890', '#ffd98e', '#84c7ff', '#e19cf5', '#7cd8e4', '#ffffff'],
];
const CELL = { width: 8.4, height: 18 };
const MARGIN = 12;

/** One code of an SGR sequence applied to a style (ECMA-48, 8.3.117); a code that the pictures have no use for changes nothing. */
function restyled(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, faint: true };
  if (code === 7) return { ...style, inverse: true };
  if (code === 22) return { ...style, bold: false, faint: false };
  if (code === 27) return { ...style, inverse: false };
  const { colour, ground, ...rest } = style;
  if (code === 39) return { ...rest, ...(ground === undefined ? {} : { ground }) };
  if (code === 49) return { ...rest, ...(colour === undefined ? {} : { colour }) };
  const chosen = COLOURS[(code % 10) + (code >= 90 ? 8 : 0)];
  if (chosen === undefined) return style;
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return { ...style, colour: chosen };
  if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) return { ...style, ground: chosen };
  return style;
}

function pieces(line: string, from: Style): { readonly pieces: readonly Piece[]; readonly style: Style } {
  const found: Piece[] = [];
  let [style, column] = [from, 0];
  for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
    const codes = /^\x1b\[([\d;]*)m$/.exec(part)?.[1];
    if (codes !== undefined) {
      style = codes.split(';').map(Number).reduce(restyled, style);
    } else if (part !== '') {
      found.push({ text: part, column, style });
      column += Array.from(part).length;
    }
  }
  return { pieces: found, style };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function drawn({ text, column, style }: Piece, row: number): string {
  const x = (MARGIN + column * CELL.width).toFixed(1);
  const width = (Array.from(text).length * CELL.width).toFixed(1);
  const [fill, ground] = style.inverse
    ? [style.ground ?? BACKGROUND, style.colour ?? FOREGROUND]
    : [style.colour ?? FOREGROUND, style.ground];
  const top = MARGIN + row * CELL.height;
  const box =
    ground === undefined
      ? ''
      : `<rect x="${x}" y="${top}" width="${width}" height="${CELL.height}" fill="${ground}"/>`;
  if (text.trim() === '') return box;
  const weight = style.bold ? ' font-weight="bold"' : '';
  const opacity = style.faint ? ' opacity="0.6"' : '';
  const place = `x="${x}" y="${top + 13.5}" textLength="${width}" lengthAdjust="spacingAndGlyphs"`;
  return `${box}<text ${place} fill="${fill}"${weight}${opacity}>${escaped(text)}</text>`;
}

/** An SVG picture of a terminal's screen as `tmux capture-pane -e -p` prints it. */
export function svgOf(capture: string, columns: number, title: string): string {
  const lines = capture.replace(/\n$/, '').split('\n');
  let style = PLAIN;
  const body = lines.flatMap((line, row) => {
    const read = pieces(line, style);
    style = read.style;
    return read.pieces.map(piece => drawn(piece, row)).filter(text => text !== '');
  });
  const [width, height] = [columns * CELL.width + 2 * MARGIN, lines.length * CELL.height + 2 * MARGIN];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}
