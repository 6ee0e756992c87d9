import type { Arguments } from '../arguments';
import type { Recipe } from './recipe';

/** Takes this host out of its cluster and back to what `prepare` left. */
export const resetRecipe: Recipe = {
  command: 'reset',
  registry: 'optional',
  async checks(settings, _, given) {
    const [{ root }, { system }, { departure }] = await Promise.all([
      import('../checks/root'),
      import('../checks/system'),
      import('../checks/reset'),
    ]);
    return [root, system, departure(saidBy(given))];
  },
  async work(settings, host, given) {
    const [{ resetNotes, resetStages }, { findKeeping, RESET }, { readPlace }] = await Promise.all([
      import('../steps/reset/index'),
      import('../steps/reset/kept'),
      import('../cluster/place'),
    ]);
    const keeps = given.keepNothing !== true;
    const [place, keeping] = await Promise.all([
      readPlace(host),
      findKeeping(host, RESET, { now: new Date(), keeps }),
    ]);
    return { stages: resetStages(settings, place, keeping), notes: resetNotes(settings, place, keeping) };
  },
};

function saidBy({ yes, acceptDataLoss }: Arguments): {
  readonly unasked: boolean;
  readonly acceptsLoss: boolean;
} {
  return { unasked: yes, acceptsLoss: acceptDataLoss === true };
}
