import type { HostReader } from '../../engine/host';
import { ask, lines } from './ask';

/** A unit as systemd has it; every field is empty where systemd knows nothing of it. */
export interface Unit {
  /** "loaded", "masked", "not-found". */
  readonly loaded: string;
  /** "active", "inactive", "failed", "activating". */
  readonly active: string;
  /** "enabled", "disabled", "static", "masked". */
  readonly file: string;
  /** Process id, 0 while there is none. */
  readonly pid: number;
}

const PROPERTIES = 'LoadState,ActiveState,UnitFileState,MainPID';

/** What systemd says of a service; `show` answers with exit code 0 for units that do not exist, too. */
export async function readUnit(host: HostReader, unit: string): Promise<Unit> {
  const { stdout } = await ask(host, 'systemctl', ['show', `--property=${PROPERTIES}`, unit]);
  const [found = {}] = blocks(stdout);
  return {
    loaded: found['LoadState'] ?? '',
    active: found['ActiveState'] ?? '',
    file: found['UnitFileState'] ?? '',
    pid: Number(found['MainPID'] ?? 0),
  };
}

/** Takes the output of `systemctl show` apart: a block of properties for each unit. */
export function blocks(stdout: string): readonly Readonly<Record<string, string>>[] {
  return stdout
    .split(/\n\s*\n/)
    .map(block =>
      Object.fromEntries(
        lines(block).map(line => {
          const at = line.indexOf('=');
          return [line.slice(0, at), line.slice(at + 1)] as const;
        }),
      ),
    )
    .filter(block => Object.keys(block).length > 0);
}
