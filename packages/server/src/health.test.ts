import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallService } from './features/calls/index.ts';
import { probeParts } from './health.ts';
import type { Database } from './platform/index.ts';

const calls = {
  facts: { health: { state: 'ok' } },
  plane: { isReady: true },
  sip: { isOpen: true },
  isDraining: false,
} as unknown as CallService;

/** A database whose answers the test gives. */
function database() {
  const questions: PromiseWithResolvers<unknown>[] = [];
  const asSystem = () => {
    const question = Promise.withResolvers<unknown>();
    questions.push(question);
    return question.promise;
  };
  return { questions, database: { asSystem } as unknown as Database };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the probe of readiness', () => {
  it('tells within two seconds that the database hangs, and that it is well once it answers again', async () => {
    const { database: hanging, questions } = database();
    const first = probeParts(hanging, calls, tmpdir());
    await vi.advanceTimersByTimeAsync(2_000);
    const { ready, parts } = await first;
    expect([ready, parts.media.healthy, parts.sip.healthy]).toEqual([false, true, true]);
    expect(parts.database).toEqual({
      healthy: false,
      detail: 'The database does not answer: no answer within 2000 ms.',
    });
    const second = probeParts(hanging, calls, tmpdir());
    questions[0]?.resolve(false);
    expect((await second).ready).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('asks a hanging database once, however often it is probed, so that no connection is used up', async () => {
    const { database: hanging, questions } = database();
    const probes = Array.from({ length: 50 }, () => probeParts(hanging, calls, tmpdir()));
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await Promise.all(probes)).every(({ ready }) => !ready)).toBe(true);
    expect(questions).toHaveLength(1);
    questions[0]?.reject(new Error('connection lost'));
    await vi.advanceTimersByTimeAsync(0);
    const again = probeParts(hanging, calls, tmpdir());
    questions[1]?.resolve(false);
    expect((await again).ready).toBe(true);
  });

  it('[OPS-01] tells that the database can only be read, as a standby', async () => {
    const { database: standby, questions } = database();
    const probe = probeParts(standby, calls, tmpdir());
    questions[0]?.resolve(true);
    const { ready, parts } = await probe;
    expect(ready).toBe(false);
    expect(parts.database).toMatchObject({ healthy: false, detail: expect.stringContaining('only be read') });
  });

  it('[OPS-02] tells who balances load that the server is stopping, while its calls go on', async () => {
    const { database: well, questions } = database();
    const stopping = { ...calls, isDraining: true } as unknown as CallService;
    const probe = probeParts(well, stopping, tmpdir());
    questions[0]?.resolve(false);
    const { ready, parts } = await probe;
    expect([ready, parts.database.healthy, parts.sip.healthy]).toEqual([false, true, false]);
    expect(parts.sip.detail).toContain('stopping');
  });

  it('[REC-02] tells that the disk takes nothing, though everything else works', async () => {
    const { database: well, questions } = database();
    const full = { ...calls, diskTrouble: 'The journal of calls cannot be written (ENOSPC).' };
    const probe = probeParts(well, full as unknown as CallService, tmpdir());
    questions[0]?.resolve(false);
    const { ready, parts } = await probe;
    expect([ready, parts.database.healthy]).toEqual([false, true]);
    expect(parts.storage).toEqual({ healthy: false, detail: full.diskTrouble });
  });
});
