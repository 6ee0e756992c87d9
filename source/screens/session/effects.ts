import { Failure } from '../../engine/failure';
import type { Follow, Installer } from '../../installer';
import type { Offers } from '../state/offers';
import type { Effect } from '../state/screens';
import { givenAnswers, registryQuestion, type FullAnswers } from '../state/wizard';
import type { Session } from './session';

/** What the screens are about: an installer, or a run that was begun elsewhere. */
export type Subject =
  | {
      readonly installer: Installer;
      /** Writes the plan's text to a file and gives its path. */
      readonly savePlan: (text: string) => Promise<string>;
    }
  | { readonly follow: Follow };

/** The effects that ask or start something of the installer. */
export type Asking = Exclude<Effect, { readonly kind: 'exit' | 'stop' | 'stop-now' | 'answer' | 'list-key' }>;

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
export async function perform(
  effect: Asking,
  subject: Subject,
  session: Session,
  offers?: Offers,
): Promise<void> {
  if ('follow' in subject) {
    if (effect.kind === 'follow') await takePart(subject.follow, session);
    // Without an installer there is little else to be asked for.
    if (effect.kind === 'support-bundle') await beyond(effect, offers, session);
    return;
  }
  const { installer, savePlan } = subject;
  switch (effect.kind) {
    case 'ask-versions':
      // A host without a working yum offers none: the version is then typed.
      session.dispatch({ type: 'offered', versions: await installer.versionsOnOffer().catch(() => []) });
      return;
    case 'validate':
      await validate(effect.answers, installer, session);
      return;
    case 'ask-registry':
      await askRegistry(effect.answers, installer, session);
      return;
    case 'preflight':
      await installer.preflight(effect.settings, session.listen);
      session.flush();
      session.dispatch({ type: 'checked' });
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
    case 'run':
      await takePart(options => installer.run(effect.settings, options), session);
      return;
    case 'load': {
      const result = await installer.settings({});
      session.dispatch(
        'settings' in result
          ? { type: 'loaded', settings: result.settings }
          : { type: 'not-loaded', problems: result.problems },
      );
      return;
    }
    case 'examine':
      await examine(installer, session);
      return;
    default:
      await beyond(effect, offers, session);
  }
}

async function examine(installer: Installer, session: Session): Promise<void> {
  try {
    const found = await installer.examine?.();
    session.dispatch({ type: 'examined', now: session.now(), ...(found === undefined ? {} : { found }) });
  } catch (error) {
    session.dispatch({ type: 'examined', now: session.now(), reason: reasonOf(error) });
  }
}

/** What the installer at hand does not do. */
async function beyond(
  effect: Extract<Asking, { kind: 'open' | 'stand' | 'support-bundle' | 'follow' }>,
  offers: Offers | undefined,
  session: Session,
): Promise<void> {
  switch (effect.kind) {
    case 'open':
      try {
        const installer = await offers?.open(effect.changes);
        if (installer !== undefined) session.use(installer);
      } catch (error) {
        session.dispatch({ type: 'not-opened', reason: refusal(error).report.message });
      }
      return;
    case 'stand': {
      const standing = await offers?.standing();
      if (standing !== undefined) session.dispatch({ type: 'stands', standing });
      return;
    }
    case 'support-bundle': {
      const written = offers?.supportBundle?.();
      const note = await written?.catch((error: unknown) => `could not be written: ${reasonOf(error)}`);
      session.dispatch({ type: 'bundled', note: note ?? '' });
      return;
    }
    case 'follow':
  }
}

/** A run, to its end or until the screens are left. */
async function takePart(follow: Follow, session: Session): Promise<void> {
  const outcome = await follow(session.runOptions()).catch(refusal);
  session.flush();
  if (outcome === 'left') return;
  session.dispatch(
    typeof outcome === 'string' ? { type: 'ended', outcome } : { type: 'refused', report: outcome.report },
  );
}

async function validate(answers: FullAnswers, installer: Installer, session: Session): Promise<void> {
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
async function askRegistry(answers: FullAnswers, installer: Installer, session: Session): Promise<void> {
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
