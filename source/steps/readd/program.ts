import type { Change } from '../../engine/change';
import { step, type Step } from '../../engine/step';
import { mastersCurrent } from '../masters-current';
import type { Readd } from './context';

/** The program that makes masters as this version has it, before any of them is told something. */
export function readdProgram({ settings, here }: Readd, after: readonly string[]): Step {
  return step<readonly Change[]>({
    id: 'readd-program',
    title: 'Deploy the program that makes masters as this version has it',
    after,
    probe: host => mastersCurrent(host, settings, here),
    plan: changes => changes,
  });
}
