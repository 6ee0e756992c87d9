import { isSecretName } from '../engine/secret-name';
import { replaceSecrets } from '../engine/secret-shapes';
import { MASK } from '../engine/secret';
import { isHarmlessForm } from './harmless';
import { KNOWN_FLAGS } from './known';

/** What stands in the place of a value that is not known to be harmless. */
export const HIDDEN = '[hidden]';

/** A text of which the rest is known to be harmless: secrets by name and form are masked in it. */
export function masked(text: string): string {
  return replaceSecrets(text, () => MASK);
}

/** A value by the name that it goes by. */
export function namedValue(name: string, value: string, known: ReadonlySet<string>): string {
  if (isSecretName(name)) return /^(?:true|false|)$/.test(value) ? value : MASK;
  return known.has(name) ? masked(value) : formValue(value);
}

/** A value by its form alone: of a URL the place, without its login. */
export function formValue(value: string): string {
  const seen = masked(value);
  return isHarmlessForm(seen.replace(/:\/\/[^\s/@]*\[secret\]@/g, '://')) ? seen : HIDDEN;
}

/** The arguments of a program: its name, its flags, and those values that are harmless. A script, as behind `sh -c`, is not. */
export function shownArguments(words: readonly string[]): readonly string[] {
  let flag: string | undefined;
  return words.map((word, at) => {
    const before = flag;
    flag = undefined;
    const [, dashes = '', name = '', value] = /^(--?)([A-Za-z][\w.-]*)(?:=([^]*))?$/.exec(word) ?? [];
    if (name !== '') {
      if (value === undefined) flag = name;
      else return `${dashes}${name}=${flagValue(name, value)}`;
      return word;
    }
    if (before !== undefined) return flagValue(before, word);
    if (at <= 1 && /^[a-z][a-z0-9-]{0,30}$/.test(word)) return word;
    return formValue(word);
  });
}

function flagValue(name: string, value: string): string {
  const [, quote = '', inner = value] = /^(["'])([^]*)\1$/.exec(value) ?? [];
  return `${quote}${namedValue(name, inner, KNOWN_FLAGS)}${quote}`;
}

const FLAG =
  /(?<![\w-])(--?)([A-Za-z][\w.-]*)=(\\"(?:(?!\\").)*\\"|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s"'\]})]+)/g;

/** Output of any program: flags show their values only where those are harmless, and secrets by name and form are masked. */
export function shownText(text: string): string {
  return masked(
    text.replace(FLAG, (_, dashes: string, name: string, value: string) => {
      const [, quote = '', inner = value] = /^(\\?["'])([^]*)\1$/.exec(value) ?? [];
      return `${dashes}${name}=${quote}${namedValue(name, inner, KNOWN_FLAGS)}${quote}`;
    }),
  );
}
