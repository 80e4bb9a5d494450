import { WebSocket } from 'ws';
import type { RecognitionDoor } from '../recognition/index.ts';
import type { ProviderDoor } from '../speech/index.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { checkedLookup, guardedRequest, isRefused } from './guarded-request.ts';
import { AllowedNetworks } from './private-addresses.ts';

/** Whoever publishes a flow waits for its texts, and callers for an answer: two attempts in vain, and the service is left alone. */
const failuresMax = 2;
/** What a service tells about one utterance. */
const messageBytesMax = 1_000_000;

/** How services that speak are asked: as guarded as the look-ups of flows. */
export function speechDoor(networks: readonly string[], now: () => number): ProviderDoor {
  const allowed = new AllowedNetworks(networks);
  return {
    send: (url, options, signal) => guardedRequest(allowed, url, options, signal),
    trust: new CircuitBreaker(now, failuresMax),
  };
}

/** The same of services that understand speech. */
export function recognitionDoor(networks: readonly string[], now: () => number): RecognitionDoor {
  const allowed = new AllowedNetworks(networks);
  return {
    trust: new CircuitBreaker(now, failuresMax),
    openSocket: (url, headers, handshakeTimeout) =>
      isRefused(allowed, url)
        ? undefined
        : new WebSocket(url, {
            ...{ headers, handshakeTimeout, followRedirects: false, perMessageDeflate: false },
            ...{ maxPayload: messageBytesMax, lookup: checkedLookup(allowed) },
          }),
  };
}
