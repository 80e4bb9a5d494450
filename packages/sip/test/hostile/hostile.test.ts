import { env, memoryUsage, stdout } from 'node:process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../src/index.ts';
import { corpus } from './corpus.ts';
import { takeCensus, total } from './measure.ts';
import { anyMutation, mutate, type Mutation } from './mutations.ts';
import { limits, Target } from './target.ts';

// HOSTILE_MUTATIONS=200000 is the full run.
const mutations = Number(env['HOSTILE_MUTATIONS'] ?? 20_000);
const perRun = 100;
const timeoutMs = 60_000 + mutations * 5;

/** One hostile message: what it begins as, what is done to it, and how it comes. */
type Shot = { template: number; changes: Mutation[]; isStream: boolean };

const shot: fc.Arbitrary<Shot> = fc.record({
  template: fc.nat(10_000),
  changes: fc.array(anyMutation(), { maxLength: 3 }),
  isStream: fc.boolean(),
});

function fire(target: Target, { template, changes, isStream }: Shot): void {
  let bytes: Uint8Array = encodeUtf8(target.template(corpus, template));
  for (const change of changes) bytes = mutate(bytes, change);
  target.receive(bytes, target.flow(isStream));
}

/** What the stack may keep when everything is over: nonces that have been used, and calls that have ended. */
const mayStay = /windows|endedAtMs/;

function leftOver(target: Target): string[] {
  const fresh = takeCensus(new Target(1).stack);
  const names: string[] = [];
  for (const [name, size] of takeCensus(target.stack)) {
    if (size > (fresh.get(name) ?? 0) && !mayStay.test(name)) names.push(`${name} ${size}`);
  }
  return names;
}

describe('the hostile line', () => {
  it('[HOS-01] no course of mutated messages makes the stack throw, write nonsense or keep anything', {
    timeout: timeoutMs,
  }, () => {
    let shotsFired = 0;
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(shot, { minLength: 1, maxLength: 2 * perRun, size: 'max' }),
        (seed, shots) => {
          const target = new Target(seed);
          for (const one of shots) fire(target, one);
          shotsFired += shots.length;
          expect(target.answersOptions()).toBe(true);
          target.finish();
          expect(Object.entries(target.stack.statistics()).filter(([, count]) => count > 0)).toEqual([]);
          expect(leftOver(target)).toEqual([]);
        },
      ),
      { numRuns: Math.ceil(mutations / 2 / perRun), seed: 1 },
    );
    expect(shotsFired).toBeGreaterThan(mutations * 0.45);
  });

  it('[HOS-02] one stack under fire stays within its limits and answers OPTIONS throughout', {
    timeout: timeoutMs,
  }, () => {
    const target = new Target(7);
    const shots = fc.sample(shot, { numRuns: mutations / 2, seed: 2 });
    let most = 0;
    let slowestMs = 0;
    for (const [i, one] of shots.entries()) {
      const startedMs = performance.now();
      fire(target, one);
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
      if (i % 200 !== 0) continue;
      expect(target.answersOptions()).toBe(true);
      const now = target.stack.statistics();
      expect(now.sessions).toBeLessThanOrEqual(limits.sessionsMax);
      expect(now.serverTransactions).toBeLessThanOrEqual(limits.transactionsMax);
      expect(now.connections).toBeLessThanOrEqual(limits.connectionsMax);
      most = Math.max(most, total(takeCensus(target.stack)));
    }
    // Entries and bytes in everything that the stack holds: a thousand transactions of at most a message each.
    expect(most).toBeLessThan(limits.transactionsMax * limits.messageBytesMax);
    // No message costs more than a pause of the machine does: what grows with the square of a length takes minutes.
    expect(slowestMs).toBeLessThan(20_000);
    // The fire has reached calls in every state, not only the parser.
    for (const event of [
      'invite',
      'progress',
      'accepted',
      'confirmed',
      'reinvite',
      'info',
      'registration-changed',
      'refer',
      'refer-outside',
      'refer-result',
      'subscribe',
      'subscription-ended',
      'notification',
      'unsolicited-notification',
      'message',
      'update-result',
    ] as const)
      expect(target.heard.get(event), event).toBeGreaterThan(0);
    if (env['HOSTILE_MUTATIONS'] !== undefined) {
      const heapMb = Math.round(memoryUsage().heapUsed / 1_048_576);
      stdout.write(
        `${shots.length} shots, ${target.sends} sent, census ${most}, slowest ${slowestMs.toFixed(1)} ms, heap ${heapMb} MB\n`,
      );
    }
    target.finish();
    expect(leftOver(target)).toEqual([]);
  });
});
