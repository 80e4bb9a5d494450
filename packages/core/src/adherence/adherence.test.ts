import {
  ADHERENT_ACTIVITIES,
  AgentActivity,
  type Schedule,
  ScheduleInput,
  type Shift,
} from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ActivitySpan,
  AdherenceDay,
  dayBounds,
  measureAdherence,
  scheduledDays,
  scheduledSpans,
} from './index.ts';

const zone = 'Europe/Prague';
const schedule = (input: object): Schedule => ScheduleInput.parse({ timeZone: zone, ...input });
const ms = (instant: string): number => Date.parse(instant);
const shown = (given: Schedule, from: string, to: string) =>
  scheduledSpans(given, ms(from), ms(to)).map(
    (span) =>
      `${new Date(span.from).toISOString().slice(5, 16)} ${new Date(span.to).toISOString().slice(5, 16)} ${span.state}`,
  );
const minutes = (span: { from: number; to: number }) => (span.to - span.from) / 60_000;

describe('a schedule', () => {
  test('[ADH-1] takes a date before its weekday, and a date without shifts as a day off', () => {
    const given = schedule({
      week: { monday: [{ from: '08:00', to: '12:00' }], tuesday: [{ from: '08:00', to: '12:00' }] },
      dates: [
        { date: '2026-11-23', shifts: [{ from: '10:00', to: '11:00' }] },
        { date: '2026-11-24', shifts: [] },
      ],
    });
    expect(shown(given, '2026-11-22T23:00:00Z', '2026-11-30T23:00:00Z')).toEqual([
      '11-23T09:00 11-23T10:00 work',
      '11-30T07:00 11-30T11:00 work',
    ]);
  });

  test('[ADH-1] takes the week that holds since the latest date, in whatever order they are, and leaves the days before as they were', () => {
    const day = (from: string, to: string) => ({ monday: [{ from, to }] });
    const given = schedule({
      week: day('08:00', '12:00'),
      weeks: [
        { from: '2026-11-30', week: {} },
        { from: '2026-11-23', week: day('22:00', '02:00') },
        { from: '2026-12-08', week: day('13:00', '14:00') },
      ],
    });
    expect(shown(given, '2026-11-15T23:00:00Z', '2026-12-14T23:00:00Z')).toEqual([
      '11-16T07:00 11-16T11:00 work',
      '11-23T21:00 11-24T01:00 work',
      '12-14T12:00 12-14T13:00 work',
    ]);
    const twice = { timeZone: zone, weeks: [{ from: '2026-11-30' }, { from: '2026-11-30' }] };
    expect(ScheduleInput.safeParse(twice).error?.issues[0]?.path).toEqual(['weeks']);
  });

  test('[ADH-2] runs over midnight, and its breaks with it', () => {
    const given = schedule({
      week: {
        monday: [
          {
            from: '22:00',
            to: '06:00',
            breaks: [
              { from: '23:45', to: '00:15' },
              { from: '03:00', to: '03:30' },
            ],
          },
        ],
      },
    });
    expect(shown(given, '2026-11-23T00:00:00Z', '2026-11-25T00:00:00Z')).toEqual([
      '11-23T21:00 11-23T22:45 work',
      '11-23T22:45 11-23T23:15 break',
      '11-23T23:15 11-24T02:00 work',
      '11-24T02:00 11-24T02:30 break',
      '11-24T02:30 11-24T05:00 work',
    ]);
  });

  test('[ADH-2] is an hour shorter or longer in the night in which the clocks are changed', () => {
    const given = schedule({ week: { saturday: [{ from: '22:00', to: '06:00' }] } });
    const length = (from: string) => scheduledSpans(given, ms(from), ms(from) + 2 * 86_400_000).map(minutes);
    expect(length('2027-03-27T00:00:00Z')).toEqual([7 * 60]);
    expect(length('2026-10-24T00:00:00Z')).toEqual([9 * 60]);
    expect(length('2026-11-21T00:00:00Z')).toEqual([8 * 60]);
    const skipped = schedule({ week: { sunday: [{ from: '02:30', to: '05:00' }] } });
    expect(
      scheduledSpans(skipped, ms('2027-03-28T00:00:00Z'), ms('2027-03-29T00:00:00Z')).map(minutes),
    ).toEqual([90]);
  });

  test('[ADH-2] knows days of 23 and 25 hours', () => {
    const hours = (day: string) =>
      dayBounds(zone, ms(`${day}T12:00:00Z`), ms(`${day}T12:00:01Z`)).map((one) => minutes(one) / 60);
    expect([hours('2027-03-28'), hours('2026-10-25'), hours('2026-11-21')]).toEqual([[23], [25], [24]]);
  });

  test('[ADH-2] takes the zone that holds since the latest date that names one, and leaves the days before as they were', () => {
    const week = { sunday: [{ from: '22:00', to: '06:00' }], monday: [{ from: '08:00', to: '12:00' }] };
    const given = schedule({
      week,
      weeks: [
        { from: '2026-11-30', week },
        { from: '2026-11-23', week, timeZone: 'America/New_York' },
        { from: '2026-12-07', week, timeZone: 'Asia/Tokyo' },
      ],
    });
    expect(shown(given, '2026-11-21T00:00:00Z', '2026-12-07T12:00:00Z')).toEqual([
      // The night shift ends by the clocks by which it began.
      '11-22T21:00 11-23T05:00 work',
      '11-23T13:00 11-23T17:00 work',
      '11-30T03:00 11-30T11:00 work',
      '11-30T13:00 11-30T17:00 work',
      '12-06T23:00 12-07T11:00 work',
    ]);
    const days = scheduledDays(given, ms('2026-11-22T00:00:00Z'), ms('2026-12-07T00:00:00Z'));
    const lengths = days.map((one) => [one.day.slice(5), one.timeZone, minutes(one) / 60]);
    expect(lengths[0]).toEqual(['11-22', zone, 30]);
    expect(lengths[1]).toEqual(['11-23', 'America/New_York', 24]);
    expect(lengths.slice(-2)).toEqual([
      ['12-06', 'America/New_York', 10],
      ['12-07', 'Asia/Tokyo', 24],
    ]);
  });

  test('[ADH-3] makes overlapping shifts one, and work beats a break', () => {
    const given = schedule({
      week: {
        monday: [
          { from: '08:00', to: '12:00', breaks: [{ from: '10:00', to: '11:00' }] },
          { from: '10:30', to: '13:00' },
        ],
      },
    });
    expect(shown(given, '2026-11-23T00:00:00Z', '2026-11-24T00:00:00Z')).toEqual([
      '11-23T07:00 11-23T09:00 work',
      '11-23T09:00 11-23T09:30 break',
      '11-23T09:30 11-23T12:00 work',
    ]);
  });

  test.each([
    ['before it', { from: '07:00', to: '08:30' }],
    ['after it', { from: '11:30', to: '12:30' }],
    ['backwards', { from: '10:00', to: '09:00' }],
  ])('[ADH-3] a break that lies %s is refused', (_where, one) => {
    const shift = { from: '08:00', to: '12:00', breaks: [one] };
    const parsed = ScheduleInput.safeParse({ timeZone: zone, week: { monday: [shift] } });
    expect(parsed.error?.issues[0]?.path).toEqual(['week', 'monday', 0, 'breaks', 0]);
  });
});

const time = fc
  .integer({ min: 0, max: 95 })
  .map(
    (quarter) =>
      `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${['00', '15', '30', '45'][quarter % 4]}`,
  );
const shifts = fc.array(fc.record({ from: time, to: time, breaks: fc.constant<Shift['breaks']>([]) }), {
  maxLength: 3,
});
const schedules = fc.record({
  timeZone: fc.constantFrom(zone, 'UTC', 'America/St_Johns', 'Australia/Lord_Howe'),
  week: fc.record({ monday: shifts, tuesday: shifts, saturday: shifts, sunday: shifts }),
  weeks: fc.array(
    fc.record({
      from: fc.constantFrom('2026-03-28', '2026-11-23', '2027-03-28'),
      week: fc.record({ monday: shifts, sunday: shifts }),
      timeZone: fc.constantFrom(undefined, zone, 'Pacific/Kiritimati', 'Pacific/Pago_Pago'),
    }),
    { maxLength: 2 },
  ),
  dates: fc.constant<Schedule['dates']>([]),
});
const start = fc.integer({ min: ms('2026-01-01T00:00:00Z'), max: ms('2027-12-31T00:00:00Z') });

test('[ADH-4] spans are in order, apart, and within the period, whatever the schedule', () => {
  fc.assert(
    fc.property(schedules, start, fc.integer({ min: 1, max: 10 * 86_400_000 }), (given, from, length) => {
      const spans = scheduledSpans(given, from, from + length);
      let last = from;
      for (const span of spans) {
        expect(span.from).toBeGreaterThanOrEqual(last);
        expect(span.to).toBeGreaterThan(span.from);
        last = span.to;
      }
      expect(last).toBeLessThanOrEqual(from + length);
    }),
  );
});

test('[ADH-2] days cover the period without overlaps, whatever the zones', () => {
  fc.assert(
    fc.property(schedules, start, fc.integer({ min: 1, max: 10 * 86_400_000 }), (given, from, length) => {
      const days = scheduledDays(given, from, from + length);
      expect(days[0]?.from).toBeLessThanOrEqual(from);
      expect(days.at(-1)?.to).toBeGreaterThanOrEqual(from + length);
      for (const [index, day] of days.entries()) if (index > 0) expect(day.from).toBe(days[index - 1]?.to);
    }),
  );
});

test('[ADH-4] asked for in two pieces, it is the same', () => {
  fc.assert(
    fc.property(schedules, start, fc.integer({ min: 1, max: 86_400_000 }), (given, from, cut) => {
      const to = from + 3 * 86_400_000;
      const total = (spans: { from: number; to: number }[]) =>
        spans.reduce((sum, span) => sum + span.to - span.from, 0);
      const pieces = [...scheduledSpans(given, from, from + cut), ...scheduledSpans(given, from + cut, to)];
      expect(total(pieces)).toBe(total(scheduledSpans(given, from, to)));
    }),
  );
});

describe('adherence', () => {
  const day = { from: 0, to: 100_000 };
  const spans = [
    { from: 10_000, to: 40_000, state: 'work' as const },
    { from: 40_000, to: 50_000, state: 'break' as const },
    { from: 50_000, to: 90_000, state: 'work' as const },
  ];

  test('[ADH-5] [ADH-7] is the scheduled time in a fitting activity; what differs is listed, work outside of it too', () => {
    const activities: ActivitySpan[] = [
      { from: 0, to: 20_000, activity: 'idle' },
      { from: 20_000, to: 42_000, activity: 'on-contact' },
      { from: 42_000, to: 60_000, activity: 'break' },
      { from: 60_000, to: 80_000, activity: 'idle' },
      { from: 80_000, to: 80_500, activity: 'unreachable' },
      { from: 80_500, to: 100_000, activity: 'wrap-up' },
    ];
    const result = measureAdherence(spans, activities, day);
    expect(result).toMatchObject({ scheduledMs: 80_000, adherentMs: 67_500 });
    expect(result.differences).toEqual([
      { from: 0, to: 10_000, scheduled: 'off', activity: 'idle' },
      { from: 40_000, to: 42_000, scheduled: 'break', activity: 'on-contact' },
      { from: 50_000, to: 60_000, scheduled: 'work', activity: 'break' },
      { from: 90_000, to: 100_000, scheduled: 'off', activity: 'wrap-up' },
    ]);
  });

  test('[ADH-6] of who was never seen is nothing but the breaks', () => {
    expect(measureAdherence(spans, [], day)).toMatchObject({ scheduledMs: 80_000, adherentMs: 10_000 });
  });

  test('[ADH-9] counts only what has happened', () => {
    const activities = [{ from: 0, to: 30_000, activity: 'idle' as const }];
    expect(measureAdherence(spans, activities, { from: 0, to: 30_000 })).toMatchObject({
      ...{ scheduledMs: 20_000, adherentMs: 20_000 },
    });
  });

  const cut = fc
    .uniqueArray(
      fc.integer({ min: 0, max: 100 }).map((second) => second * 1000),
      { maxLength: 12 },
    )
    .map((cuts) => cuts.toSorted((a, b) => a - b));
  const activitySpans = fc
    .tuple(cut, fc.array(fc.constantFrom(...AgentActivity.options), { minLength: 12, maxLength: 12 }))
    .map(([cuts, activities]) =>
      cuts
        .slice(0, -1)
        .map((from, index) => ({ from, to: cuts[index + 1] ?? from, activity: activities[index] ?? 'idle' })),
    );

  test('[ADH-8] adherent time and differences add up to what was scheduled', () => {
    fc.assert(
      fc.property(cut, activitySpans, (cuts, activities) => {
        const scheduled = cuts.slice(0, -1).map((from, index) => ({
          from,
          to: cuts[index + 1] ?? from,
          state: index % 3 === 0 ? ('break' as const) : ('work' as const),
        }));
        const result = measureAdherence(scheduled, activities, day);
        const within = result.differences.filter((one) => one.scheduled !== 'off');
        const missed = within.reduce((sum, { from, to }) => sum + to - from, 0);
        expect(result.adherentMs + missed).toBe(result.scheduledMs);
        for (const one of within) {
          if (one.scheduled === 'off') continue;
          expect(ADHERENT_ACTIVITIES[one.scheduled]).not.toContain(one.activity);
        }
      }),
    );
  });
});

describe('the day as it runs', () => {
  test('[ADH-10] is the report over its activities, whenever it is asked and whenever the schedule changes', () => {
    const since = ms('2026-11-23T00:00:00Z');
    const one = schedule({
      week: { monday: [{ from: '08:00', to: '16:00', breaks: [{ from: '12:00', to: '12:30' }] }] },
    });
    const other = schedule({ week: { monday: [{ from: '09:30', to: '18:00' }] } });
    const change = fc.record({
      minutes: fc.integer({ min: 0, max: 120 }),
      activity: fc.constantFrom(...AgentActivity.options),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), fc.nat({ max: 40 }), (changes, changedAt) => {
        const day = new AdherenceDay();
        day.plan(one);
        day.begin(since);
        const done: ActivitySpan[] = [];
        let [at, given] = [since, one];
        changes.forEach(({ minutes: length, activity }, index) => {
          if (index === changedAt) day.plan((given = other));
          const span = { from: at, to: at + length * 60_000, activity };
          day.did(span);
          done.push(span);
          at = span.to;
          const now = at + 90_000;
          const present = { from: at, to: now, activity: 'idle' as const };
          const report = measureAdherence(
            scheduledSpans(given, since, now),
            [...done, present].filter(({ from, to }) => from < to),
            { from: since, to: now },
          );
          const { scheduledMs, adherentMs } = report;
          expect(day.until(now, 'idle')).toEqual({ scheduledMs, adherentMs });
        });
      }),
    );
  });
});
