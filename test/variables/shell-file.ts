import type { Random } from '../support/random';

const NAMES = ['ALPHA', 'BETA', '_gamma', 'Delta9', 'EPSILON', 'ZETA_1'];
const BARE = Array.from('abcxyzABC0189_-.,/:=+@%^!é#');
const BARE_NOT_EXPORTED = ['*', '?', '[', ']', '}', '{', '{a,b}', '[a-z]', 'a~'];
const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));

export interface ShellFile {
  readonly text: string;
  readonly names: readonly string[];
}

/** Makes files of lines that are meant to be valid, with every form of quoting that is. */
class Writer {
  readonly #set: string[] = [];

  constructor(private readonly random: Random) {}

  file(): ShellFile {
    const lines = this.random.several(1, 9, () => this.line());
    return { text: lines.join('\n') + (this.random.chance(80) ? '\n' : ''), names: NAMES };
  }

  private line(): string {
    const { random } = this;
    if (random.chance(8)) return random.pick(['', '  ', '# a comment', '\t# it\'s `not` $(run); "', '#!']);
    const exported = random.chance(25);
    const name = random.pick(NAMES);
    const word = random.several(0, 5, () => this.part(exported)).join('');
    this.#set.push(name);
    const indent = random.pick(['', '', '', ' ', '\t']);
    const end = random.pick(['', '', '', ' ', '\t ', ' # comment', " #it's", '\t# $(no)']);
    return `${indent}${exported ? random.pick(['export ', 'export\t', 'export  ']) : ''}${name}=${word}${end}`;
  }

  private part(exported: boolean): string {
    const { random } = this;
    switch (random.below(exported ? 4 : 6)) {
      case 0:
        return random.several(1, 4, () => this.bare(exported)).join('');
      case 1:
        return `'${random
          .several(0, 6, () => random.pick(PRINTABLE))
          .join('')
          .replace(/'/g, '')}'`;
      case 2:
        return `"${random.several(0, 4, () => this.quotedPiece(2)).join('')}"`;
      case 3:
        return `\\${random.pick(PRINTABLE)}`;
      case 4:
        return this.reference(false, 2);
      default:
        return random.pick(BARE_NOT_EXPORTED);
    }
  }

  private bare(exported: boolean): string {
    const character = this.random.pick(BARE);
    return exported || this.random.chance(90) ? character : this.random.pick(BARE_NOT_EXPORTED);
  }

  private quotedPiece(depth: number): string {
    const { random } = this;
    switch (random.below(4)) {
      case 0:
        return random.pick(PRINTABLE.filter(character => !'"$`\\'.includes(character)));
      case 1:
        return `\\${random.pick(Array.from('$`"\\abn.0 {'))}`;
      case 2:
        return random.pick(["it's", 'a b', '$ ', '$.', 'a;b', '&&', '(x)', '*', '~', '#', '\t']);
      default:
        return this.reference(true, depth);
    }
  }

  private reference(quoted: boolean, depth: number): string {
    const { random } = this;
    const known = this.#set.length > 0 && random.chance(60);
    const name = known ? random.pick(this.#set) : random.pick(NAMES);
    if (known && random.chance(40)) return random.pick([`\${${name}}`, `$${name}/`, `$${name}.`]);
    const otherwise = random
      .several(0, 3, () =>
        depth > 0 && random.chance(30) ? this.reference(quoted, depth - 1) : this.inDefault(quoted),
      )
      .join('');
    return `\${${name}:-${otherwise}}`;
  }

  private inDefault(quoted: boolean): string {
    const { random } = this;
    const plain = ['a', 'b c', '/', ':', '10.0.0.5:5000', 'x=y', ',', '#', '*', '\\\\', '\\$', '\\}'];
    if (quoted) return random.pick([...plain, '\\"', '\\a', ';', '&', '(x)', '|']);
    return random.pick([...plain, "'a b'", "'}'", '"c d"', '"}"', '"$ "', '\\ ', '\\a', "\\'"]);
  }
}

/** A generated file of valid lines. */
export function shellFile(random: Random): ShellFile {
  return new Writer(random).file();
}
