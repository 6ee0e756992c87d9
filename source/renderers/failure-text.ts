import type { FailureReport } from '../engine/failure';
import type { Problem } from '../variables/settings';

/** A failure in full: what happened, what was seen, what to do. */
export function failureLines(failure: FailureReport): readonly string[] {
  return [
    failure.message,
    ...(failure.seen ?? []).map(line => `  seen: ${line}`),
    ...(failure.hint === undefined ? [] : [`What to do: ${failure.hint}`]),
    `(${failure.code})`,
  ];
}

/** All problems of what was given, each with its place, what is wrong and what would be right. */
export function problemsText(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? 'One thing is' : `${problems.length} things are`;
  const blocks = problems.map(({ field, value, where, wrong, right }) => {
    const shown = value === '' ? '' : ` "${value}"`;
    return `  ${where}: ${field}${shown} ${wrong}\n    right: ${right}`;
  });
  return [`${count} wrong with what was given; nothing was changed.`, ...blocks, ''].join('\n');
}
