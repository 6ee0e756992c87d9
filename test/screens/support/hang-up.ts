/**
 * The screens with a stand-in installer, as a process of its own for a terminal that hangs up. Its run never ends by
 * itself. What happens is noted in the file that is named, for there is no terminal left to print on.
 */
import { appendFileSync } from 'node:fs';
import { closeLostTerminal } from '../../../source/lost-terminal';
import { openScreens } from '../../../source/screens/index';
import { FakeInstaller } from './fake-installer';

const [notes = ''] = process.argv.slice(2);

function note(text: string): void {
  appendFileSync(notes, `${text}\n`);
}

const installer = new FakeInstaller();
installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: 'r' };
installer.replay = async (events, listener) => {
  for (const event of events) {
    listener(event);
    if (event.type === 'wait-started') {
      note('waiting');
      installer.signal?.addEventListener('abort', () => {
        note('stopped');
      });
      // What is drawn now goes to a terminal that is gone.
      for (let line = 1; ; line++) {
        listener({ ...event, type: 'output', stream: 'stdout', line: `line ${line}` });
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    }
  }
};

// As source/cli.tsx does.
process.on('exit', closeLostTerminal);
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

openScreens({
  installer,
  product: 'kube-el7-install 0.1.0',
  signal: new AbortController().signal,
  savePlan: () => Promise.reject(new Error('not asked for')),
}).then(
  code => {
    note('left');
    process.exit(code);
  },
  (error: unknown) => {
    note(`fault: ${String(error)}`);
    process.exit(1);
  },
);
