import { Text } from 'ink';
import { useContext } from 'react';
import { TONES, type Row } from './rows';
import { Colour } from './theme';

/** One line of a frame: spans are fitted to the width by who makes them, and cut here if they are not. */
export function Line({ row }: { readonly row: Row }) {
  const colour = useContext(Colour);
  return (
    <Text wrap="truncate">
      {row.map(({ text, tone, bold = false }, index) =>
        tone === undefined && !bold ? (
          text
        ) : (
          <Text
            key={index}
            bold={bold}
            {...(colour && tone !== undefined ? { color: TONES[tone].name } : {})}
          >
            {text}
          </Text>
        ),
      )}
    </Text>
  );
}
