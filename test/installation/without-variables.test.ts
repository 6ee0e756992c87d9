import { describe, expect, it } from 'vitest';
import type { Arguments } from '../../source/arguments';
import type { Event } from '../../source/engine/event';
import { runHeadless } from '../../source/installation/headless';
import { openInstaller } from '../../source/installation/installation';
import { joinRecipe, type Recipe } from '../../source/installation/recipe';
import { readdRecipe } from '../../source/installation/readd-recipe';
import { resetRecipe } from '../../source/installation/reset-recipe';
import { undoRecipe } from '../../source/installation/undo-recipe';
import { kubeadmMaster } from '../cluster/kubeadm-host';
import { ResetHost } from '../steps/reset/reset-host';
import { given, portsOn } from './ports';

async function run(host: ResetHost, recipe: Recipe, said: Partial<Arguments>) {
  const all: Arguments = { ...given, answers: {}, ...said };
  const { installer, problems } = await openInstaller(all, recipe, portsOn(host));
  const seen: Event[] = [];
  let complaint = '';
  const code = await runHeadless({
    ...{ installer, problems, arguments: all },
    listener: event => seen.push(event),
    signal: new AbortController().signal,
    now: new AbortController().signal,
    hangUp: new AbortController().signal,
    print: () => undefined,
    complain: text => (complaint += text),
  });
  return { code, complaint, text: JSON.stringify(seen), plan: seen.find(({ type }) => type === 'plan') };
}

const cast = (host: ResetHost): ResetHost =>
  host.answer('id -u', '0\n').answer(/^(rpm|yum|docker info|getenforce|lsmod|sysctl)\b/, { code: 1 });

describe('without a variables file', () => {
  it('reset shows its plan, invents no registry, and says that the host is not prepared again', async () => {
    const { code, plan, text } = await run(cast(new ResetHost()), resetRecipe, {
      command: 'reset',
      planOnly: true,
    });
    expect(code).toBe(0);
    const { stages = [], notes = [] } = (plan ?? {}) as Partial<Extract<Event, { type: 'plan' }>>;
    expect(stages.map(({ id }) => id)).toEqual(['keep', 'leave', 'take-down', 'end']);
    expect(notes.join(' ')).toContain('No DOCKER_REGISTRY is given, so the host is not prepared again');
    expect(text).not.toContain('registry.invalid');
  });

  it('reset comes as far as its checks, which say what it found', async () => {
    const { code, text, complaint } = await run(cast(kubeadmMaster()), resetRecipe, { command: 'reset' });
    expect([code, complaint]).toEqual([2, expect.stringContaining('fatal finding')]);
    expect(text).toContain('--accept-data-loss');
  });

  it('what is given for it and is wrong is told all the same', async () => {
    const answers = { DOCKER_REGISTRY: 'http://x' };
    const { code, complaint } = await run(cast(new ResetHost()), resetRecipe, { command: 'reset', answers });
    expect([code, complaint]).toEqual([3, expect.stringContaining('DOCKER_REGISTRY')]);
  });

  it.each<[string, Recipe, Partial<Arguments>, number]>([
    ['undo', undoRecipe, { command: 'undo' }, 2],
    ['the join command', joinRecipe, { command: 'join-command', planOnly: true }, 0],
  ])('%s asks for none', async (_, recipe, said, code) => {
    const done = await run(cast(new ResetHost()), recipe, said);
    expect([done.code, done.complaint.includes('DOCKER_REGISTRY')]).toEqual([code, false]);
  });

  it('readd-member says whose a master is that it does not mend', async () => {
    const { complaint } = await run(cast(kubeadmMaster()), readdRecipe, { command: 'readd-member' });
    expect(complaint).toContain('is a master of a cluster that kubeadm made, not this installer');
  });
});
