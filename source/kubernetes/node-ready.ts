import type { Question } from '../engine/change';
import { listed, type ApiAccess, type Node } from './api';
import { isReady } from './master-state';

/** That a node is Ready. */
export function nodeReady(access: ApiAccess, hostname: string): Question {
  const list = { path: '/api/v1/nodes', query: { fieldSelector: `metadata.name=${hostname}` } };
  return listed(`node ${hostname} is Ready`, access, list, nodes => {
    const node = (nodes as readonly Node[]).find(({ metadata }) => metadata.name === hostname);
    if (node === undefined) return 'there is no such node yet';
    if (isReady(node)) return undefined;
    const { message } = node.status.conditions?.find(({ type }) => type === 'Ready') ?? {};
    return message ?? 'it has not said so yet';
  });
}
