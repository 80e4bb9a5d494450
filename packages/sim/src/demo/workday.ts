import { breaks, type CompanyAgent } from './company.ts';
import { around, clamp, pickByShare, randomOf } from './chance.ts';

/** What an agent does when the phone rings. */
export type OfferDecision =
  | { do: 'answer'; afterMs: number }
  | { do: 'reject'; afterMs: number }
  /** Away from the desk: it rings until the queue gives up; later the agent is back and available again. */
  | { do: 'miss'; backAfterMs: number };

/** The n-th offer to an agent. */
export function decideOffer(seed: number, agent: CompanyAgent, index: number): OfferDecision {
  const random = randomOf(seed, 'offer', agent.username, index);
  const { rejects, misses, answerMedianMs } = agent.temperament;
  const draw = random.unit();
  if (draw < misses) return { do: 'miss', backAfterMs: Math.round(random.uniform(25_000, 60_000)) };
  if (draw < misses + rejects) return { do: 'reject', afterMs: Math.round(random.uniform(1_500, 4_000)) };
  // Every queue of the company rings for at least 12 seconds.
  const afterMs = clamp(around(random, answerMedianMs, 0.35), 900, 9_500);
  return { do: 'answer', afterMs: Math.round(afterMs) };
}

/** How long after the n-th conversation the agent ends wrap-up by hand; undefined leaves it to the timer. */
export function wrapUpEndsMs(seed: number, agent: CompanyAgent, index: number): number | undefined {
  const random = randomOf(seed, 'wrap-up', agent.username, index);
  return random.chance(0.3) ? Math.round(random.uniform(2_500, 8_000)) : undefined;
}

/** A stretch of work and the break that ends it. */
export type Round = { workMs: number; reasonCode: string; breakMs: number };

/** The breaks of an agent, without end. Nobody begins together: the first stretch is any part of one. */
export function* rounds(seed: number, agent: CompanyAgent): Generator<Round, never> {
  const random = randomOf(seed, 'rounds', agent.username);
  let share = random.uniform(0.25, 1.2);
  for (;;) {
    const { reasonCode, medianMs } = pickByShare(breaks, random.unit());
    const workMs = Math.round(clamp(around(random, 330_000, 0.4), 120_000, 900_000) * share);
    const breakMs = Math.round(clamp(around(random, medianMs, 0.3), 25_000, 300_000));
    yield { workMs, reasonCode, breakMs };
    share = 1;
  }
}
