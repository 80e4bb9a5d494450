import { describe, expect, it } from 'vitest';
import { newId, timeOfId } from './ids.ts';

describe('newId', () => {
  it('[RFC9562 §5.7] makes version 7 identifiers of the right variant', () => {
    for (let index = 0; index < 1_000; index++) {
      expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('[RFC9562 §5.7] carries the time in its first 48 bits', () => {
    const now = Date.now() + 10;
    expect(timeOfId(newId(now))).toBe(now);
    expect(timeOfId('01a1fd41-ecd5-702f-aa9a-92e0a147953f')).toBe(0x01a1fd41ecd5);
  });

  it('[RFC9562 §6.2] strictly increases within a millisecond, beyond the counter, and when the clock steps back', () => {
    const start = Date.now() + 100_000;
    let last = newId(start);
    for (let index = 0; index < 20_000; index++) {
      const next = newId(index % 3 === 0 ? start - 5_000 : start);
      expect(next > last).toBe(true);
      last = next;
    }
    // 20,000 identifiers need at least four milliseconds of counters, at most one per 2,048.
    expect(timeOfId(last) - start).toBeLessThanOrEqual(10);
  });

  it('[RFC9562 §6.9] does not repeat itself', () => {
    const many = Array.from({ length: 50_000 }, () => newId());
    expect(new Set(many).size).toBe(many.length);
  });
});
