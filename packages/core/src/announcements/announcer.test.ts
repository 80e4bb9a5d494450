import { QueueAnnouncements, QueueCallback } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sentence } from '../prompts/index.ts';
import { createAnnouncer } from './announcer.ts';
import type { AnnouncerEffect, AnnouncerInput, AnnouncerSettings, CallerPlace } from './door.ts';
import { spokenMinutes } from './sentences.ts';

type Given = {
  announcements?: Partial<QueueAnnouncements>;
  callback?: Partial<QueueCallback>;
};

function settingsOf({ announcements = {}, callback = {} }: Given): AnnouncerSettings {
  return {
    announcements: QueueAnnouncements.parse(announcements),
    callback: QueueCallback.parse({ offered: false, ...callback }),
  };
}

/** A caller who entered at 0, and everything that happens to the machine in order of time. */
class Caller {
  now = 0;
  timerAt: number | null = null;
  readonly log: [number, AnnouncerEffect['type'] | Sentence[]][] = [];
  place: CallerPlace | null = { position: 3, estimatedWaitMs: null };
  readonly machine = createAnnouncer();
  readonly number: string;

  constructor(given: Given, number = '+420555000111') {
    this.number = number;
    this.began(given);
  }

  began(given: Given): void {
    const { place, number: callbackNumber } = this;
    this.send({
      type: 'waiting.began',
      settings: settingsOf(given),
      enteredAt: 0,
      callbackNumber,
      place,
    });
  }

  send(input: AnnouncerInput): AnnouncerEffect[] {
    const effects = this.machine.handle(input, this.now);
    for (const effect of effects) {
      if (effect.type === 'timer.set') this.timerAt = effect.at;
      else if (effect.type === 'timer.cleared') this.timerAt = null;
      else this.log.push([this.now, effect.type === 'say' ? effect.sentences : effect.type]);
    }
    return effects;
  }

  /** Time goes on to `until`; what is said takes `sayMs`. */
  pass(until: number, sayMs = 4_000): void {
    let saidAt: number | null = this.#lastSayEnd(sayMs);
    for (;;) {
      const next = Math.min(this.timerAt ?? Infinity, saidAt ?? Infinity);
      if (next > until) break;
      this.now = Math.max(this.now, next);
      if (saidAt !== null && saidAt <= next) {
        saidAt = null;
        this.send({ type: 'said' });
      } else {
        this.timerAt = null;
        const before = this.log.length;
        this.send({ type: 'timer.due', place: this.place });
        if (this.log.slice(before).some(([, what]) => typeof what !== 'string')) saidAt = this.now + sayMs;
      }
    }
    this.now = until;
  }

  #lastSayEnd(sayMs: number): number | null {
    const last = this.log.findLast(([, what]) => typeof what !== 'string' || what === 'music');
    return last !== undefined && typeof last[1] !== 'string' ? last[0] + sayMs : null;
  }

  said(): [number, Sentence[]][] {
    return this.log.flatMap(([at, what]) =>
      typeof what === 'string' ? [] : [[at, what] as [number, Sentence[]]],
    );
  }
  types(): string[] {
    return this.log.map(([, what]) => (typeof what === 'string' ? what : 'say'));
  }
}

const position = (at: number): Sentence => ({ kind: 'position', position: at });

describe('announcements', () => {
  it('[ANN-1] greets once, with the place in the same breath, and then plays music', () => {
    const caller = new Caller({ announcements: { greeting: 'welcome', position: 'exact' } });
    expect(caller.log).toEqual([[0, [{ kind: 'prompt', name: 'welcome' }, position(3)]]]);
    caller.pass(29_999);
    expect(caller.types()).toEqual(['say', 'music']);
    caller.pass(30_000);
    expect(caller.said().at(-1)).toEqual([30_000, [position(3)]]);
  });

  it('[ANN-1] greets again in the next queue', () => {
    const caller = new Caller({ announcements: { greeting: 'a' } });
    caller.pass(10_000);
    caller.send({ type: 'waiting.ended', connected: false });
    caller.began({ announcements: { greeting: 'b' } });
    expect(caller.said().map(([, sentences]) => sentences)).toEqual([
      [{ kind: 'prompt', name: 'a' }],
      [{ kind: 'prompt', name: 'b' }],
    ]);
  });

  it.each([
    [1, position(1)],
    [11, position(11)],
    [12, { kind: 'more-than', count: 10 }],
    [10_000, { kind: 'more-than', count: 10 }],
  ])('[ANN-2] more-than at place %i', (at, sentence) => {
    const caller = new Caller({});
    caller.place = { position: at, estimatedWaitMs: null };
    caller.began({ announcements: { position: 'more-than' } });
    expect(caller.said()[0]?.[1]).toEqual([sentence]);
  });

  it('[ANN-2] beyond 9,999 the exact place is "more than" as well', () => {
    const caller = new Caller({});
    caller.place = { position: 10_000, estimatedWaitMs: null };
    caller.began({ announcements: { position: 'exact' } });
    expect(caller.said()[0]?.[1]).toEqual([{ kind: 'more-than', count: 9_999 }]);
  });

  it('[ANN-3] rounds the wait up, and says nothing of one that is not known', () => {
    expect([0, 1, 60_000, 60_001, 600_000, 600_001, 3_600_000, 3_600_001].map(spokenMinutes)).toEqual([
      1, 1, 1, 2, 10, 15, 60, 75,
    ]);
    const caller = new Caller({ announcements: { estimatedWait: true } });
    caller.pass(30_000);
    expect(caller.said()).toEqual([]);
    caller.place = { position: 1, estimatedWaitMs: 0 };
    caller.pass(60_000);
    expect(caller.said()).toEqual([[60_000, [{ kind: 'wait', minutes: 1 }]]]);
  });

  it('[ANN-4] keeps the interval, also when what is said is longer than it', () => {
    const given = { announcements: { position: 'exact', intervalSeconds: 15 } } as const;
    const brief = new Caller(given);
    brief.pass(61_000, 2_000);
    expect(brief.said().map(([at]) => at)).toEqual([0, 15_000, 30_000, 45_000, 60_000]);
    const long = new Caller(given);
    long.pass(61_000, 20_000);
    expect(long.said().map(([at]) => at)).toEqual([0, 30_000, 60_000]);
  });

  it('[ANN-5] says place and wait again only when they are better', () => {
    const caller = new Caller({
      announcements: { position: 'exact', estimatedWait: true, onlyWhenImproved: true },
    });
    caller.place = { position: 4, estimatedWaitMs: 120_000 };
    caller.pass(30_000);
    caller.place = { position: 2, estimatedWaitMs: 120_000 };
    caller.pass(60_000);
    caller.place = { position: 2, estimatedWaitMs: 60_000 };
    caller.pass(90_000);
    caller.pass(120_000);
    expect(caller.said().map(([, sentences]) => sentences)).toEqual([
      [position(3)],
      [{ kind: 'wait', minutes: 2 }],
      [position(2)],
      [{ kind: 'wait', minutes: 1 }],
    ]);
  });

  it('[ANN-6] takes comfort messages in turn', () => {
    const caller = new Caller({ announcements: { comfort: ['a', 'b'] } });
    caller.pass(95_000);
    expect(caller.said()).toEqual([
      [30_000, [{ kind: 'prompt', name: 'a' }]],
      [60_000, [{ kind: 'prompt', name: 'b' }]],
      [90_000, [{ kind: 'prompt', name: 'a' }]],
    ]);
  });

  it('[ANN-7] says nothing more when the caller is connected, whatever comes', () => {
    const caller = new Caller({ announcements: { greeting: 'a', position: 'exact' } });
    caller.now = 1_000;
    expect(caller.send({ type: 'waiting.ended', connected: true })).toEqual([{ type: 'timer.cleared' }]);
    for (const input of [
      { type: 'said' },
      { type: 'timer.due', place: caller.place },
      { type: 'digit', digit: '1' },
    ] satisfies AnnouncerInput[])
      expect(caller.send(input)).toEqual([]);
  });

  it('[ANN-12] goes back to music when nobody reports the end of what was said', () => {
    const caller = new Caller({ announcements: { greeting: 'a' } });
    caller.pass(120_000, Infinity);
    expect(caller.log.at(-1)).toEqual([120_000, 'music']);
  });

  it('[ANN-13] has no timer when there is nothing to say, and takes new settings at once', () => {
    const caller = new Caller({});
    expect(caller.timerAt).toBeNull();
    caller.now = 40_000;
    caller.send({
      type: 'settings.changed',
      settings: settingsOf({ announcements: { position: 'exact' } }),
    });
    caller.pass(70_000);
    expect(caller.said()).toEqual([[70_000, [position(3)]]]);
  });
});

describe('callback', () => {
  const offering = { callback: { offered: true, afterSeconds: 60, key: '2' } };
  const offer: Sentence[] = [{ kind: 'callback-offer', key: '2' }];

  it('[ANN-8] is offered after the hold, and every two minutes', () => {
    const caller = new Caller(offering);
    caller.pass(200_000);
    expect(caller.said()).toEqual([
      [60_000, offer],
      [180_000, offer],
    ]);
  });

  it('[ANN-8] keeps its distance from announcements', () => {
    const caller = new Caller({ ...offering, announcements: { position: 'exact', intervalSeconds: 50 } });
    caller.pass(66_000);
    expect(caller.said().map(([at]) => at)).toEqual([0, 50_000, 65_000]);
    expect(caller.said().at(-1)?.[1]).toEqual(offer);
  });

  it('[ANN-8] is not offered to a number that cannot be called', () => {
    const caller = new Caller(offering, '');
    expect(caller.timerAt).toBeNull();
    caller.pass(500_000);
    expect(caller.log).toEqual([]);
  });

  it('[ANN-9] [ANN-10] the key asks for it once; it is promised when it is stored', () => {
    const caller = new Caller(offering);
    caller.send({ type: 'digit', digit: '2' });
    caller.pass(61_000);
    caller.send({ type: 'digit', digit: '3' });
    caller.send({ type: 'digit', digit: '2' });
    caller.send({ type: 'digit', digit: '2' });
    expect(caller.types()).toEqual(['say', 'callback.requested']);
    caller.send({ type: 'callback.stored' });
    expect(caller.types()).toEqual(['say', 'callback.requested', 'callback.accepted', 'say']);
    expect(caller.said().at(-1)?.[1]).toEqual([{ kind: 'callback-noted', number: caller.number }]);
    caller.send({ type: 'waiting.ended', connected: false });
    caller.now += 5_000;
    caller.send({ type: 'said' });
    expect(caller.types().at(-1)).toBe('farewell.over');
    expect(caller.timerAt).toBeNull();
  });

  it('[ANN-10] hangs up after 20 s when nobody reports the end of the farewell', () => {
    const caller = new Caller(offering);
    caller.pass(61_000);
    caller.send({ type: 'digit', digit: '2' });
    caller.send({ type: 'callback.stored' });
    caller.pass(81_000, Infinity);
    expect(caller.log.at(-1)).toEqual([81_000, 'farewell.over']);
  });

  it.each(['refused', 'silent'] as const)('[ANN-10] waits on when storing is %s', (how) => {
    const caller = new Caller(offering);
    caller.pass(65_000);
    caller.send({ type: 'digit', digit: '2' });
    if (how === 'refused') caller.send({ type: 'callback.refused' });
    caller.pass(500_000);
    caller.send({ type: 'digit', digit: '2' });
    expect(caller.types()).toEqual(['say', 'music', 'callback.requested']);
    if (how === 'silent') {
      caller.send({ type: 'callback.stored' });
      expect(caller.types().at(-1)).toBe('callback.withdrawn');
    }
  });

  it.each([true, false])('[ANN-11] the waiting ends meanwhile, connected: %s', (connected) => {
    const caller = new Caller(offering);
    caller.pass(65_000);
    caller.send({ type: 'digit', digit: '2' });
    caller.send({ type: 'waiting.ended', connected });
    caller.send({ type: 'callback.stored' });
    expect(caller.types().includes('callback.withdrawn')).toBe(connected);
    expect(caller.timerAt).toBeNull();
  });
});

it('[ANN-4] [ANN-7] [ANN-9] whatever happens, in any order', () => {
  const place = fc.option(
    fc.record({
      position: fc.integer({ min: 1, max: 20_000 }),
      estimatedWaitMs: fc.option(fc.integer({ min: 0, max: 1e8 })),
    }),
  );
  const settings = fc.record({
    announcements: fc.record({
      position: fc.constantFrom('off' as const, 'exact' as const, 'more-than' as const),
      estimatedWait: fc.boolean(),
      onlyWhenImproved: fc.boolean(),
      intervalSeconds: fc.integer({ min: 15, max: 60 }),
      comfort: fc.subarray(['a', 'b']),
    }),
    callback: fc.record({ offered: fc.boolean(), afterSeconds: fc.integer({ min: 0, max: 100 }) }),
  });
  const input: fc.Arbitrary<AnnouncerInput> = fc.oneof(
    place.map((at): AnnouncerInput => ({ type: 'timer.due', place: at })),
    settings.map((given): AnnouncerInput => ({ type: 'settings.changed', settings: settingsOf(given) })),
    fc.constantFrom<AnnouncerInput>(
      { type: 'said' },
      { type: 'digit', digit: '1' },
      { type: 'callback.stored' },
      { type: 'callback.refused' },
      { type: 'waiting.ended', connected: true },
      { type: 'waiting.ended', connected: false },
    ),
  );
  fc.assert(
    fc.property(
      settings,
      fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), input), { maxLength: 60 }),
      (given, steps) => {
        const caller = new Caller(given);
        let ended = false;
        let farewells = 0;
        let accepted = 0;
        for (const [afterMs, each] of steps) {
          caller.now += afterMs;
          const before = caller.log.length;
          caller.send(each);
          const news = caller.log.slice(before).map(([, what]) => what);
          accepted += news.filter((what) => what === 'callback.accepted').length;
          farewells += news.filter((what) => what === 'farewell.over').length;
          if (ended) expect(news.filter((what) => typeof what !== 'string')).toEqual([]);
          if (each.type === 'waiting.ended') ended = true;
        }
        expect(accepted).toBeLessThanOrEqual(1);
        expect(farewells).toBeLessThanOrEqual(accepted);
        const at = caller.said().map(([when]) => when);
        // The farewell interrupts; everything else keeps its distance.
        const regular = accepted > 0 ? at.slice(0, -1) : at;
        for (let i = 1; i < regular.length; i++)
          expect((regular[i] ?? 0) - (regular[i - 1] ?? 0)).toBeGreaterThanOrEqual(15_000);
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});
