import { readRole } from '../cluster/role';
import { otherText } from '../cluster/words';
import type { HostReader } from '../engine/host';
import type { Standing } from '../screens/state/menu-types';
import { UNDO } from '../steps/paths';

/** How this host stands, by a few looks at its files: they cost next to nothing, for the first screen waits for them. */
export async function readStanding(host: HostReader, underWay: boolean): Promise<Standing> {
  const [role, records] = await Promise.all([readRole(host), host.list(UNDO)]);
  return {
    host: host.name,
    kind: role.kind,
    ...(role.maker === 'other' ? { other: otherText(role) } : {}),
    underWay,
    undoable: (records ?? []).length > 0,
  };
}
