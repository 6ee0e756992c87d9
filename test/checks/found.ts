import type { Command } from '../../source/engine/host';
import type { Answer } from '../support/fake-host';
import { El7 } from '../steps/prepare/el7';
import { expect } from 'vitest';
import type { Check, Finding } from '../../source/engine/check';
import type { FakeHost } from '../support/fake-host';

/** Runs a check, and holds it to what every check promises: it changes nothing, finds something, and says what to do about it. */
export async function found(check: Check, host: FakeHost): Promise<readonly Finding[]> {
  const findings = await check.run(host);
  expect(host.changes).toEqual([]);
  expect(findings.length).toBeGreaterThan(0);
  for (const { level, fix } of findings) {
    if (level === 'ok') expect(fix).toBeUndefined();
    else expect(fix).toMatch(/\w/);
  }
  return findings;
}

/** The levels alone. */
export async function levels(check: Check, host: FakeHost): Promise<readonly string[]> {
  return (await found(check, host)).map(finding => finding.level);
}

/** Answers each question to yum: as the installation asks, without plugins, with excludes, for versions. */
export function asking(answers: {
  readonly first: Answer;
  readonly withoutPlugins?: Answer;
  readonly withExcludes?: Answer;
  readonly list?: Answer;
}): El7 {
  const of = ({ args }: Command): Answer => {
    if (args.includes('list')) return answers.list ?? '';
    if (args.includes('--noplugins')) return answers.withoutPlugins ?? answers.first;
    return args.includes('--disableexcludes=all') ? answers.first : (answers.withExcludes ?? answers.first);
  };
  return new El7().answer(/ --assumeno | list available /, of);
}
