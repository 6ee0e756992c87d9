import type { Finding } from '../engine/check';

/** All is well; says what was seen. */
export function ok(message: string): Finding {
  return { level: 'ok', message };
}

/** Installing may go on; says what will come of it, and what to do. */
export function warning(message: string, fix: string): Finding {
  return { level: 'warning', message, fix };
}

/** Installing cannot end well. */
export function fatal(message: string, fix: string): Finding {
  return { level: 'fatal', message, fix };
}
