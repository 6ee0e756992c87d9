import { runEngine } from '../apart/engine';
import type { EngineRequest } from '../apart/request';
import type { Arguments } from '../arguments';
import type { Opened } from '../installation/installation';
import type { Surface } from '../installation/start';

/** What the program starts itself as: does the run that a file asks for. */
export function engine(
  given: Arguments,
  surface: Surface,
  open: (request: EngineRequest) => Promise<Opened>,
): Promise<number> {
  return runEngine({
    file: given.words?.[0] ?? '',
    product: surface.product,
    signal: surface.signal,
    open,
    complain: surface.complain,
    exit: code => process.exit(code),
  });
}
