import { commandRows } from '../frame/command-rows';
import { plain, type Row } from '../frame/rows';
import { awaitedMasters } from '../state/awaited';
import { enumerated } from '../state/masters';
import { stepOf } from '../state/run';
import type { RunState } from '../state/run-types';
import { fit, wrap } from '../terminal/width';

const PRINT = 'kube-el7-install join-command';

function heading(text: string, columns: number): readonly Row[] {
  return wrap(text, columns - 2).map(line => [{ text: ` ${line}`, bold: true }]);
}

function text(words: string, columns: number): readonly Row[] {
  return wrap(words, columns - 2).map(line => plain(` ${line}`));
}

function who(run: RunState, columns: number): readonly Row[] {
  const masters = awaitedMasters(run);
  if (masters.length === 0) {
    return heading('No master is awaited. Workers join like this, now or at any later time.', columns);
  }
  const name = Math.max(...masters.map(master => master.name.length));
  return [
    ...heading(`To be joined now: ${enumerated(masters.map(master => master.name))}`, columns),
    ...masters.map(master => plain(`   ${fit(master.name, name)}   ${master.address}`)),
    ...text('Each becomes a node of just this name and address; the rest comes by itself.', columns),
  ];
}

/** How a node joins, and who is to. A token is never on a screen: where the whole command is to be had, is. */
export function joinRows(run: RunState, columns: number): readonly Row[] {
  const status = stepOf(run, 'join-command')?.status;
  if (status !== 'changed' && status !== 'unchanged') {
    return text('Nothing can join yet: the command is there once the control plane is up.', columns);
  }
  const { join } = run;
  return [
    ...who(run, columns),
    [],
    ...heading('1  Each of them must be prepared', columns),
    ...text('By this, or by being made from an image of a host where it was run:', columns),
    ...commandRows('kube-el7-install prepare', columns),
    [],
    ...heading(`2  On ${run.host}, as root, in another terminal: this prints the command`, columns),
    ...commandRows(PRINT, columns),
    ...(join === undefined ? [] : text(`It is also in ${join.file}, for root alone.`, columns)),
    [],
    ...heading('3  On each of them, as root: run what was printed', columns),
    ...(join === undefined
      ? []
      : [
          ...text('It is this, with the token in its place, which is never shown on a screen:', columns),
          ...commandRows(join.command, columns),
        ]),
  ];
}
