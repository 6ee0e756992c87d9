import { createInterface } from 'node:readline';
import { lookUp, reach } from './pod-looks';
import type { PodLook, PodTask } from './pod-looks';

const input = createInterface({ input: process.stdin });
const tell = (look: PodLook): void => {
  process.stdout.write(`${JSON.stringify(look)}\n`);
};

input.once('line', line => {
  const task = JSON.parse(line) as PodTask;
  let id = 0;
  // Each begins at its time, whatever became of those before it.
  const timer = setInterval(() => {
    id = (id + 1) % 0x10000;
    void lookUp(task, id).then(tell);
    void reach(task).then(tell);
  }, task.everyMs);
  input.on('close', () => {
    clearInterval(timer);
  });
});
