import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import type { Principal } from './principal.ts';
import { PrincipalCache } from './principal-cache.ts';

const request = (cookie: string) => ({ headers: { cookie } }) as FastifyRequest;

function setUp(expiresAt: Date | null = null) {
  const clock = { nowMs: 1000, isAway: false };
  const lookups: string[] = [];
  let release: (() => void) | undefined;
  const cache = new PrincipalCache(
    async ({ headers }) => {
      lookups.push(String(headers.cookie));
      if (clock.isAway) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
      if (headers.cookie === 'slow') await new Promise<void>((resolve) => (release = resolve));
      return headers.cookie === 'wrong'
        ? null
        : ({ credentialId: headers.cookie, expiresAt } as unknown as Principal);
    },
    () => clock.nowMs,
  );
  return { cache, clock, lookups, finishSlow: () => release?.() };
}

describe('what is remembered of who sends a request', () => {
  test('[API-01] is looked up once in five seconds', async () => {
    const { cache, clock, lookups } = setUp();
    for (const afterMs of [0, 4999, 5000]) {
      clock.nowMs = 1000 + afterMs;
      expect(await cache.authenticate(request('a'))).toMatchObject({ credentialId: 'a' });
    }
    expect(lookups).toEqual(['a', 'a']);
  });

  test('[OPS-05] belongs to that cookie alone', async () => {
    const { cache } = setUp();
    await cache.authenticate(request('a'));
    expect(await cache.authenticate(request('b'))).toMatchObject({ credentialId: 'b' });
  });

  test('[OPS-05] is nothing when nothing was sent, and refusals are not remembered', async () => {
    const { cache, lookups } = setUp();
    expect(await cache.authenticate({ headers: {} } as FastifyRequest)).toBeNull();
    expect(lookups).toEqual([]);
    for (let attempt = 0; attempt < 2; attempt++)
      expect(await cache.authenticate(request('wrong'))).toBeNull();
    expect(lookups).toEqual(['wrong', 'wrong']);
  });

  test('[OPS-05] does not outlive the session', async () => {
    const { cache, clock, lookups } = setUp(new Date(2000));
    await cache.authenticate(request('a'));
    clock.nowMs = 2000;
    await cache.authenticate(request('a'));
    expect(lookups).toHaveLength(2);
  });

  test('[OPS-05] is forgotten with any change, also by a look-up that was under way', async () => {
    const { cache, lookups, finishSlow } = setUp();
    await cache.authenticate(request('a'));
    const slow = cache.authenticate(request('slow'));
    cache.forget(false);
    finishSlow();
    await slow;
    await cache.authenticate(request('a'));
    const again = cache.authenticate(request('slow'));
    finishSlow();
    await again;
    expect(lookups).toEqual(['a', 'slow', 'a', 'slow']);
  });

  test('[OPS-03] holds while the database is away, a quarter of an hour at most, and nobody else gets in', async () => {
    const { cache, clock, lookups } = setUp();
    await cache.authenticate(request('a'));
    clock.isAway = true;
    clock.nowMs += 60_000;
    expect(await cache.authenticate(request('a'))).toMatchObject({ credentialId: 'a' });
    cache.forget(true);
    expect(await cache.authenticate(request('a'))).toMatchObject({ credentialId: 'a' });
    expect(lookups).toEqual(['a', 'a']);
    await expect(cache.authenticate(request('b'))).rejects.toThrow('away');
    clock.nowMs += 15 * 60_000;
    await expect(cache.authenticate(request('a'))).rejects.toThrow('away');
  });

  test('[OPS-05] a session that was ended before the database went away does not hold', async () => {
    const { cache, clock } = setUp();
    await cache.authenticate(request('a'));
    cache.forget(true);
    clock.isAway = true;
    clock.nowMs += 60_000;
    await expect(cache.authenticate(request('a'))).rejects.toThrow('away');
  });
});
