const builtIn = new Set(
  '. : [ break case cd continue do done echo elif else esac eval exit export false fi for if kill local printf read return set shift test then trap true type umask unset until wait while { }'.split(
    ' ',
  ),
);
/** After these a command stands. */
const leading = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', 'exec', 'command', '!', '{']);

/** Reads enough of a shell's grammar to tell where a command's name stands. */
class Reader {
  readonly found: string[] = [];
  private at = 0;
  /** What follows is a command's name. */
  private first = true;
  /** For each case that is open: whether patterns follow, or commands. */
  private readonly cases: boolean[] = [];

  constructor(private readonly text: string) {}

  /** Up to a closing parenthesis, or the end. */
  commands(): void {
    this.first = true;
    while (this.at < this.text.length) {
      const char = this.text[this.at] ?? '';
      if (this.cases.slice(-1)[0] === true && !/\s/.test(char)) this.pattern();
      else if (char === ')') return;
      else if (char === '#') this.skip(/[^\n]*/y);
      else if (this.text.startsWith('<<', this.at)) this.hereDocument();
      else if (this.text.startsWith(';;', this.at)) this.nextPattern();
      else if (char === '(') this.nested();
      else if (/[\n;&|]/.test(char)) this.separator();
      else if (/\s/.test(char)) this.at += 1;
      else this.word();
    }
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const [found = ''] = pattern.exec(this.text) ?? [];
    this.at += found.length;
    return found;
  }

  private separator(): void {
    this.at += 1;
    this.first = true;
  }

  private nested(): void {
    this.at += 1;
    this.commands();
    this.at += 1;
    this.first = false;
  }

  private hereDocument(): void {
    const end = /(?<=<<'?)\w+/.exec(this.skip(/<<'?\w+'?[^\n]*/y))?.[0] ?? '';
    this.at = this.text.indexOf(`\n${end}\n`, this.at) + end.length + 1;
  }

  private nextPattern(): void {
    this.at += 2;
    this.cases[this.cases.length - 1] = true;
  }

  private pattern(): void {
    if (/^esac\b/.test(this.text.slice(this.at))) {
      this.at += 4;
      this.cases.pop();
      this.first = false;
      return;
    }
    this.skip(/(?:"[^"]*"|[^)])*\)/y);
    this.cases[this.cases.length - 1] = false;
    this.first = true;
  }

  private word(): void {
    const from = this.at;
    while (this.at < this.text.length && !/[\s;&|()]/.test(this.text[this.at] ?? '')) this.part();
    const word = this.text.slice(from, this.at);
    const assigns = /^\w+=/.test(word);
    const redirects = /^\d?[<>]/.test(word);
    if (redirects && /[<>]$/.test(word)) this.skip(/\s*\S+/y);
    if (!this.first || assigns || redirects) return;
    if (this.text.startsWith('()', this.at)) this.at += 2;
    else this.name(word);
  }

  private name(word: string): void {
    this.first = leading.has(word);
    if (word === 'case') {
      this.skip(/[^\n]*? in(?=\s)/y);
      this.cases.push(true);
    } else if (word === 'esac') this.cases.pop();
    else if (!this.first && /^[a-z]/.test(word)) this.found.push(word);
  }

  /** A piece of a word: quoted, substituted, or plain. */
  private part(): void {
    const char = this.text[this.at];
    if (char === "'") this.skip(/'[^']*'/y);
    else if (char === '\\') this.at += 2;
    else if (this.text.startsWith('$((', this.at)) this.skip(/\$\(\([^]*?\)\)/y);
    else if (this.text.startsWith('$(', this.at)) this.substitution();
    else if (this.text.startsWith('${', this.at)) this.skip(/\$\{(?:"[^"]*"|[^}])*\}/y);
    else if (char === '"') this.quoted();
    else this.at += 1;
  }

  private quoted(): void {
    for (this.at += 1; this.text[this.at] !== '"' && this.at < this.text.length;) {
      if (this.text[this.at] === "'") this.at += 1;
      else this.part();
    }
    this.at += 1;
  }

  private substitution(): void {
    this.at += 1;
    const outer = this.first;
    this.nested();
    this.first = outer;
  }
}

/** What a script runs that is neither the shell's nor its own; not what may fail for want of the program. */
export function programsOf(script: string): ReadonlySet<string> {
  const own = [...script.matchAll(/^(\w+)\(\)/gm)].map(([, name]) => name);
  const reader = new Reader(
    script.replace(/\\\n/g, ' ').replace(/[\w-]+ [^\n;|]*2>\/dev\/null \|\| :/g, ':'),
  );
  reader.commands();
  return new Set(reader.found.filter(word => !builtIn.has(word) && !own.includes(word)));
}
