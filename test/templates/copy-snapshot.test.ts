import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { templateText } from '../../source/templates';

const NAME = '20261125T175223Z-before-readd-master3-a3';
const shells = ['/bin/sh', '/bin/dash', '/bin/bash'].filter(existsSync);

/** Runs what is to run in the pod here, with that host's disk in a directory. bash without SHLVL takes itself for a remote shell, and reads files of its own. */
const kubectl = `#!/bin/sh
echo "$*" >>"$TRIAL/asked"
while [ $# -gt 0 ]; do
  case $1 in
  get) cat "$TRIAL/pods"; exit $(cat "$TRIAL/code" 2>/dev/null) ;;
  --) shift 3; script=$1; shift
    "$SHELL_THERE" -c "$(echo "$script" | sed "s|/var/lib/etcd|$TRIAL/there|g")" "$@" ; exit ;;
  esac
  shift
done
`;

let root: string;
let copies: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'copy-snapshot-'));
  copies = join(root, 'there/kube-el7-install-snapshots');
  writeFileSync(join(root, 'kubectl'), kubectl);
  chmodSync(join(root, 'kubectl'), 0o755);
  writeFileSync(join(root, 'pods'), 'pod/kube-el7-install-masters-abcde\n');
  writeFileSync(join(root, `${NAME}.db`), Buffer.from([0, 255, 10, 13, 0]));
  writeFileSync(join(root, `${NAME}.json`), '{"hash":7,"revision":42}\n');
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe.each(shells)('the script that copies a snapshot, in %s', shell => {
  function run(what: 'copy' | 'check', name = NAME) {
    const script = templateText('copy-snapshot.sh').replace('to=/var/lib/etcd', `to=${root}/there`);
    const { status, stdout, stderr } = spawnSync(
      shell,
      ['-c', script, 'sh', what, 'master2', join(root, name)],
      {
        encoding: 'utf8',
        env: { PATH: `${root}:${process.env['PATH'] ?? ''}`, TRIAL: root, SHELL_THERE: shell, SHLVL: '2' },
      },
    );
    return { status, stdout, stderr: stderr.trim() };
  }

  it('has it there byte by byte, kept from others, and says where', () => {
    expect(run('check')).toMatchObject({ status: 1, stderr: `${NAME}.db on master2 is not the same as here` });
    expect(run('copy')).toEqual({ status: 0, stdout: `master2 has ${copies}/${NAME}.db\n`, stderr: '' });
    expect(readdirSync(copies).sort()).toEqual([`${NAME}.db`, `${NAME}.json`, `${NAME}.sha256`]);
    for (const end of ['db', 'json'])
      expect(readFileSync(join(copies, `${NAME}.${end}`))).toEqual(readFileSync(join(root, `${NAME}.${end}`)));
    expect(statSync(join(copies, `${NAME}.db`)).mode & 0o777).toBe(0o600);
    expect(statSync(copies).mode & 0o777).toBe(0o700);
    expect(run('check').status).toBe(0);
    expect(run('copy').status).toBe(0);
    expect(readFileSync(join(root, 'asked'), 'utf8')).toContain('spec.nodeName=master2');
  });

  it('notices a copy that was cut off or altered, and copies it again', () => {
    run('copy');
    writeFileSync(join(copies, `${NAME}.db`), 'half');
    expect(run('check').status).toBe(1);
    expect(run('copy').status).toBe(0);
  });

  /** As an earlier copy has left them. */
  function copied(name: string): void {
    mkdirSync(copies, { recursive: true });
    writeFileSync(join(copies, `${name}.db`), name);
    writeFileSync(join(copies, `${name}.json`), '{}');
    const sum = createHash('sha256').update(name).digest('hex');
    writeFileSync(join(copies, `${name}.sha256`), `${sum}  -\n`);
  }

  it('keeps the newest three there', () => {
    for (const day of [20, 21, 22, 23, 24]) copied(`202611${day}T000000Z-before-x`);
    expect(run('copy')).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(copies).filter(name => name.endsWith('.db'))).toEqual([
      '20261122T000000Z-before-x.db',
      '20261123T000000Z-before-x.db',
      '20261124T000000Z-before-x.db',
      `${NAME}.db`,
    ]);
    expect(readdirSync(copies)).toHaveLength(12);
  });

  it('keeps the one that is copied, though newer ones are there', () => {
    for (const day of [26, 27, 28, 29]) copied(`202611${day}T000000Z-before-x`);
    expect(run('copy')).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(copies)).toContain(`${NAME}.db`);
    expect(readdirSync(copies)).toHaveLength(12);
  });

  it("removes nothing that it has not made, or that is not what it has made: an operator's files, another content, links, directories", () => {
    for (const day of [20, 21, 22, 23]) copied(`202611${day}T000000Z-before-x`);
    writeFileSync(join(copies, '20261120T000000Z-before-x.db'), 'changed since');
    const own = ['nightly.db', 'nightly.sha256', 'README', '20250101T000000Z-before-y.db', '20250102T000000Z.sha256'];
    for (const name of own) writeFileSync(join(copies, name), name);
    symlinkSync('nightly.db', join(copies, '20250103T000000Z-before-z.db'));
    writeFileSync(join(copies, '20250103T000000Z-before-z.sha256'), '');
    mkdirSync(join(copies, '20250104T000000Z-before-d.db'));
    writeFileSync(join(copies, '20250104T000000Z-before-d.sha256'), '');
    const before = readdirSync(copies);
    expect(run('copy')).toMatchObject({ status: 0, stderr: '' });
    const after = readdirSync(copies);
    expect(before.filter(name => !after.includes(name))).toEqual([]);
    expect(readFileSync(join(copies, 'nightly.db'), 'utf8')).toBe('nightly.db');
  });

  it('takes the first of several pods', () => {
    writeFileSync(join(root, 'pods'), 'pod/one\npod/two\n');
    expect(run('copy').status).toBe(0);
    expect(readFileSync(join(root, 'asked'), 'utf8')).toMatch(/exec -i one /);
  });

  it.each([
    ['there is no pod', () => { writeFileSync(join(root, 'pods'), ''); }, 'the program that makes masters does not run on master2'],
    ['nobody answers', () => { writeFileSync(join(root, 'code'), '1'); }, 'the pods on master2 cannot be listed'],
    ['there is no snapshot here', () => { rmSync(join(root, `${NAME}.db`)); }, `${NAME}.db could not be copied to master2`],
    ['the disk there cannot be written', () => { writeFileSync(join(root, 'there'), ''); }, `${NAME}.json could not be copied to master2`],
  ])('fails in a line where %s', (_, damage, said) => {
    damage();
    const { status, stdout, stderr } = run('copy');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr.split('\n').at(-1)).toBe(said);
  });
});
