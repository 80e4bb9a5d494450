import type { ProviderDoor } from '../speech/index.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { guardedRequest } from './guarded-request.ts';
import { AllowedNetworks } from './private-addresses.ts';

/** Whoever publishes a flow waits for its texts: two attempts in vain, and the service is left alone. */
const failuresMax = 2;

/** How services that speak are asked: as guarded as the look-ups of flows. */
export function speechDoor(networks: readonly string[], now: () => number): ProviderDoor {
  const allowed = new AllowedNetworks(networks);
  return {
    send: (url, options, signal) => guardedRequest(allowed, url, options, signal),
    trust: new CircuitBreaker(now, failuresMax),
  };
}
