import type { Check, Finding } from '../engine/check';
import type { EventStream } from '../engine/events';
import { Failure } from '../engine/failure';
import type { HostReader } from '../engine/host';

const AT_ONCE = 4;

async function findings(check: Check, host: HostReader): Promise<readonly Finding[]> {
  try {
    return await check.run(host);
  } catch (error) {
    if (error instanceof Failure) {
      const { message, hint } = error.report;
      return [{ level: 'fatal', message, ...(hint === undefined ? {} : { fix: hint }) }];
    }
    const reason = error instanceof Error ? error.message : String(error);
    return [
      {
        level: 'fatal',
        message: `this check could not be made: ${reason}`,
        fix: 'Run it as root. If it says so again, file it with this line: it is a fault of this program.',
      },
    ];
  }
}

/** Runs all checks, some at a time, and reports each; one that breaks counts as fatal, because what it would have found is not known. */
export async function preflight(
  checks: readonly Check[],
  host: HostReader,
  stream: EventStream,
): Promise<{ readonly fatal: number; readonly warnings: number }> {
  const counted = { fatal: 0, warnings: 0 };
  const queue = [...checks];
  const worker = async (): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const { id, title } = check;
      stream.emit({ type: 'check-started', id, title });
      const found = await findings(check, host);
      counted.fatal += found.filter(({ level }) => level === 'fatal').length;
      counted.warnings += found.filter(({ level }) => level === 'warning').length;
      stream.emit({ type: 'check-finished', id, title, findings: found });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  stream.emit({ type: 'preflight-finished', ...counted });
  return counted;
}
