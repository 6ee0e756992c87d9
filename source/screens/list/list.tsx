import { Box } from 'ink';
import SelectInput from 'ink-select-input';
import { createContext, useContext } from 'react';
import { Line } from '../frame/line';
import type { Row } from '../frame/rows';
import { windowTop } from '../frame/scroll';

interface ListProps {
  readonly texts: readonly string[];
  /** Which of them are only to be read. */
  readonly faint?: readonly boolean[];
  readonly marked: number;
  readonly height: number;
  readonly onMark: (index: number) => void;
  readonly onChoose: (index: number) => void;
}

interface ItemProps {
  readonly isSelected?: boolean;
  readonly label: string;
  readonly value?: number;
}

/** The texts in sight, and those that are faint: the list is drawn whole by ink-select-input, and those outside take no line. */
const Looks = createContext<(index: number) => { readonly inSight: boolean; readonly faint: boolean }>(
  () => ({
    inSight: true,
    faint: false,
  }),
);

function Indicator({ isSelected = false }: { readonly isSelected?: boolean }) {
  return (
    <Box width={3} flexShrink={0}>
      {isSelected ? <Line row={[{ text: ' ▸', bold: true }]} /> : null}
    </Box>
  );
}

function Item({ isSelected = false, label, value = 0 }: ItemProps) {
  const { inSight, faint } = useContext(Looks)(value);
  const row: Row = [{ text: label, bold: isSelected, ...(faint ? { tone: 'faint' } : {}) }];
  return isSelected || inSight ? <Line row={row} /> : null;
}

/** A list to choose from with the arrows and enter; past an end it goes on at the other. */
export function List({ texts, faint = [], marked, height, onMark, onChoose }: ListProps) {
  const items = texts.map((label, value) => ({ key: String(value), label, value }));
  const top = windowTop(marked, texts.length, height);
  return (
    <Looks.Provider
      value={index => ({ inSight: index >= top && index < top + height, faint: faint[index] === true })}
    >
      <Box flexDirection="column" height={height} overflow="hidden" flexShrink={0}>
        <SelectInput
          items={items}
          initialIndex={marked}
          indicatorComponent={Indicator}
          itemComponent={Item}
          onHighlight={({ value }) => {
            onMark(value);
          }}
          onSelect={({ value }) => {
            onChoose(value);
          }}
        />
      </Box>
    </Looks.Provider>
  );
}
