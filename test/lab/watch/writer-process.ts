import { record } from './recording';
import { Writing } from './writes';

record((client, { run = '' }) => {
  const writing = new Writing(client, run);
  return () => writing.attempt();
});
