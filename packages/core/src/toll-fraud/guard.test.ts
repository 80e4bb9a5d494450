import { type AgentId, TollFraudSettings } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TollFraudGuard, type TollFraudEffect, type TollRefusal, type TollSnapshot } from './index.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const agent = (n: number) => `0190a0b0-0000-7000-8000-00000000000${n}` as AgentId;
const trunk = '0190a0b0-0000-7000-9000-000000000001';
type Given = Parameters<typeof TollFraudSettings.parse>[0];

/** A guard with a clock and its timers, which does what the effects say. */
class Line {
  guard: TollFraudGuard;
  now = 1_700_000_000_000;
  readonly timers = new Map<string, number>();
  readonly alerts: TollRefusal[] = [];
  readonly cut: string[] = [];
  readonly #stored = new Map<string, TollSnapshot>();
  #calls = 0;

  constructor(settings: Given) {
    this.guard = new TollFraudGuard(TollFraudSettings.parse(settings));
  }

  /** The id of the call, or why it was refused. */
  call(digits = '+420555000111', more: { agentId?: AgentId; country?: string; isPremium?: boolean } = {}) {
    const callId = `call-${++this.#calls}`;
    const number = { digits, country: more.country, isPremium: more.isPremium ?? false };
    const wanted = { type: 'call.wanted' as const, callId, agentId: more.agentId, trunkId: trunk, number };
    const [verdict] = this.do(this.guard.handle(wanted, this.now));
    return verdict?.type === 'call.refused' ? verdict.refusal.reason : callId;
  }
  answer(callId: string): void {
    this.do(this.guard.handle({ type: 'call.answered', callId }, this.now));
  }
  end(callId: string): void {
    this.do(this.guard.handle({ type: 'call.ended', callId }, this.now));
  }
  /** Lets time go by, and every timer fire at its instant. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const [next] = [...this.timers].toSorted((a, b) => a[1] - b[1]);
      if (next === undefined || next[1] > until) break;
      this.timers.delete(next[0]);
      this.now = Math.max(this.now, next[1]);
      this.do(this.guard.handle({ type: 'timer.fired', name: next[0] }, this.now));
    }
    this.now = until;
  }
  /** Stores what has changed, as the shell does now and then. */
  store(): void {
    for (const snapshot of this.guard.changes(this.now, true))
      this.#stored.set(snapshot.account, structuredClone(snapshot));
  }
  restart(settings: Given): void {
    this.store();
    this.guard = new TollFraudGuard(TollFraudSettings.parse(settings));
    this.guard.import([...this.#stored.values()]);
    this.timers.clear();
  }
  do(effects: TollFraudEffect[]): TollFraudEffect[] {
    for (const effect of effects) {
      if (effect.type === 'timer.set') this.timers.set(effect.name, effect.at);
      if (effect.type === 'timer.cancelled') this.timers.delete(effect.name);
      if (effect.type === 'alert') this.alerts.push(effect.refusal);
      if (effect.type === 'call.cut') {
        this.cut.push(effect.callId);
        this.end(effect.callId);
      }
    }
    return effects;
  }
}

const open = { agent: {}, trunk: {}, tenant: {} };

describe('limits', () => {
  test('[TOL-2] the first call above the calls at once is refused, and one that ends makes room', () => {
    const line = new Line({ ...open, trunk: { concurrentCallsMax: 2 } });
    const first = line.call();
    line.call();
    expect(line.call()).toBe('concurrent-calls');
    line.end(first);
    expect(line.call()).toMatch(/^call-/);
  });

  test('[TOL-3] the first call above those of an hour is refused, whether they were answered or not', () => {
    const line = new Line({ ...open, tenant: { callsPerHourMax: 3 } });
    for (let n = 0; n < 3; n++) {
      line.end(line.call());
      line.pass(10 * minuteMs);
    }
    expect(line.call()).toBe('calls-per-hour');
    line.pass(31 * minuteMs);
    expect(line.call()).toMatch(/^call-/);
    expect(line.call()).toBe('calls-per-hour');
  });

  test('[TOL-4] two calls use the minutes together, are cut when they are used up, and none follows', () => {
    const line = new Line({ ...open, agent: { minutesPerDayMax: 10 } });
    const calls = [1, 2].map(() => line.call(undefined, { agentId: agent(1) }));
    for (const call of calls) line.answer(call);
    line.pass(5 * minuteMs - 1);
    expect(line.cut).toEqual([]);
    line.pass(1);
    expect(line.cut).toEqual(calls);
    expect(line.call(undefined, { agentId: agent(1) })).toBe('minutes-per-day');
    expect(line.call(undefined, { agentId: agent(2) })).toMatch(/^call-/);
    line.pass(dayMs + 15 * minuteMs);
    expect(line.call(undefined, { agentId: agent(1) })).toMatch(/^call-/);
  });

  test('[TOL-4] a call that is answered after the minutes are used up is cut at once', () => {
    const line = new Line({ ...open, agent: { minutesPerDayMax: 1 } });
    const [talking, ringing] = [1, 2].map(() => line.call(undefined, { agentId: agent(1) }));
    line.answer(talking ?? '');
    line.pass(minuteMs);
    line.answer(ringing ?? '');
    line.pass(0);
    expect(line.cut).toEqual([talking, ringing]);
  });

  test('[TOL-9] a person hears of the first refusal, and not again within an hour', () => {
    const line = new Line({ ...open, trunk: { concurrentCallsMax: 0 } });
    for (let n = 0; n < 5; n++) line.call();
    expect(line.alerts).toMatchObject([{ reason: 'concurrent-calls', scope: 'trunk', id: trunk, limit: 0 }]);
    line.pass(hourMs);
    line.call();
    expect(line.alerts).toHaveLength(2);
  });

  test('[TOL-10] new limits hold for calls that are up', () => {
    const line = new Line(open);
    const call = line.call();
    line.answer(call);
    line.pass(hourMs);
    const tenant = { minutesPerDayMax: 60 };
    line.do(line.guard.configure(TollFraudSettings.parse({ ...open, tenant }), line.now));
    line.pass(0);
    expect(line.cut).toEqual([call]);
  });
});

describe('destinations', () => {
  const call = (settings: Given, digits: string, more = {}) =>
    new Line({ ...open, ...(settings as object) }).call(digits, more);

  test.each([
    ['+870773111000', 'prefix-denied'],
    ['870773111000', 'prefix-denied'],
    ['+8', /^call-/],
    ['+420555000111', /^call-/],
  ])('[TOL-5] satellite telephones are refused as the settings come: %s', (digits, verdict) => {
    expect(call({}, digits)).toMatch(verdict);
  });

  test('[TOL-5] the longest prefix decides, and of two alike the denied one', () => {
    const settings = { allowedPrefixes: ['+420', '+4209001'], deniedPrefixes: ['+420900', '+420'] };
    expect(call(settings, '+420555000111')).toBe('prefix-denied');
    expect(call({ ...settings, deniedPrefixes: ['+420900'] }, '+420555000111')).toMatch(/^call-/);
    expect(call({ ...settings, deniedPrefixes: ['+420900'] }, '+420900200300')).toBe('prefix-denied');
    expect(call({ ...settings, deniedPrefixes: ['+420900'] }, '+420900100300')).toMatch(/^call-/);
    expect(call(settings, '+44123')).toBe('prefix-not-allowed');
  });

  test('[TOL-6] premium rate and other countries are refused unless permitted', () => {
    const premium = { isPremium: true, country: 'CZ' };
    expect(call({}, '+420906123456', premium)).toBe('premium-number');
    expect(call({ premium: true }, '+420906123456', premium)).toMatch(/^call-/);
    expect(call({ allowedPrefixes: ['+420906'] }, '+420906123456', premium)).toMatch(/^call-/);
    const home = { countries: ['CZ', 'SK'] };
    expect(call(home, '+421900123456', { country: 'SK' })).toMatch(/^call-/);
    expect(call(home, '+25290123456', { country: 'SO' })).toBe('country-not-allowed');
    expect(call(home, '12345')).toBe('country-unknown');
  });

  test('[TOL-7] emergency numbers are always allowed, counted and never cut', () => {
    const line = new Line({ ...open, tenant: { concurrentCallsMax: 1, minutesPerDayMax: 1 }, countries: [] });
    const help = line.call('112');
    expect(help).toMatch(/^call-/);
    line.answer(help);
    line.pass(hourMs);
    expect(line.cut).toEqual([]);
    expect(line.call('112')).toMatch(/^call-/);
    expect(line.guard.usage(line.now)[0]).toMatchObject({ concurrentCalls: 2 });
  });
});

test('[TOL-1] a call that goes on by another trunk counts there, and only while that one has room', () => {
  const line = new Line({ ...open, trunk: { concurrentCallsMax: 1 } });
  const other = '0190a0b0-0000-7000-9000-000000000002';
  const first = line.call();
  const number = { digits: '+420555000111', country: undefined, isPremium: false };
  const by = (callId: string, trunkId: string) => {
    const wanted = { type: 'call.wanted' as const, callId, agentId: undefined, trunkId, number };
    return line.do(line.guard.handle(wanted, line.now))[0]?.type;
  };
  expect(by('second', trunk)).toBe('call.refused');
  expect(by(first, other)).toBe('call.allowed');
  expect(by('second', trunk)).toBe('call.allowed');
  expect(by('second', other)).toBe('call.refused');
  line.end(first);
  expect(by('second', other)).toBe('call.allowed');
  expect(line.guard.usage(line.now).find(({ scope }) => scope === 'tenant')).toMatchObject({
    concurrentCalls: 1,
  });
  line.end('second');
  expect(line.guard.usage(line.now).map(({ concurrentCalls }) => concurrentCalls)).toEqual(
    line.guard.usage(line.now).map(() => 0),
  );
});

test('[TOL-1] a call that tries another number is counted once, and each number is judged', () => {
  const line = new Line({ ...open, tenant: { concurrentCallsMax: 1 } });
  const want = (digits: string) => {
    const number = { digits, country: undefined, isPremium: false };
    const wanted = { type: 'call.wanted' as const, callId: 'x', agentId: undefined, trunkId: trunk, number };
    return line.guard.handle(wanted, line.now)[0]?.type;
  };
  expect(['+420555000111', '+420555000222', '+870773111000', '+420555000333'].map(want)).toEqual([
    'call.allowed',
    'call.allowed',
    'call.refused',
    'call.allowed',
  ]);
  expect(line.guard.usage(line.now)).toMatchObject([{ callsLastHour: 1 }, { callsLastHour: 1 }]);
});

test('[TOL-8] a call that goes on over a restart is one of those at once, talks on, is cut in time, and is no further one of the hour', () => {
  const settings = { ...open, agent: { concurrentCallsMax: 1, callsPerHourMax: 2, minutesPerDayMax: 10 } };
  const line = new Line(settings);
  const call = line.call(undefined, { agentId: agent(1) });
  line.answer(call);
  line.pass(4 * minuteMs);
  line.restart(settings);
  const number = { digits: '+420555000111', country: undefined, isPremium: false };
  const resumed = { callId: call, agentId: agent(1), trunkId: trunk, number };
  line.do(line.guard.handle({ type: 'call.resumed', ...resumed }, line.now));
  line.do(line.guard.handle({ type: 'call.resumed', ...resumed }, line.now));
  expect(line.call(undefined, { agentId: agent(1) })).toBe('concurrent-calls');
  expect(line.guard.usage(line.now).find(({ scope }) => scope === 'agent')).toMatchObject({
    ...{ concurrentCalls: 1, callsLastHour: 1, minutesLastDay: 4 },
  });
  line.pass(6 * minuteMs - 1);
  expect(line.cut).toEqual([]);
  line.pass(1);
  expect(line.cut).toEqual([call]);
});

describe('any course of events', () => {
  const limits = fc.record({
    concurrentCallsMax: fc.option(fc.integer({ min: 1, max: 4 })),
    callsPerHourMax: fc.option(fc.integer({ min: 1, max: 8 })),
    minutesPerDayMax: fc.option(fc.integer({ min: 1, max: 60 })),
  });
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('call' as const), who: fc.integer({ min: 1, max: 2 }) }),
    },
    fc.record({
      kind: fc.constantFrom('answer' as const, 'answer' as const, 'end' as const),
      nth: fc.nat(5),
    }),
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('pass' as const),
        // Some are just below and above the windows.
        ms: fc.oneof(
          fc.integer({ min: 0, max: 2 * minuteMs }),
          fc.integer({ min: hourMs - 2 * minuteMs, max: hourMs + 2 * minuteMs }),
          fc.integer({ min: 22 * hourMs, max: 24 * hourMs }),
        ),
      }),
    },
    fc.record({ kind: fc.constant('restart' as const) }),
  );

  test('[TOL-1] [TOL-2] [TOL-3] [TOL-4] [TOL-8] no limit is passed in any window, and no call is refused without cause', () => {
    fc.assert(
      fc.property(
        limits,
        limits,
        fc.array(step, { maxLength: 80, size: 'max' }),
        (tenant, perAgent, steps) => {
          const settings = { tenant, agent: perAgent, trunk: {} };
          const line = new Line(settings);
          const begun: { at: number; who: number }[] = [];
          const running = new Map<string, { who: number; answeredAt?: number }>();
          const spoken: { who: number; from: number; to: number }[] = [];
          const over = (id: string) => {
            const call = running.get(id);
            running.delete(id);
            if (call?.answeredAt !== undefined)
              spoken.push({ who: call.who, from: call.answeredAt, to: line.now });
          };
          const cutSoFar = () => line.cut.splice(0).forEach(over);
          const used = (who: number | undefined, windowMs: number, now: number) => {
            const mine = (call: { who: number }) => who === undefined || call.who === who;
            const up = [...running.values()].filter(mine);
            const talk = [
              ...spoken.filter(mine),
              ...up.flatMap(({ answeredAt }) =>
                answeredAt === undefined ? [] : [{ from: answeredAt, to: now }],
              ),
            ];
            return {
              concurrent: up.length,
              calls: begun.filter((call) => mine(call) && call.at > now - windowMs).length,
              talkMs: talk.reduce(
                (sum, { from, to }) => sum + Math.max(0, to - Math.max(from, now - dayMs)),
                0,
              ),
            };
          };
          const check = () => {
            for (const [who, of] of [
              [undefined, tenant],
              [1, perAgent],
              [2, perAgent],
            ] as const) {
              const { concurrent, calls, talkMs } = used(who, hourMs, line.now);
              expect(concurrent).toBeLessThanOrEqual(of.concurrentCallsMax ?? Number.POSITIVE_INFINITY);
              expect(calls).toBeLessThanOrEqual(of.callsPerHourMax ?? Number.POSITIVE_INFINITY);
              const allowedMs = (of.minutesPerDayMax ?? Number.POSITIVE_INFINITY) * minuteMs;
              expect(talkMs).toBeLessThanOrEqual(allowedMs);
            }
          };
          for (const step of steps) {
            if (step.kind === 'pass') {
              // In small steps, so that what is cut is noted at its own instant.
              for (let left = step.ms; left > 0; ) {
                const next = Math.min(
                  left,
                  ...[...line.timers.values()].map((at) => Math.max(0, at - line.now)),
                );
                line.pass(next);
                cutSoFar();
                left -= next;
              }
            } else if (step.kind === 'restart') {
              for (const id of [...running.keys()]) over(id);
              line.restart(settings);
            } else if (step.kind === 'call') {
              const id = line.call(undefined, { agentId: agent(step.who) });
              if (id.startsWith('call-')) {
                begun.push({ at: line.now, who: step.who });
                running.set(id, { who: step.who });
              } else {
                const full = (
                  [
                    [undefined, tenant],
                    [step.who, perAgent],
                  ] as const
                ).some(([who, of]) => {
                  const { concurrent, calls } = used(who, hourMs + minuteMs, line.now);
                  return (
                    concurrent >= (of.concurrentCallsMax ?? Number.POSITIVE_INFINITY) ||
                    calls >= (of.callsPerHourMax ?? Number.POSITIVE_INFINITY) ||
                    (of.minutesPerDayMax !== null && id === 'minutes-per-day')
                  );
                });
                expect(full).toBe(true);
              }
            } else {
              const id = [...running.keys()][step.nth % Math.max(1, running.size)];
              const call = id === undefined ? undefined : running.get(id);
              if (id === undefined || call === undefined) continue;
              if (step.kind === 'end') {
                line.end(id);
                over(id);
              } else if (call.answeredAt === undefined) {
                line.answer(id);
                call.answeredAt = line.now;
                line.pass(0);
                cutSoFar();
              }
            }
            check();
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('[TOL-8] what was used is known after a restart', () => {
    const settings = { ...open, agent: { callsPerHourMax: 2, minutesPerDayMax: 30 } };
    const line = new Line(settings);
    const call = line.call(undefined, { agentId: agent(1) });
    line.answer(call);
    line.pass(20 * minuteMs);
    line.restart(settings);
    expect(line.guard.usage(line.now)).toMatchObject([
      { scope: 'agent', id: agent(1), concurrentCalls: 0, callsLastHour: 1, minutesLastDay: 20 },
      { scope: 'trunk', id: trunk, callsLastHour: 1 },
      { scope: 'tenant', id: undefined, callsLastHour: 1 },
    ]);
    expect(line.call(undefined, { agentId: agent(1) })).toMatch(/^call-/);
    expect(line.call(undefined, { agentId: agent(1) })).toBe('calls-per-hour');
  });

  test('[TOL-8] only what has changed is to be stored, and what grows when it is asked for', () => {
    const line = new Line(open);
    const changed = (isPeriodic: boolean) =>
      line.guard.changes(line.now, isPeriodic).map(({ account }) => account);
    const first = line.call(undefined, { agentId: agent(1) });
    line.call(undefined, { agentId: agent(2) });
    expect(changed(false)).toEqual([`agent:${agent(1)}`, `trunk:${trunk}`, 'tenant', `agent:${agent(2)}`]);
    expect(changed(false)).toEqual([]);
    line.answer(first);
    line.pass(hourMs);
    expect(changed(true)).toContain(`agent:${agent(1)}`);
    line.end(first);
    expect(changed(false)).toEqual([`agent:${agent(1)}`, `trunk:${trunk}`, 'tenant']);
  });

  test('[TOL-8] an account that has used nothing for a day is forgotten', () => {
    const line = new Line(open);
    line.end(line.call());
    line.pass(dayMs + hourMs);
    line.store();
    expect(line.guard.usage(line.now)).toEqual([]);
  });
});
