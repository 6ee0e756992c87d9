/** What makes a line unusable: what is wrong and what would be right; thrown inside the parser only, and made a Problem there. */
export class Unsupported extends Error {
  constructor(
    readonly wrong: string,
    readonly right: string,
  ) {
    super(wrong);
  }
}

/** The values that `$NAME` may refer to at this point of the file. */
type Scope = ReadonlyMap<string, string>;

const START = /[A-Za-z_]/;
const NAME = /[A-Za-z0-9_]/;
const SPECIAL = /[0-9@*#?$!-]/;
const OPERATORS = ';&|<>()';

function command(sign: string): Unsupported {
  return new Unsupported(
    `has ${sign}, which would run a command in a shell; this file is read and never executed, so it is not supported`,
    'the value itself, in single quotes where it has such characters',
  );
}

/** Reads one shell word as POSIX sh does in an assignment, refusing everything that would run something or that shells disagree on. */
export class WordReader {
  #at: number;
  #unused = 0;

  constructor(
    private readonly text: string,
    start: number,
    private readonly scope: Scope,
    /** After `export`, some shells split and expand what is not quoted. */
    private readonly exported: boolean,
  ) {
    this.#at = start;
  }

  get end(): number {
    return this.#at;
  }

  /** The word's value, up to the first unquoted blank or the end of the line. */
  read(): string {
    return this.plain(false);
  }

  private peek(offset = 0): string {
    return this.text.charAt(this.#at + offset);
  }

  private plain(inDefault: boolean): string {
    let value = '';
    const start = this.#at;
    for (;;) {
      const character = this.peek();
      if (character === '') {
        if (inDefault) throw new Unsupported('has a ${ that is not closed on its line', 'the closing }');
        return value;
      }
      if (inDefault ? character === '}' : character === ' ' || character === '\t') return value;
      value += this.piece(character, start, inDefault);
    }
  }

  private piece(character: string, start: number, inDefault: boolean): string {
    if (character === '$') return this.reference(false, inDefault);
    this.#at += 1;
    if (character === "'") return this.single();
    if (character === '"') return this.double();
    if (character === '\\') return this.escaped();
    if (character === '`') throw command('a backtick');
    if (OPERATORS.includes(character)) throw command(`an unquoted ${character}`);
    const before = this.#at - 2 < start ? '' : this.text.charAt(this.#at - 2);
    if (character === '~' && (before === '' || before === ':' || before === '=')) {
      throw new Unsupported(
        'has an unquoted ~, which a shell replaces by a home directory',
        'the whole path, or ~ in quotes',
      );
    }
    if (character === '{' && (inDefault || this.exported)) {
      throw new Unsupported('has an unquoted { that shells read differently', 'the value in quotes');
    }
    if (this.exported && '*?['.includes(character)) {
      throw new Unsupported(
        `has an unquoted ${character} after export, which some shells replace by file names`,
        'the value in quotes',
      );
    }
    return character;
  }

  private escaped(): string {
    const character = this.peek();
    if (character === '') {
      throw new Unsupported('continues on the next line, which is not supported', 'the value on one line');
    }
    this.#at += 1;
    return character;
  }

  private single(): string {
    const close = this.text.indexOf("'", this.#at);
    if (close === -1) {
      throw new Unsupported('has a single quote that is not closed on its line', 'the closing quote');
    }
    const value = this.text.slice(this.#at, close);
    this.#at = close + 1;
    return value;
  }

  private double(): string {
    const value = this.quoted('"');
    this.#at += 1;
    return value;
  }

  private quoted(close: '"' | '}'): string {
    let value = '';
    for (;;) {
      const character = this.peek();
      if (character === close) return value;
      if (character === '') {
        throw new Unsupported('has a double quote that is not closed on its line', 'the closing quote');
      }
      if (character === '$') {
        value += this.reference(true, close === '}');
        continue;
      }
      if (character === '`') throw command('a backtick');
      if (close === '}' && '"\'{'.includes(character)) {
        throw new Unsupported(
          `has a ${character} in the default of a quoted \${…:-…}, which shells read differently`,
          'a default without quotes and braces',
        );
      }
      this.#at += 1;
      if (character === '\\') {
        const next = this.peek();
        if (next === '') {
          throw new Unsupported(
            'continues on the next line, which is not supported',
            'the value on one line',
          );
        }
        if (`$\`"\\${close}`.includes(next)) {
          this.#at += 1;
          value += next;
          continue;
        }
      }
      value += character;
    }
  }

  private reference(quoted: boolean, inDefault: boolean): string {
    const next = this.peek(1);
    if (next === '(') throw command('$(');
    if (next === '{') {
      this.#at += 2;
      return this.split(this.braced(quoted), quoted);
    }
    if (START.test(next)) {
      this.#at += 1;
      return this.split(this.valueOf(this.name()), quoted);
    }
    if (SPECIAL.test(next)) {
      throw new Unsupported(`has $${next}, which means nothing here`, 'a plain dollar sign as \\$');
    }
    if (inDefault || (!quoted && (next === "'" || next === '"'))) {
      throw new Unsupported('has a $ that shells read differently', 'a plain dollar sign as \\$');
    }
    this.#at += 1;
    return '$';
  }

  private name(): string {
    const start = this.#at;
    while (NAME.test(this.peek())) this.#at += 1;
    return this.text.slice(start, this.#at);
  }

  private braced(quoted: boolean): string {
    const name = START.test(this.peek()) ? this.name() : '';
    if (name !== '' && this.peek() === '}') {
      this.#at += 1;
      return this.valueOf(name);
    }
    if (name === '' || this.peek() !== ':' || this.peek(1) !== '-') {
      throw new Unsupported('has a ${…} of a form that is not supported', '${NAME} or ${NAME:-default}');
    }
    this.#at += 2;
    const given = this.scope.get(name) ?? '';
    if (given !== '') this.#unused += 1;
    const otherwise = quoted ? this.quoted('}') : this.plain(true);
    if (given !== '') this.#unused -= 1;
    this.#at += 1;
    return given === '' ? otherwise : given;
  }

  private valueOf(name: string): string {
    const value = this.scope.get(name);
    if (value === undefined && this.#unused === 0) {
      throw new Unsupported(
        `refers to ${name}, which no earlier line sets`,
        `a line above that sets ${name}, or \${${name}:-default}`,
      );
    }
    return value ?? '';
  }

  private split(value: string, quoted: boolean): string {
    if (this.exported && !quoted && /[\s*?[\\]/.test(value)) {
      throw new Unsupported(
        'has an unquoted reference after export, to a value with blanks or wildcards, which some shells split',
        'the reference in double quotes',
      );
    }
    return value;
  }
}
