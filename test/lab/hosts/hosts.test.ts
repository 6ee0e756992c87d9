import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start } from './command';
import { featuresOf, longNameOf } from './faces';
import { hostNumbers } from './instance';
import { withLock } from './lock';
import { quote, withEnvironment } from './ssh';
import { Hopeless, until } from './until';

test('a word is one word for a shell, whatever is in it', async () => {
  const word = `it's "$HOME" \`id\` \\ and\nmore`;
  const { stdout } = await start('sh', ['-c', `printf %s ${quote(word)}`]).result;
  expect(stdout).toBe(word);
});

test('faces go together, and of what only one can say the last one counts', () => {
  const plain = featuresOf([]);
  expect(plain).toMatchObject({ longName: false, wayOut: 'own card', knowsLocalhost: true, files: {} });
  const made = featuresOf([
    'aws',
    'resolver-loopback',
    'two-cards',
    'resolver-absent',
    'vmware',
    'long-name',
  ]);
  expect(made).toMatchObject({ longName: true, wayOut: 'other card', isAws: false });
  expect(made.firmware['sys_vendor']).toBe('VMware, Inc.');
  expect(Object.entries(made.files)).toEqual([['etc/resolv.conf', undefined]]);
});

test('a long name is as long as the longest of AWS that are usual, and valid as a label of a node', () => {
  for (const number of Object.values(hostNumbers)) {
    expect(longNameOf(number)).toMatch(/^[a-z0-9.-]{47}$/);
  }
});

test('the environment of a command reaches all of it', async () => {
  const line = withEnvironment('printf "%s" "$A"; printf "%s" "$B"', { A: "a'b", B: '$A' });
  expect((await start('sh', ['-c', line]).result).stdout).toBe("a'b$A");
});

test('a program that takes too long is killed, and what it said is told', async () => {
  const running = start('sh', ['-c', 'echo begun; exec sleep 1000'], { timeoutMs: 500 });
  await expect(running.result).rejects.toThrow(/not done after 500 ms[^]*begun/);
});

test('a program ended by a signal has the code that a shell would give', async () => {
  const running = start('sh', ['-c', 'kill -9 $$']);
  expect((await running.result).code).toBe(137);
});

test('waiting returns what the attempt returned once it no longer throws', async () => {
  let attempts = 0;
  const answer = await until('a third attempt', 10_000, () => {
    attempts += 1;
    if (attempts < 3) throw new Error('not yet');
    return attempts;
  });
  expect(answer).toBe(3);
});

test('waiting in vain tells the last error', async () => {
  const waiting = until('the moon', 0, () => {
    throw new Error('it is cloudy');
  });
  await expect(waiting).rejects.toThrow('waited 0 s for the moon; the last answer was: it is cloudy');
});

test('waiting ends at once when it has become hopeless', async () => {
  let attempts = 0;
  const waiting = until('a dead host', 60_000, () => {
    attempts += 1;
    throw new Hopeless('it ended');
  });
  await expect(waiting).rejects.toThrow('a dead host: it ended');
  expect(attempts).toBe(1);
});

test('what holds a lock is done before the next one starts', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lab-lock-'));
  const said: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    said.push(`${name} begins`);
    await start('true', []).result;
    said.push(`${name} ends`);
  };
  const path = join(directory, 'lock');
  await Promise.all([
    withLock(path, () => undefined, work('one')),
    withLock(path, () => undefined, work('two')),
  ]);
  const [first] = said[0]?.split(' ') ?? [];
  expect([`${first} begins`, `${first} ends`]).toEqual(said.slice(0, 2));
  expect(said).toHaveLength(4);
  rmSync(directory, { recursive: true });
});
