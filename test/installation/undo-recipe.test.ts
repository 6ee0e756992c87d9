import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Arguments } from '../../source/arguments';
import type { Event } from '../../source/engine/event';
import { runHeadless } from '../../source/installation/headless';
import { openInstaller, type Ports } from '../../source/installation/installation';
import type { Recipe } from '../../source/installation/recipe';
import { undoRecipe } from '../../source/installation/undo-recipe';
import { UNDO } from '../../source/steps/paths';
import { Undoable } from '../steps/undo/undoable';
import { given, portsOn, recipeOf } from './ports';

async function run(said: Arguments, recipe: Recipe, ports: Ports) {
  const { installer, problems } = await openInstaller(said, recipe, ports);
  const seen: Event[] = [];
  const code = await runHeadless({
    ...{ installer, problems, arguments: said },
    listener: event => seen.push(event),
    signal: new AbortController().signal,
    now: new AbortController().signal,
    hangUp: new AbortController().signal,
    print: () => undefined,
    complain: () => undefined,
  });
  return { code, seen };
}

/** The record is in files of this machine; the stand-in gets them where the product would have them. */
function adopt(host: Undoable, { directories }: Ports): void {
  const folder = join(directories.stateDirectory, 'undo');
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.jsonl')) host.put(`${UNDO}/${name}`, readFileSync(join(folder, name)), 0o600);
  }
}

describe('undo', () => {
  it('takes back what a run through the engine has changed, whatever the site says by now; then there is nothing', async () => {
    const host = new Undoable({ '/site/variables': 'DOCKER_REGISTRY=10.0.0.5:5000\n' });
    host.answer('id -u', '0\n');
    const ports = portsOn(host);
    expect((await run(given, recipeOf(), ports)).code).toBe(0);
    expect(host.text('/etc/made')).toBe('x\n');
    adopt(host, ports);
    host.put('/site/variables', 'NONSENSE\n');
    const undo: Arguments = { ...given, command: 'undo' };
    const plan = await run({ ...undo, planOnly: true }, undoRecipe, ports);
    expect(plan.code).toBe(0);
    expect(JSON.stringify(plan.seen)).toContain('remove /etc/made');
    expect(host.text('/etc/made')).toBe('x\n');
    const { code, seen } = await run(undo, undoRecipe, ports);
    expect(code).toBe(0);
    expect(seen.find(event => event.type === 'run-started')).toMatchObject({ command: 'undo' });
    expect(host.text('/etc/made')).toBeUndefined();
    expect(readdirSync(join(ports.directories.stateDirectory, 'undo'))).toHaveLength(1);
    expect((await run(undo, undoRecipe, ports)).code).toBe(2);
  });
});
