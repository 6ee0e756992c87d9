import { basename } from 'node:path';
import type { Change } from '../../source/engine/change';
import type { Command, CommandResult } from '../../source/engine/host';
import { fromYaml } from '../../source/kubernetes/yaml';
import { FakeHost } from '../support/fake-host';

/** Stands in every value of a site whose way is followed: in names, paths, images. */
export const MARK = 'zqx7';
const SHELLS = ['sh', 'bash', 'dash', 'ash'];

/** A host on which little is there and nothing works, which keeps every command whole. */
export class WatchedHost extends FakeHost {
  readonly commands: Command[] = [];

  constructor(files: ConstructorParameters<typeof FakeHost>[0] = {}) {
    super(files);
    this.answer(() => true, { code: 1 })
      .respond(() => true, { error: 'connect ECONNREFUSED' })
      .answer('hostname', `${MARK}m1\n`)
      .answer(/^getent ahostsv4 /, ({ args }) => {
        const number = /^(?:zqx7m|master)([1-9])$/.exec(args[1] ?? '')?.[1];
        return number === undefined ? { code: 2 } : `10.0.0.${number}   STREAM ${args[1] ?? ''}\n`;
      })
      .answer(/^ip -4 -o addr/, '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n')
      .answer(/^ip -4 -o route get/, '192.0.2.1 via 10.0.0.254 dev eth0 src 10.0.0.1 uid 0\n');
  }

  override query(command: Command): Promise<CommandResult> {
    this.commands.push(command);
    return super.query(command);
  }
}

/** The commands that a change would run, those in the pods that it would write too. */
export function commandsOf(change: Change): readonly Command[] {
  if (change.kind === 'run') return [change.command];
  if (change.kind === 'await') {
    const { condition } = change;
    const questions = condition.kind === 'all' ? condition.of : [condition];
    return questions.flatMap(question => (question.kind === 'command' ? [question.command] : []));
  }
  if (change.kind !== 'write' || typeof change.content !== 'string' || !/\.ya?ml$/.test(change.path))
    return [];
  return (fromYaml(change.content) ?? []).flatMap(podCommands);
}

function podCommands(value: unknown): readonly Command[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Object.entries(value).flatMap(([name, part]: [string, unknown]): readonly Command[] => {
    if (name !== 'command' || !Array.isArray(part)) return podCommands(part);
    const [file = '', ...args] = part.map(String);
    return [{ file, args }];
  });
  return own;
}

/** What is wrong with a command: a shell that would read a value of the site, or a value that would be taken for an option. */
export function faultOf({ file, args }: Command, values: readonly string[]): string | undefined {
  const words = [file, ...args];
  const given = values.filter(value => value.trim().length >= 3);
  for (const [at, word] of words.entries()) {
    const shell = SHELLS.includes(basename(words[at - 1] ?? ''));
    const script = word === '-c' && shell ? words[at + 1] : undefined;
    const seen = [MARK, ...given].find(value => script?.includes(value) === true);
    if (seen !== undefined) return `a shell reads ${JSON.stringify(seen)}: ${words.join(' ')}`;
    const option = word.startsWith('-') && values.includes(word) && !words.slice(0, at).includes('--');
    if (option && at > 0) return `${JSON.stringify(word)} is taken for an option: ${words.join(' ')}`;
    if (at === 0 && (word.includes(MARK) || values.includes(word)))
      return `a value is run: ${words.join(' ')}`;
  }
  return undefined;
}
