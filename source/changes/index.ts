import type { Changes } from '../engine/apply';
import type { Host } from '../engine/host';
import { describe } from './describe';
import { perform } from './perform';

/** The engine's port for changing one host. */
export function changesOn(host: Host): Changes {
  return { describe, perform: (change, context) => perform(host, change, context) };
}
