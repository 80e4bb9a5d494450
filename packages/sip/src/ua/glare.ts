import type { UserAgentContext } from './context.ts';

/** How often a glare (491) is retried before the consumer hears of it. */
export const glareRetriesMax = 5;

/** How long to wait after a 491 (RFC 3261 §14.1): the owner of the Call-ID 2.1–4 s, the other 0–2 s, by 10 ms. */
export function glareDelayMs(context: UserAgentContext, ownsCallId: boolean): number {
  return ownsCallId ? 2_100 + 10 * context.draw(191) : 10 * context.draw(201);
}
