import type { Change } from '../../engine/change';
import { apiRequest } from '../../kubernetes/api';
import { apiAccess } from '../../steps/access';
import type { Master } from '../../variables/master';

/** Until the API answers nothing is decided by what it holds: this is waited for, and the step looks again. */
export function awaitApi(here: Master): Change {
  return {
    kind: 'await',
    condition: {
      kind: 'request',
      title: `the API on ${here.hostname} answers`,
      request: apiRequest(apiAccess(here), '/api/v1/namespaces/kube-system'),
      status: 200,
    },
    timeoutMs: 10 * 60_000,
  };
}
