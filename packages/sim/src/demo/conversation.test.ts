import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cue, scriptConversation, talkMaxMs, talkMinMs, talkMs } from './conversation.ts';
import { randomOf } from './chance.ts';

const seed = fc.integer({ min: 0, max: 2 ** 31 });
const duration = fc.integer({ min: talkMinMs, max: talkMaxMs });
const ends: readonly Cue['do'][] = ['agent-hangs-up', 'customer-hangs-up'];

function script(seedValue: number, durationMs: number): Cue[] {
  return scriptConversation(randomOf(seedValue, 'test'), durationMs);
}

describe('scriptConversation', () => {
  it('[DEMO-07] runs forward in time and ends exactly once, at its length', () => {
    fc.assert(
      fc.property(seed, duration, (seedValue, durationMs) => {
        const cues = script(seedValue, durationMs);
        for (const [index, cue] of cues.entries()) {
          expect(cue.atMs).toBeGreaterThanOrEqual(cues[index - 1]?.atMs ?? 0);
        }
        const endings = cues.filter((cue) => ends.includes(cue.do));
        expect(endings).toEqual([cues.at(-1)]);
        expect(cues.at(-1)?.atMs).toBe(durationMs);
      }),
    );
  });

  it('[DEMO-07] begins with the agent, and the customer gets a word in', () => {
    fc.assert(
      fc.property(seed, duration, (seedValue, durationMs) => {
        const cues = script(seedValue, durationMs);
        expect(cues[0]?.do).toBe('agent-speaks');
        expect(cues.some((cue) => cue.do === 'customer-speaks')).toBe(true);
      }),
    );
  });

  it('[DEMO-07] leaves nobody speaking during a hold, and every hold is resumed', () => {
    let holds = 0;
    fc.assert(
      fc.property(seed, duration, (seedValue, durationMs) => {
        const acts = script(seedValue, durationMs).map((cue) => cue.do);
        const holdAt = acts.indexOf('hold');
        const resumeAt = acts.indexOf('resume');
        // Nothing lies between the two, and somebody was silenced before.
        expect(resumeAt).toBe(holdAt < 0 ? -1 : holdAt + 1);
        expect(acts[holdAt - 1] ?? 'silence').toBe('silence');
        expect(acts.lastIndexOf('hold')).toBe(holdAt);
        holds += holdAt < 0 ? 0 : 1;
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(holds).toBeGreaterThan(20);
  });
});

describe('talkMs', () => {
  it('[DEMO-07] stays within its limits around the median of the queue', () => {
    const random = randomOf(1, 'talk');
    const draws = Array.from({ length: 4_000 }, () => talkMs(random, 28_000)).toSorted((a, b) => a - b);
    expect(draws[0]).toBeGreaterThanOrEqual(talkMinMs);
    expect(draws.at(-1)).toBeLessThanOrEqual(talkMaxMs);
    expect(Math.abs((draws[2_000] ?? 0) - 28_000)).toBeLessThan(1_500);
  });
});
