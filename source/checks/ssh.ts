import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { ask } from '../steps/prepare/ask';
import type { Master } from '../variables/master';
import { fatal, ok } from './finding';

/** Looks at another master through ssh: that it is reached and is the one that it is taken for, and then all that is looked at before a host is prepared. What is well is told in one line. */
export function ssh(reached: HostReader, other: Master, checks: readonly Check[]): Check {
  return {
    id: `ssh-${other.hostname}`,
    title: `${other.hostname}, over ssh`,
    run: async () => {
      const wrong = await identity(reached, other);
      if (wrong !== undefined) return [wrong];
      const found = (await Promise.all(checks.map(check => findings(check, reached)))).flat();
      const told = found.filter(({ level }) => level !== 'ok');
      const well = ok(`${other.hostname} is reached, and ${checks.length} checks were made there`);
      return [well, ...told.map(one => ({ ...one, message: `${other.hostname}: ${one.message}` }))];
    },
  };
}

/** A Failure of ssh itself is thrown on: it says what to do. */
async function identity(reached: HostReader, { hostname, address }: Master): Promise<Finding | undefined> {
  const name = (await ask(reached, 'hostname', [])).stdout.trim().toLowerCase();
  if (name === hostname) return undefined;
  return fatal(
    `the host at ${address}, which --masters calls ${hostname}, calls itself ${name === '' ? 'nothing' : name}`,
    `Name it in --masters as it calls itself, or see that ${hostname} leads to the right address.`,
  );
}

/** A check that breaks is one finding, so that the others are still told. */
async function findings(check: Check, host: HostReader): Promise<readonly Finding[]> {
  try {
    return await check.run(host);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [fatal(`"${check.title}" could not be looked at: ${reason}`, 'Mend that, then look again.')];
  }
}
