import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const CHECK = resolve('templates/keepalived-check.sh');
/** What this machine lacks is left out. Not busybox's: its shell would run a `sleep` of its own in place of the one that is given here. */
const SHELLS = ['sh', 'dash', 'bash'].filter(shell => spawnSync(shell, ['-c', 'exit 0']).status === 0);
const OTHERS = ['10.0.0.2', '10.0.0.3'];
/** curl's own codes: nobody listens, it answers that it is not well, no answer in time. */
const [REFUSED, ILL, SLOW] = [7, 22, 28];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keepalived-check-'));
  for (const name of ['bin', 'work', 'answers']) mkdirSync(join(folder, name));
  // The answers of an apiserver, one a line, of which the last one stays.
  program(
    'curl',
    `for word; do url=$word; done
     host=\${url#https://}; file="${folder}/answers/\${host%%:*}"
     echo "$*" >>"${folder}/asked"
     read -r answer <"$file" 2>/dev/null || exit 28
     if [ "$(wc -l <"$file")" -gt 1 ]; then sed -i 1d "$file"; fi
     exit "$answer"`,
  );
  program('sleep', `echo "sleep $*" >>"${folder}/asked"`);
  for (const one of OTHERS) answers(one, 0);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function program(name: string, script: string): void {
  const path = join(folder, 'bin', name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** What an apiserver answers from now on, as curl's codes. */
function answers(address: string, ...codes: readonly number[]): void {
  writeFileSync(join(folder, 'answers', address), codes.map(code => `${code}\n`).join(''));
}
const own = (...codes: readonly number[]): void => {
  answers('127.0.0.1', ...codes);
};

/** What was run since the last time: each of curl's calls, and each sleep. */
function ran(): readonly string[] {
  const path = join(folder, 'asked');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  rmSync(path, { force: true });
  return lines;
}

/** Whether this master may have the VIP, as keepalived is told. */
function check(shell: string, others = OTHERS): boolean {
  const { status, stderr } = spawnSync(shell, [CHECK, ...others], {
    env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, WORK: join(folder, 'work') },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return status === 0;
}

describe.each(SHELLS)("keepalived's check, in %s", shell => {
  const may = (): boolean => check(shell);
  /** One that is well, and was so before. */
  const wasWell = (): void => {
    own(0);
    expect(may()).toBe(true);
    ran();
  };

  it('asks once where all is well, with the certificate verified', () => {
    wasWell();
    expect(may()).toBe(true);
    expect(ran()).toEqual([
      '--silent --fail --max-time 4 --output /dev/null --noproxy * --cacert /etc/kubernetes/pki/ca.crt https://127.0.0.1:6443/healthz',
    ]);
  });

  it('gives the VIP up where nobody listens in three tries and another one is well', () => {
    wasWell();
    own(REFUSED);
    answers('10.0.0.2', REFUSED);
    expect(may()).toBe(false);
    const lines = ran();
    expect(lines.filter(line => line.startsWith('sleep'))).toEqual(['sleep 1', 'sleep 1']);
    expect(lines.filter(line => line.includes('10.0.0.')).every(line => line.includes('--cacert'))).toBe(
      true,
    );
  });

  it('keeps it where one of the tries is answered', () => {
    wasWell();
    own(REFUSED, REFUSED, 0);
    expect(may()).toBe(true);
  });

  it.each([
    ['does not answer in time', SLOW],
    ['says that it is not well', ILL],
  ])('gives it up only in the third check in a row where it %s', (_name, code) => {
    wasWell();
    own(code);
    expect([may(), may(), may()]).toEqual([true, true, false]);
    own(0);
    expect(may()).toBe(true);
    own(code);
    expect([may(), may()]).toEqual([true, true]);
    own(0);
    expect(may()).toBe(true);
    own(code);
    expect([may(), may(), may()]).toEqual([true, true, false]);
  });

  it('leaves it where it is where all are sick, however long, and where there is no other', () => {
    wasWell();
    for (const one of OTHERS) answers(one, SLOW);
    for (const code of [SLOW, ILL, REFUSED]) {
      own(code);
      expect([may(), may(), may(), may(), may()]).toEqual([true, true, true, true, true]);
      expect(check(shell, [])).toBe(true);
    }
  });

  it('keeps it where all come back in the same moment', () => {
    wasWell();
    own(SLOW, SLOW, SLOW, 0);
    expect([may(), may(), may()]).toEqual([true, true, true]);
  });

  it('is no candidate before it is well for the first time, but where all are sick', () => {
    own(ILL);
    expect(may()).toBe(false);
    own(REFUSED);
    expect(may()).toBe(false);
    expect(ran().filter(line => line.startsWith('sleep'))).toEqual([]);
    for (const one of OTHERS) answers(one, REFUSED);
    expect(may()).toBe(true);
    own(0);
    expect(may()).toBe(true);
  });

  it('is a candidate again after three good answers in a row', () => {
    wasWell();
    own(REFUSED);
    expect(may()).toBe(false);
    own(0, 0, REFUSED);
    expect(may()).toBe(false);
    own(0);
    ran();
    expect(may()).toBe(true);
    expect(ran().filter(line => line.includes('127.0.0.1'))).toHaveLength(3);
    expect(may()).toBe(true);
    expect(ran()).toHaveLength(1);
  });
});
