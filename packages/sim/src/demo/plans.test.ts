import { CallbackInput, ScheduleInput } from '@crosspoint/contracts';
import { describe, expect, it } from 'vitest';
import { agents } from './company.ts';
import { meetings, openingShift, promisedCalls } from './plans.ts';

const hourMs = 3_600_000;
const [prague] = agents;
const madrid = agents.find(({ username }) => username === 'lucia.fernandez');
if (prague === undefined || madrid === undefined) throw new Error('nobody works there');
const evening = Date.parse('2026-11-22T19:37:00Z');

describe('shifts', () => {
  it('[DEMO-13] cover the hours in which the company is open, over midnight too, beside the usual week', () => {
    const planned = ScheduleInput.parse(openingShift(prague, null, evening, 8 * hourMs));
    expect(planned).toMatchObject({ timeZone: 'Europe/Prague', week: { monday: [{ from: '08:00' }] } });
    expect(planned.dates).toEqual([
      { date: '2026-11-22', shifts: [{ from: '20:30', to: '04:30', breaks: [] }] },
    ]);
    expect(openingShift(madrid, null, evening, 8 * hourMs)?.timeZone).toBe('Europe/Madrid');
  });

  it('[DEMO-13] leave a day alone for which something is planned, and a schedule that somebody made in another zone', () => {
    const first = openingShift(prague, null, evening, 8 * hourMs);
    expect(first).toBeDefined();
    expect(openingShift(prague, first ?? null, evening + hourMs, 8 * hourMs)).toBeUndefined();
    expect(openingShift(prague, { timeZone: 'UTC' }, evening, 8 * hourMs)).toBeUndefined();
    const next = openingShift(prague, first ?? null, evening + 24 * hourMs, 8 * hourMs);
    expect(next?.dates?.map(({ date }) => date)).toEqual(['2026-11-22', '2026-11-23']);
  });
});

it('[DEMO-13] promised calls are due only after the company has closed, whenever it is founded', () => {
  for (let hour = 0; hour < 24; hour += 1) {
    const foundedAt = Date.parse('2026-11-22T00:59:00Z') + hour * hourMs;
    const calls = promisedCalls(6, foundedAt);
    expect(new Set(calls.map(({ queue }) => queue.key)).size).toBe(3);
    for (const { queue: _, ...call } of calls) {
      expect(CallbackInput.omit({ queueId: true }).safeParse(call).success).toBe(true);
      expect(Date.parse(call.at)).toBeGreaterThan(foundedAt + 8 * hourMs);
    }
  }
});

it('[DEMO-13] meetings name only people who are there', () => {
  const there = new Set(['jana.novakova', 'petra.svobodova']);
  const all = meetings(there, agents, evening);
  expect(all.map(({ moderators, participants }) => [moderators, participants])).toEqual([
    [[], ['jana.novakova']],
    [[], ['petra.svobodova']],
  ]);
});
