import { describe, expect, it } from 'vitest';
import { svgOf } from '../../scripts/svg';

/** The texts of a picture with where they begin and how they are drawn. */
function texts(svg: string): string[] {
  return [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*?fill="(#\w+)"([^>]*)>([^<]*)</g)].map(
    ([, x, y, fill, rest, text]) => [x, y, fill, rest?.trim(), text].join(' '),
  );
}

describe('the picture of a screen', () => {
  it('places each piece by its column and line, in its colour', () => {
    const svg = svgOf('ab\x1b[32mok\x1b[39m\n\x1b[1mbold\x1b[0m x', 80, 'a run');
    expect(texts(svg)).toEqual([
      '12.0 25.5 #d8dee9  ab',
      '28.8 25.5 #98c379  ok',
      '12.0 43.5 #d8dee9 font-weight="bold" bold',
      '45.6 43.5 #d8dee9   x',
    ]);
    expect(svg).toContain('<title>a run</title>');
  });

  it('keeps a style over the end of a line, as tmux does, and swaps colours where they are inverse', () => {
    const svg = svgOf('\x1b[7mkey\nmore\x1b[27m', 80, 'a run');
    expect(texts(svg)).toEqual(['12.0 25.5 #1d2128  key', '12.0 43.5 #1d2128  more']);
    expect(svg.match(/<rect [^>]*fill="#d8dee9"/g)).toHaveLength(2);
  });

  it('escapes what XML would read', () => {
    expect(svgOf('a <b> & c', 80, 'a < b')).toContain('>a &lt;b&gt; &amp; c<');
  });
});
