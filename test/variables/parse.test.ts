import { describe, expect, it } from 'vitest';
import { parseVariables } from '../../source/variables/parse';

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['A=$(reboot)', /\$\(.*never executed/],
  ['A="$(reboot)"', /\$\(/],
  ['A=$((1+1))', /\$\(/],
  ['A=`reboot`', /backtick/],
  ['A="`reboot`"', /backtick/],
  ['A=${B:-$(reboot)}', /\$\(/],
  ['A="${B:-`reboot`}"', /backtick/],
  ['A=1; reboot', /unquoted ;/],
  ['A=1 ; reboot', /further word/],
  ['A=1 && reboot', /further word/],
  ['A=1&&reboot', /unquoted &/],
  ['A=1|reboot', /unquoted \|/],
  ['A=1 > /etc/passwd', /further word/],
  ['A=1>/etc/passwd', /unquoted >/],
  ['A=<(reboot)', /unquoted </],
  ['A=(1 2)', /unquoted \(/],
  ['A=1 reboot', /further word/],
  ['A=1 B=2', /further word/],
  ['reboot', /run it as a command/],
  ['. /etc/profile', /run it as a command/],
  ['if true; then', /run it as a command/],
  ['A = 1', /blank before =/],
  ['A+=1', /run it as a command/],
  ['export A', /run it as a command/],
  ['readonly A=1', /run it as a command/],
  ['A=~/x', /home directory/],
  ['A=/a:~/x', /home directory/],
  ["A='open", /single quote/],
  ['A="open', /double quote/],
  ['A=${B:-open', /not closed/],
  ['A=1\\', /next line/],
  ['A="1\\', /next line/],
  ['A=$B', /refers to B, which no earlier line sets/],
  ['A=${B}', /refers to B/],
  ['A=${B:-$C}', /refers to C/],
  ['A=${B:=1}', /form that is not supported/],
  ['A=${B-1}', /form that is not supported/],
  ['A=${#B}', /form that is not supported/],
  ['A=${B%x}', /form that is not supported/],
  ['A=$1', /\$1/],
  ['A=$$', /\$\$/],
  ['A=$?', /\$\?/],
  ["A=$'x'", /read differently/],
  ['A="${B:-"x"}"', /default of a quoted/],
  ['export A=*', /file names/],
  ['export A={a,b}', /unquoted \{/],
  ['A=1\r', /carriage return/],
  ['\ufeffA=1', /byte order mark/],
  ['A=\u0007', /control character/],
];

describe('what would run something or that shells disagree on', () => {
  it.each(REFUSED)('refuses %j', (line, wrong) => {
    const { problems, assignments } = parseVariables(`# first\n${line}\nZ=9\n`, 'variables');
    expect(problems).toHaveLength(1);
    expect(problems[0]?.wrong).toMatch(wrong);
    expect(problems[0]?.where).toBe('variables:2');
    expect(problems[0]?.right).not.toBe('');
    expect(assignments).toEqual([{ name: 'Z', value: '9', line: 3 }]);
  });

  it('refuses an unquoted reference after export to a value that shells would split', () => {
    const { problems } = parseVariables('A="1 2"\nexport B=$A\nexport C="$A"\n', 'f');
    expect(problems.map(problem => problem.where)).toEqual(['f:2']);
  });

  it('does not follow up on a name whose line was a problem', () => {
    const { problems } = parseVariables('A=$(x)\nB=$A/y\n', 'f');
    expect(problems.map(problem => problem.where)).toEqual(['f:1']);
  });

  it('repeats no secret of a line that it refuses', () => {
    const { problems } = parseVariables('DOCKER_REGISTRY_PASSWORD=hunter2;\ncurl -H "token: hunter2"\n', 'f');
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('lets what a flag sets stand wherever the file refers to it', () => {
    const text = 'R=${R:-a}\nI=$R/etcd\n';
    expect(parseVariables(text, 'f').assignments[1]?.value).toBe('a/etcd');
    expect(parseVariables(text, 'f', new Map([['R', 'b']])).assignments[1]?.value).toBe('b/etcd');
  });
});
