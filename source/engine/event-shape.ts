import { EVENT_VERSION, type Event, type EventBody } from './event';

type Fits = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Fits>>;

/** Deeper than any event is; what is nested further would exhaust the stack of whoever prints it. */
const DEEPEST = 20;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

const text: Fits = value => typeof value === 'string';
const truth: Fits = value => typeof value === 'boolean';
const amount: Fits = value =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER && Number.isFinite(value);
const time: Fits = value => typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value));

function oneOf(...words: readonly string[]): Fits {
  return value => typeof value === 'string' && words.includes(value);
}

function list(fits: Fits): Fits {
  return value => Array.isArray(value) && value.every(fits);
}

/** An object with these fields; those of `optional` may be absent. Others are not looked at, as new ones come without a new version. */
function shape(required: Fields, optional: Fields = {}): Fits {
  return value => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const fields = value as Readonly<Record<string, unknown>>;
    return (
      Object.entries(required).every(([name, fits]) => Object.hasOwn(fields, name) && fits(fields[name])) &&
      Object.entries(optional).every(([name, fits]) => !Object.hasOwn(fields, name) || fits(fields[name]))
    );
  };
}

const change = shape({ kind: text, title: text, detail: list(text) });
const shownValue = shape({ name: text, value: text, source: text });
const failure = shape({ code: text, message: text }, { hint: text, seen: list(text) });
const stage = shape({
  id: text,
  title: text,
  steps: list(shape({ id: text, title: text, after: list(text) }, { host: text })),
});
const finding = shape({ level: oneOf('ok', 'warning', 'fatal'), message: text }, { fix: text });
const member = shape(
  {
    name: text,
    address: text,
    role: oneOf('absent', 'starting', 'learner', 'voter', 'leader'),
    healthy: truth,
  },
  { roundTripMs: amount, databaseBytes: amount, alarms: list(text), lag: amount, lastError: text },
);
const master = shape(
  {
    name: text,
    address: text,
    joined: truth,
    files: oneOf('absent', 'incomplete', 'complete'),
    apiserver: oneOf('absent', 'unhealthy', 'healthy'),
    ready: truth,
  },
  { lastError: text },
);
const summary = shape({
  nodes: list(shape({ name: text, address: text, roles: text, status: text, version: text })),
  kubeconfig: text,
  join: shape({ command: text, file: text }),
  certificates: list(shape({ path: text, expires: time })),
  notes: list(text),
});
const question = shape(
  {
    id: text,
    step: text,
    text,
    choices: list(shape({ id: text, title: text })),
    otherwise: text,
  },
  { about: text },
);

const SHAPES: Readonly<Record<EventBody['type'], Fits>> = {
  'run-started': shape({
    product: text,
    command: text,
    host: text,
    values: list(shownValue),
    stages: list(stage),
    log: text,
    resumed: truth,
  }),
  'check-started': shape({ id: text, title: text }),
  'check-finished': shape({ id: text, title: text, findings: list(finding) }),
  'preflight-finished': shape({ fatal: amount, warnings: amount }),
  plan: shape(
    {
      values: list(shownValue),
      stages: list(stage),
      steps: list(shape({ id: text, changes: list(change) })),
    },
    { notes: list(text) },
  ),
  'step-started': shape({ step: text }),
  'step-planned': shape({ step: text, changes: list(change) }),
  'change-started': shape({ step: text, index: amount, change }),
  'change-finished': shape({ step: text, index: amount, ms: amount }),
  'step-withdrawn': shape({ step: text, changes: list(change) }),
  output: shape({ step: text, stream: oneOf('stdout', 'stderr'), line: text }),
  'wait-started': shape({ step: text, title: text, timeoutMs: amount }),
  'wait-progress': shape({ step: text, title: text, elapsedMs: amount, lastError: text }),
  'wait-finished': shape({ step: text, title: text, ms: amount }),
  'step-finished': shape({ step: text, outcome: oneOf('changed', 'unchanged'), ms: amount }),
  'step-failed': shape({ step: text, failure, changed: list(change), ms: amount }),
  member: shape({ member }),
  master: shape({ master }),
  question: shape({ question }),
  answer: shape({ id: text, choice: text }),
  'run-finished': shape(
    { outcome: oneOf('succeeded', 'failed', 'interrupted'), changed: amount, unchanged: amount, ms: amount },
    { summary, failure },
  ),
};

const head = shape({ v: amount, seq: amount, time, run: text, type: text });

function isShallow(value: unknown, left = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return left > 0 && Object.values(value).every(part => isShallow(part, left - 1));
}

/** Whether a value is an event of a version that is newer than what this program knows. */
export function isNewer(value: unknown): boolean {
  return shape({ v: amount, type: text })(value) && (value as { readonly v: number }).v > EVENT_VERSION;
}

/**
 * What was read from outside as an event, where it is one in every part that this program reads: whoever listens may
 * then trust it. An event of a type that is not known here is one too, as new types come without a new version.
 */
export function asEvent(value: unknown): Event | undefined {
  if (!head(value) || !isShallow(value)) return undefined;
  const event = value as Event;
  if ((event.v as number) !== EVENT_VERSION) return undefined;
  const fits: Fits | undefined = Object.hasOwn(SHAPES, event.type) ? SHAPES[event.type] : undefined;
  return fits === undefined || fits(value) ? event : undefined;
}
