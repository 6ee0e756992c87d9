import { ask } from './looks';
import { record } from './recording';

record(client => () => ask(client));
