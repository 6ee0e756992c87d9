import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** The streams that were terminals when the program began: a terminal that hangs up is none any longer. */
const TERMINALS = [0, 1, 2].filter(isatty);

/**
 * Closes what is left of a terminal that hung up. Node puts terminals back as it found them at its very end, and aborts
 * where it cannot (nodejs/node#51519); one that is closed it leaves alone. To be called at the program's exit.
 */
export function closeLostTerminal(): void {
  for (const number of TERMINALS.filter(each => !isatty(each))) {
    try {
      closeSync(number);
    } catch {
      // It was closed already.
    }
  }
}
