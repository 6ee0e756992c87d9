import type { Installer } from '../installer';
import { problemsText } from '../renderers/failure-text';
import { planText } from '../screens/state/plan-text';
import type { Problem, Settings } from '../variables/settings';
import type { Part } from './part';

/** A plan looks at registries and other hosts, too. */
const PLAN_MS = 60_000;

/** What a bundle has of the settings. */
export interface SettingsFound {
  readonly settings?: Settings;
  readonly parts: readonly Part[];
}

/** The values and the plan; where they cannot be had, why. */
export async function settingsParts(
  open: () => Promise<{ readonly installer: Installer; readonly problems: readonly Problem[] }>,
): Promise<SettingsFound> {
  try {
    const { installer, problems } = await open();
    const loaded = await installer.settings({});
    if ('problems' in loaded) {
      const text = problemsText([...problems, ...loaded.problems]);
      return {
        parts: [
          { name: 'plan/problems', kind: 'text', text },
          { name: 'plan/values', kind: 'missing', why: 'the settings have problems: plan/problems' },
          { name: 'plan/plan', kind: 'missing', why: 'the settings have problems: plan/problems' },
        ],
      };
    }
    const { settings } = loaded;
    const values = settings.values.map(({ name, value, source }) => `${name}=${value}  (${source})\n`);
    return {
      settings,
      parts: [
        { name: 'plan/values', kind: 'text', text: values.join('') },
        await planPart(installer, settings),
      ],
    };
  } catch (error) {
    return { parts: [{ name: 'plan', kind: 'missing', why: reasonOf(error) }] };
  }
}

async function planPart(installer: Installer, settings: Settings): Promise<Part> {
  const name = 'plan/plan';
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`it was not made within ${PLAN_MS / 1000} s`));
    }, PLAN_MS);
  });
  try {
    return { name, kind: 'text', text: planText(await Promise.race([installer.plan(settings), late])) };
  } catch (error) {
    return { name, kind: 'missing', why: reasonOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
