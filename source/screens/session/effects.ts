import { Failure } from '../../engine/failure';
import type { Installer } from '../../installer';
import type { Effect } from '../state/screens';
import { givenAnswers, registryQuestion, type FullAnswers } from '../state/wizard';
import type { Session } from './session';

export interface SessionPorts {
  readonly installer: Installer;
  /** Writes the plan's text to a file and gives its path. */
  readonly savePlan: (text: string) => Promise<string>;
  readonly session: Session;
}

/** The effects that ask or start something of the installer. */
export type Asking = Exclude<Effect, { readonly kind: 'exit' | 'stop' | 'answer' | 'list-key' }>;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A run that was refused for a foreseen reason (not root, another run at work) ends on the failure card; a bug does not. */
function refusal(error: unknown): Failure {
  if (error instanceof Failure) {
    return error;
  }
  throw error;
}

/** Does one effect; what comes of it goes back to the session as an action. Rejects only for a bug. */
export async function perform(effect: Asking, ports: SessionPorts): Promise<void> {
  const { installer, savePlan, session } = ports;
  switch (effect.kind) {
    case 'ask-versions':
      // A host without a working yum offers none: the version is then typed.
      session.dispatch({ type: 'offered', versions: await installer.versionsOnOffer().catch(() => []) });
      return;
    case 'validate':
      await validate(effect.answers, ports);
      return;
    case 'ask-registry':
      await askRegistry(effect.answers, ports);
      return;
    case 'preflight':
      await installer.preflight(effect.settings, session.listen);
      session.flush();
      return;
    case 'plan': {
      const { at } = effect;
      try {
        const plan = await installer.plan(effect.settings);
        session.dispatch({ type: 'planned', plan, ...(at === undefined ? {} : { at }) });
      } catch (error) {
        session.dispatch({ type: 'not-planned', reason: reasonOf(error) });
      }
      return;
    }
    case 'save-plan':
      session.dispatch({
        type: 'saved',
        note: await savePlan(effect.text).then(
          path => `The plan is in ${path}.`,
          (error: unknown) => `The plan could not be written: ${reasonOf(error)}`,
        ),
      });
      return;
    case 'run': {
      const outcome = await installer
        .run(effect.settings, { listener: session.listen, ask: session.ask, signal: session.runSignal() })
        .catch(refusal);
      session.flush();
      session.dispatch(
        typeof outcome === 'string'
          ? { type: 'ended', outcome }
          : { type: 'refused', report: outcome.report },
      );
    }
  }
}

async function validate(answers: FullAnswers, { installer, session }: SessionPorts): Promise<void> {
  const result = await installer.settings(givenAnswers(answers, installer.defaults));
  session.dispatch({
    type: 'validated',
    checked:
      'settings' in result
        ? { for: answers, problems: [], settings: result.settings }
        : { for: answers, problems: result.problems },
  });
}

/** Asks for the version and the registry alone, so that a refused VIP does not keep the registry from being looked at. */
async function askRegistry(answers: FullAnswers, { installer, session }: SessionPorts): Promise<void> {
  const { vip, masters } = installer.defaults;
  const about = registryQuestion(answers);
  const given = givenAnswers({ ...answers, vip, masters }, installer.defaults);
  const result = await installer.settings({ ...given, vip: '', masters: '' });
  if (!('settings' in result)) {
    session.dispatch({ type: 'registry', for: about });
    return;
  }
  try {
    const status = await installer.registryStatus(result.settings);
    session.dispatch({ type: 'registry', for: about, status });
  } catch (error) {
    session.dispatch({ type: 'registry', for: about, reason: reasonOf(error) });
  }
}
