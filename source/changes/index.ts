import type { Changes } from '../engine/apply';
import type { Host } from '../engine/host';
import { describe } from './describe';
import { perform } from './perform';
import type { UndoRecord } from './undo/record';

/** Where what takes a change back is written down before it is made, if anywhere; `place` names a host that is not this one. */
export interface Recorded {
  readonly record?: UndoRecord;
  readonly place?: string;
}

/** The engine's port for changing one host. */
export function changesOn(host: Host, { record, place }: Recorded = {}): Changes {
  return {
    describe,
    async perform(change, context) {
      await record?.before(host, change, context, place);
      await perform(host, change, context);
    },
  };
}
