import type { RateSettings } from '@crosspoint/contracts';
import type { CallRefusal } from './door.ts';
import type { Source } from './sources.ts';
import { type Rate, type TokenBucket, TokenBuckets } from './token-bucket.ts';

const callersMax = 20_000;

/** How fast new calls may come: from one source, from one agent's devices, on one trunk. */
export class CallRates {
  readonly #callers = new TokenBuckets(callersMax);

  sourceCall(source: Source, factor: number, rates: RateSettings, nowMs: number): CallRefusal | undefined {
    const rate = { perSecond: rates.callsPerSecond * factor, burst: rates.callsBurst * factor };
    return take(source.calls, rate, 'call-rate', nowMs);
  }

  agentCall(username: string, rates: RateSettings, nowMs: number): CallRefusal | undefined {
    const rate = { perSecond: rates.agentCallsPerSecond, burst: rates.agentCallsBurst };
    return take(this.#callers.of(`agent ${username}`), rate, 'agent-call-rate', nowMs);
  }

  trunkCall(trunk: string, callsPerSecond: number, nowMs: number): CallRefusal | undefined {
    const rate = { perSecond: callsPerSecond, burst: Math.max(1, Math.ceil(callsPerSecond)) };
    return take(this.#callers.of(`trunk ${trunk}`), rate, 'trunk-call-rate', nowMs);
  }
}

function take(
  bucket: TokenBucket,
  rate: Rate,
  reason: CallRefusal['reason'],
  nowMs: number,
): CallRefusal | undefined {
  if (bucket.take(rate, nowMs)) return undefined;
  return { reason, retryAfterSeconds: Math.max(1, Math.ceil(bucket.waitMs(rate, nowMs) / 1_000)) };
}
