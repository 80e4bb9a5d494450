import { describe, expect, it } from 'vitest';
import { agents, type CompanyAgent, queues } from './company.ts';
import { decideOffer, rounds, wrapUpEndsMs } from './workday.ts';

const agent = (username: string): CompanyAgent =>
  agents.find((candidate) => candidate.username === username) ?? expect.fail(`no agent ${username}`);
const many = Array.from({ length: 2_000 }, (_, index) => index);

describe('decideOffer', () => {
  it('[DEMO-01] depends on seed, agent and number of the offer only', () => {
    const alone = many.map((index) => decideOffer(1, agent('emily.carter'), index));
    const among = many.map((index) => {
      decideOffer(1, agent('jana.novakova'), index);
      return decideOffer(1, agent('emily.carter'), index);
    });
    expect(among).toEqual(alone);
    expect(many.map((index) => decideOffer(2, agent('emily.carter'), index))).not.toEqual(alone);
  });

  it('[DEMO-08] answers before any queue gives up', () => {
    const shortestRingMs = Math.min(
      ...queues.map(({ settings }) => (settings.ringTimeoutSeconds ?? 15) * 1000),
    );
    const decisions = agents.flatMap((person) => many.map((index) => decideOffer(3, person, index)));
    const afterMs = decisions.map((decision) => (decision.do === 'miss' ? 0 : decision.afterMs));
    expect(Math.max(...afterMs)).toBeLessThan(shortestRingMs - 1_000);
  });

  it('[DEMO-08] rejects and misses as often as the temperament says', () => {
    for (const person of agents) {
      const decisions = many.map((index) => decideOffer(4, person, index).do);
      const share = (what: string): number =>
        decisions.filter((decision) => decision === what).length / decisions.length;
      expect(Math.abs(share('miss') - person.temperament.misses)).toBeLessThan(0.04);
      expect(Math.abs(share('reject') - person.temperament.rejects)).toBeLessThan(0.03);
    }
  });

  it('[DEMO-08] sometimes ends wrap-up before its time', () => {
    const early = many.map((index) => wrapUpEndsMs(5, agent('emily.carter'), index));
    const share = early.filter((ms) => ms !== undefined).length / early.length;
    expect(Math.abs(share - 0.3)).toBeLessThan(0.05);
    for (const ms of early) expect(ms ?? 0).toBeLessThan(10_000);
  });
});

describe('rounds', () => {
  it('[DEMO-08] gives breaks of every kind that end, and no two agents begin together', () => {
    const firsts = agents.map((person) => rounds(6, person).next().value.workMs);
    expect(new Set(firsts).size).toBe(agents.length);
    const days = agents.flatMap((person) => {
      const generator = rounds(6, person);
      return Array.from({ length: 40 }, () => generator.next().value);
    });
    expect(new Set(days.map(({ reasonCode }) => reasonCode))).toEqual(
      new Set(['break', 'lunch', 'meeting', 'training']),
    );
    for (const { breakMs } of days) {
      expect(breakMs).toBeGreaterThanOrEqual(25_000);
      expect(breakMs).toBeLessThanOrEqual(300_000);
    }
  });

  it('[DEMO-08] leaves most of the company at work', () => {
    const totals = agents.map((person) => {
      const generator = rounds(7, person);
      const day = Array.from({ length: 50 }, () => generator.next().value);
      const work = day.reduce((sum, { workMs }) => sum + workMs, 0);
      const away = day.reduce((sum, { breakMs }) => sum + breakMs, 0);
      return work / (work + away);
    });
    const mean = totals.reduce((sum, share) => sum + share, 0) / totals.length;
    expect(mean).toBeGreaterThan(0.72);
    expect(mean).toBeLessThan(0.88);
  });
});
