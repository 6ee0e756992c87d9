import type { Step } from '../engine/step';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { prepareSteps } from './prepare';

/** The id that a step has where it is done on another master. */
export function idOn(id: string, other: Master): string {
  return `${id}@${other.hostname}`;
}

/** The stage "Prepare host" on another master, over ssh; it waits for nothing on this host. */
export function prepareOther(settings: Settings, other: Master): readonly Step[] {
  return prepareSteps(settings).map(step => ({
    ...step,
    id: idOn(step.id, other),
    title: `${step.title} on ${other.hostname}`,
    after: step.after.map(id => idOn(id, other)),
    host: other.hostname,
  }));
}
