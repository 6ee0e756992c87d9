/** Scopes: variables by name, and the dot. */
interface Scope {
  readonly dot: unknown;
  readonly variables: Map<string, { value: unknown }>;
}

type Node =
  | { readonly text: string }
  | { readonly put: string }
  | { readonly block: 'range' | 'with' | 'if'; readonly of: string; readonly body: readonly Node[] };

/** The little of Go's text/template that kubectl is given here: range, with, if, variables, eq, ne, and, len, printf with %s and %.Ns. `and` looks at all that it is given, as it does up to Go 1.17. */
export function goTemplate(template: string, data: unknown): string {
  const pieces = template.split(/(\{\{.*?\}\})/s).filter(piece => piece !== '');
  const [nodes, rest] = parse(pieces);
  if (rest.length > 0) throw new Error('an end too many');
  return run(nodes, { dot: data, variables: new Map() });
}

/** What kubectl says of a list with the template among its arguments. */
export function listed(args: readonly string[], items: readonly object[]): string {
  const [template = ''] = args.filter(arg => arg.startsWith(OPTION));
  return goTemplate(template.slice(OPTION.length), { items });
}

const OPTION = 'go-template=';

function parse(pieces: readonly string[]): readonly [readonly Node[], readonly string[]] {
  const nodes: Node[] = [];
  let left = pieces;
  for (;;) {
    const [piece, ...rest] = left;
    if (piece === undefined) return [nodes, []];
    left = rest;
    if (!piece.startsWith('{{')) {
      nodes.push({ text: piece });
      continue;
    }
    const action = piece.slice(2, -2);
    if (action === 'end') return [nodes, left];
    const block = /^(range|with|if) (.*)$/s.exec(action);
    if (block === null) {
      nodes.push({ put: action });
      continue;
    }
    const [body, after] = parse(left);
    nodes.push({ block: block[1] as 'if', of: block[2] ?? '', body });
    left = after;
  }
}

function run(nodes: readonly Node[], scope: Scope): string {
  return nodes.map(node => one(node, scope)).join('');
}

function one(node: Node, scope: Scope): string {
  if ('text' in node) return node.text;
  if ('put' in node) return put(node.put, scope);
  const value = evaluate(node.of, scope);
  const within = (dot: unknown): string => run(node.body, { dot, variables: new Map(scope.variables) });
  if (node.block === 'range') return ((value ?? []) as readonly unknown[]).map(within).join('');
  if (!isTrue(value)) return '';
  return within(node.block === 'with' ? value : scope.dot);
}

function put(action: string, scope: Scope): string {
  const set = /^(\$\w+) (:?=) (.*)$/s.exec(action);
  if (set === null) return shown(evaluate(action, scope));
  const [, name = '', how, text = ''] = set;
  const value = evaluate(text, scope);
  const there = scope.variables.get(name);
  if (how === ':=') scope.variables.set(name, { value });
  else if (there === undefined) throw new Error(`undefined variable ${name}`);
  else there.value = value;
  return '';
}

function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function shown(value: unknown): string {
  return value === undefined ? '<no value>' : typeof value === 'string' ? value : JSON.stringify(value);
}

function evaluate(text: string, scope: Scope): unknown {
  const words = text.match(/"(?:[^"\\]|\\.)*"|\((?:[^()]|\([^()]*\))*\)|\S+/g) ?? [];
  const [first = '', ...args] = words;
  if (!/^[a-z]/.test(first)) return operand(first, scope);
  return call(
    first,
    args.map(word => operand(word, scope)),
  );
}

function operand(word: string, scope: Scope): unknown {
  if (word.startsWith('"')) return JSON.parse(word);
  if (word.startsWith('(')) return evaluate(word.slice(1, -1), scope);
  const [start = '', ...fields] = word.split('.');
  if (start !== '' && !scope.variables.has(start)) throw new Error(`undefined variable ${start}`);
  const from = start === '' ? scope.dot : scope.variables.get(start)?.value;
  return fields
    .filter(field => field !== '')
    .reduce<unknown>((value, field) => (value as Record<string, unknown> | undefined)?.[field], from);
}

function call(name: string, args: readonly unknown[]): unknown {
  if (name === 'printf') {
    const [format = '', ...values] = args.map(shown);
    return format.replace(/%(?:\.(\d+))?s/g, (_, length?: string) =>
      (values.shift() ?? '').slice(0, length === undefined ? undefined : Number(length)),
    );
  }
  if (name === 'len') return (args[0] as readonly unknown[]).length;
  if (name === 'and') return args.find(value => !isTrue(value)) ?? args.at(-1);
  const [left, right] = args;
  if (name !== 'eq' && name !== 'ne') throw new Error(`unknown function ${name}`);
  if (left === undefined || right === undefined) throw new Error('incompatible types for comparison');
  return name === 'eq' ? left === right : left !== right;
}
