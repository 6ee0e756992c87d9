import type { Step } from '../engine/step';
import { mastersObjects } from '../kubernetes/master-objects';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { manifestStep } from './manifest';

/** The program that makes a master of each host of --masters once it has joined. It is not waited for here: each master says itself when it has run there, this host at the end. */
export function mastersDaemon(settings: Settings, master: Master, after: readonly string[]): Step {
  return manifestStep(
    {
      id: 'masters-daemon',
      title: 'Deploy the program that makes masters',
      after,
      objects: mastersObjects(settings, master),
    },
    master,
  );
}
