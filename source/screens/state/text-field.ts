import type { Key } from '../terminal/keys';

/** One line of text being typed; `cursor` counts characters before it. */
export interface TextField {
  readonly value: string;
  readonly cursor: number;
}

/** A field with the cursor behind its text. */
export function textField(value: string): TextField {
  return { value, cursor: value.length };
}

/** The field after a key, with the shell's editing keys; undefined where the key is not one for typing. */
export function typed({ value, cursor }: TextField, key: Key): TextField | undefined {
  const before = value.slice(0, cursor);
  const after = value.slice(cursor);
  switch (key) {
    case 'left':
    case 'ctrl-b':
      return { value, cursor: Math.max(0, cursor - 1) };
    case 'right':
    case 'ctrl-f':
      return { value, cursor: Math.min(value.length, cursor + 1) };
    case 'home':
    case 'ctrl-a':
      return { value, cursor: 0 };
    case 'end':
    case 'ctrl-e':
      return { value, cursor: value.length };
    case 'backspace':
      return { value: before.slice(0, -1) + after, cursor: Math.max(0, cursor - 1) };
    case 'delete':
    case 'ctrl-d':
      return { value: before + after.slice(1), cursor };
    case 'ctrl-u':
      return { value: after, cursor: 0 };
    case 'ctrl-k':
      return { value: before, cursor };
    case 'ctrl-w': {
      const kept = before.replace(/[^\s.,:/]*[\s.,:/]*$/, '');
      return { value: kept + after, cursor: kept.length };
    }
    default:
      return key.length === 1 && key > ' ' && key <= '~'
        ? { value: before + key + after, cursor: cursor + 1 }
        : undefined;
  }
}
