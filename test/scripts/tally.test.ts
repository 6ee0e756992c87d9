import { describe, expect, it } from 'vitest';
import { closingLine, exitCodeOf, fits, tallyOf, total } from '../../scripts/tally';

function report(counts: Record<string, number>, testResults: unknown[] = []): string {
  return JSON.stringify({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults,
    ...counts,
  });
}

describe('tallyOf', () => {
  it('takes passed, failed and skipped from the report', () => {
    const read = report({ numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 });
    expect(tallyOf(read, 1)).toEqual({ passed: 5, failed: 1, skipped: 3 });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const read = report({ numPassedTests: 5 }, [
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{}] },
    ]);
    expect(tallyOf(read, 1)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  it('counts a failed run whose report shows no failure as a failure', () => {
    expect(tallyOf(report({ numPassedTests: 5 }), 1).failed).toBe(1);
  });

  it('counts a run without a report as a failure, whatever its exit code', () => {
    expect(tallyOf(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('the closing line and the exit code', () => {
  it('add everything up', () => {
    const sum = total([
      { passed: 4, failed: 0, skipped: 0 },
      { passed: 10, failed: 2, skipped: 1 },
    ]);
    expect(closingLine(sum)).toBe('14 passed, 2 failed, 1 skipped');
    expect(exitCodeOf(sum)).toBe(1);
  });

  it('are a success only where something ran', () => {
    expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(exitCodeOf({ passed: 3, failed: 0, skipped: 0 })).toBe(0);
    expect(exitCodeOf(total([]))).toBe(1);
  });
});

describe('fits', () => {
  it('asks for the time that a part takes on this machine', () => {
    expect(fits(100, 1, 100)).toBe(true);
    expect(fits(100, 2, 150)).toBe(false);
    expect(fits(100, 0.5, 90)).toBe(false);
  });
});
