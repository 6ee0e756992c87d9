import { step, type Step } from '../engine/step';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { endpointHealthy, silentEndpoint } from './endpoint-health';
import { isMet } from './manifest';

/** A load balancer asks its targets every ten seconds or so, and takes one in after a few good answers. */
const TIMEOUT_MS = 10 * 60_000;

/** The load balancer is the site's own: nothing is done to it, it only has to lead to the apiserver once that runs. */
export function loadBalancer(settings: Settings, master: Master, after: readonly string[]): Step {
  const condition = endpointHealthy(settings, master);
  return step<boolean>({
    id: 'load-balancer',
    title: 'Check the load balancer',
    after,
    probe: host => (condition === undefined ? Promise.resolve(true) : isMet(host, condition)),
    plan: met =>
      met || condition === undefined ? [] : [{ kind: 'await', condition, timeoutMs: TIMEOUT_MS }],
    diagnose: async (host, failure) => (await silentEndpoint(host, settings, master, failure)) ?? failure,
  });
}
