import type { CallbackId, ContactId, QueueId } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCallbackBook } from './book.ts';
import type { CallbackEffect, CallbackInput, CallbackRecord, NewCallback } from './door.ts';

const id = (name: string) => name as CallbackId;
const contact = (name: string) => name as ContactId;

/** A book whose effects are carried out: what is to be stored is stored, what is to start starts as contact `<id>-<n>`. */
class Desk {
  now = 1_000;
  timerAt: number | null = null;
  readonly book = createCallbackBook();
  readonly rows = new Map<CallbackId, CallbackRecord>();
  readonly started: { contactId: ContactId; agedSince: number; at: number }[] = [];
  readonly cancelled: ContactId[] = [];
  last: CallbackEffect['type'][] = [];

  send(input: CallbackInput): CallbackEffect['type'][] {
    this.last = [];
    const todo = [input];
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      for (const effect of this.book.handle(next, this.now)) {
        this.last.push(effect.type);
        if (effect.type === 'timer.set') this.timerAt = effect.at;
        else if (effect.type === 'timer.cleared') this.timerAt = null;
        else if (effect.type === 'attempt.cancel') this.cancelled.push(effect.contactId);
        else if (effect.type === 'store') {
          if (!this.rows.has(effect.record.id)) todo.push({ type: 'callback.stored', id: effect.record.id });
          this.rows.set(effect.record.id, effect.record);
        } else if (effect.type === 'attempt.start') {
          const { id: of, agedSince } = effect.record;
          const contactId = contact(`${of}-${this.started.length + 1}`);
          this.started.push({ contactId, agedSince, at: this.now });
          todo.push({ type: 'attempt.began', id: of, contactId });
        }
      }
    }
    return this.last;
  }

  new(name: string, number = '+420111'): NewCallback {
    return {
      id: id(name),
      queueId: 'q' as QueueId,
      number,
      callerName: '',
      note: '',
      fromContactId: contact('first'),
      attemptsMax: 2,
      gapSeconds: 600,
    };
  }
  request(name: string, agedSince = 0, number?: string) {
    return this.send({ type: 'callback.requested', agedSince, ...this.new(name, number) });
  }
  ended(contactId: string, outcome: 'answered' | 'failed' | 'overflowed', reason: string) {
    return this.send({ type: 'attempt.ended', contactId: contact(contactId), outcome, reason });
  }
  pass(until: number) {
    while (this.timerAt !== null && this.timerAt <= until) {
      this.now = this.timerAt;
      this.timerAt = null;
      this.send({ type: 'timer.due' });
    }
    this.now = until;
  }
  row(name: string) {
    return this.rows.get(id(name));
  }
}

describe('callbacks', () => {
  it('[CBK-1] begins when it is stored, with the age of the call', () => {
    const book = createCallbackBook();
    const desk = new Desk();
    const effects = book.handle({ type: 'callback.requested', agedSince: 5, ...desk.new('a') }, 1_000);
    expect(effects.map(({ type }) => type)).toEqual(['store', 'promised']);
    const later = book.handle({ type: 'callback.stored', id: id('a') }, 1_100);
    expect(later).toMatchObject([{ type: 'attempt.start', record: { agedSince: 5, state: 'waiting' } }]);
    expect(book.handle({ type: 'callback.stored', id: id('a') }, 1_200)).toEqual([]);
  });

  it('[CBK-2] one number has one open callback per queue, with the older age', () => {
    const desk = new Desk();
    desk.request('a', 500);
    expect(desk.request('b', 200)).toEqual(['store', 'promised']);
    expect([...desk.rows.keys()]).toEqual(['a']);
    expect(desk.row('a')).toMatchObject({ agedSince: 200 });
    expect(desk.started).toHaveLength(1);
    expect(desk.send({ type: 'callback.scheduled', at: 9_000, ...desk.new('c') })).toEqual(['refused']);
    desk.request('d', 0, '+420222');
    expect(desk.started).toHaveLength(2);
    desk.ended('a-1', 'answered', 'customer-hung-up');
    desk.request('e');
    expect(desk.started).toHaveLength(3);
  });

  it('[CBK-3] a time that has passed gives no age before the present', () => {
    const desk = new Desk();
    desk.now = 50_000;
    desk.send({ type: 'callback.scheduled', at: 1_000, ...desk.new('a') });
    expect(desk.row('a')).toMatchObject({ dueAt: 50_000, agedSince: 50_000 });
  });

  it('[CBK-3] a scheduled one begins at its time, and ages from then', () => {
    const desk = new Desk();
    desk.send({ type: 'callback.scheduled', at: 60_000, ...desk.new('a') });
    desk.pass(59_999);
    expect(desk.started).toEqual([]);
    desk.pass(60_000);
    expect(desk.started).toEqual([{ contactId: 'a-1', agedSince: 60_000, at: 60_000 }]);
    expect(desk.timerAt).toBeNull();
  });

  it('[CBK-4] tries again after the gap with the old age, as often as it may', () => {
    const desk = new Desk();
    desk.request('a', 100);
    desk.ended('a-1', 'failed', 'sip-486');
    expect(desk.row('a')).toMatchObject({ state: 'resting', attempts: 1, dueAt: 601_000, reason: 'sip-486' });
    desk.pass(601_000);
    expect(desk.started.at(-1)).toEqual({ contactId: 'a-2', agedSince: 100, at: 601_000 });
    desk.ended('a-2', 'failed', 'no-answer');
    expect(desk.row('a')).toMatchObject({ state: 'failed', attempts: 2, dueAt: null, reason: 'no-answer' });
    expect(desk.book.open()).toEqual([]);
    expect(desk.timerAt).toBeNull();
  });

  it('[CBK-4] connected is done', () => {
    const desk = new Desk();
    desk.request('a');
    desk.ended('a-1', 'answered', 'agent-hung-up');
    expect(desk.row('a')).toMatchObject({ state: 'done', endedAt: 1_000 });
    expect(desk.ended('a-1', 'failed', 'sip-486')).toEqual([]);
  });

  it.each([
    ['failed', 'agent-hung-up'],
    ['failed', 'server-stopped'],
    ['overflowed', 'max-wait'],
  ] as const)('[CBK-5] %s by %s uses up no attempt', (outcome, reason) => {
    const desk = new Desk();
    desk.request('a');
    desk.ended('a-1', outcome, reason);
    expect(desk.row('a')).toMatchObject({ state: 'resting', attempts: 0, dueAt: 61_000 });
  });

  it('[CBK-6] expires 24 hours after it was promised, or with its queue', () => {
    const desk = new Desk();
    desk.request('a');
    for (let at = 1; desk.row('a')?.endedAt === null && at < 3_000; at++) {
      desk.ended(desk.started.at(-1)?.contactId ?? '', 'overflowed', 'full');
      desk.pass(desk.now + 60_000);
    }
    expect(desk.row('a')).toMatchObject({
      state: 'failed',
      reason: 'expired',
      endedAt: 1_000 + 24 * 3_600_000,
    });
    desk.request('b', 0, '+420222');
    desk.ended(desk.started.at(-1)?.contactId ?? '', 'overflowed', 'queue-removed');
    expect(desk.row('b')).toMatchObject({ state: 'failed', reason: 'queue-removed' });
  });

  it('[CBK-7] is called now, put off and cancelled by command', () => {
    const desk = new Desk();
    desk.send({ type: 'callback.scheduled', at: 60_000, ...desk.new('a') });
    desk.send({ type: 'callback.called-now', id: id('a') });
    expect(desk.started).toEqual([{ contactId: 'a-1', agedSince: 1_000, at: 1_000 }]);
    expect(desk.send({ type: 'callback.called-now', id: id('a') })).toEqual(['refused']);
    desk.send({ type: 'callback.put-off', id: id('a'), at: 90_000 });
    expect(desk.cancelled).toEqual(['a-1']);
    expect(desk.ended('a-1', 'overflowed', 'removed-by-supervisor')).toEqual([]);
    expect(desk.row('a')).toMatchObject({ state: 'scheduled', dueAt: 90_000 });
    desk.pass(90_000);
    desk.send({ type: 'callback.cancelled', id: id('a'), reason: 'by-user' });
    expect(desk.cancelled).toEqual(['a-1', 'a-2']);
    expect(desk.row('a')).toMatchObject({ state: 'cancelled', reason: 'by-user' });
    expect(desk.send({ type: 'callback.cancelled', id: id('a'), reason: 'again' })).toEqual(['refused']);
  });

  it('[CBK-8] goes on after a restart', () => {
    const before = new Desk();
    before.request('waits', 100);
    before.request('lives', 200, '+420222');
    before.request('rests', 300, '+420333');
    before.ended('rests-3', 'failed', 'sip-486');
    const desk = new Desk();
    desk.now = 50_000;
    for (const record of before.rows.values())
      desk.send({ type: 'callback.restored', record, isLive: record.id === 'lives' });
    expect(desk.started).toEqual([{ contactId: 'waits-1', agedSince: 100, at: 50_000 }]);
    expect(desk.timerAt).toBe(601_000);
    desk.ended('lives-2', 'answered', 'customer-hung-up');
    expect(desk.row('lives')).toMatchObject({ state: 'done' });
  });

  it('[CBK-10] begins in the queue into which its attempt was moved, also after a restart', () => {
    const before = new Desk();
    before.request('moved', 100);
    const other = 'other' as QueueId;
    before.send({ type: 'attempt.moved', contactId: contact('moved-1'), queueId: other });
    before.send({ type: 'attempt.moved', contactId: contact('unknown'), queueId: other });
    expect(before.row('moved')).toMatchObject({ queueId: other, state: 'waiting' });
    const desk = new Desk();
    const record = before.row('moved');
    if (record !== undefined) desk.send({ type: 'callback.restored', record, isLive: false });
    expect(desk.started).toHaveLength(1);
    expect(desk.row('moved')).toMatchObject({ queueId: other });
  });

  it('[CBK-9] takes 10,000 open callbacks and no more', () => {
    const desk = new Desk();
    for (let n = 0; n < 10_000; n++) {
      const row = { ...desk.new(`r${n}`, String(n)), agedSince: 0 };
      const record = {
        ...row,
        ...({ origin: 'scheduled', state: 'scheduled', createdAt: 0, dueAt: 9e9, promisedAt: 9e9 } as const),
        ...{ attempts: 0, contactId: null, reason: '', endedAt: null },
      };
      if (n < 9_999) desk.book.handle({ type: 'callback.restored', record, isLive: false }, 0);
      else expect(desk.request('last', 0, 'x')).toContain('promised');
    }
    expect(desk.request('above', 0, 'y')).toEqual(['refused']);
  }, 60_000);

  it('[CBK-4] [CBK-7] [CBK-9] whatever happens, no callback is stuck and none has two attempts', () => {
    const names = ['a', 'b', 'c'];
    const step = fc.oneof(
      fc.tuple(fc.constant('request' as const), fc.constantFrom(...names)),
      fc.tuple(fc.constant('schedule' as const), fc.constantFrom(...names)),
      fc.tuple(fc.constant('now' as const), fc.constantFrom(...names)),
      fc.tuple(fc.constant('off' as const), fc.constantFrom(...names)),
      fc.tuple(fc.constant('cancel' as const), fc.constantFrom(...names)),
      fc.tuple(fc.constant('pass' as const), fc.constantFrom('30000', '700000')),
      fc.tuple(
        fc.constantFrom('answered' as const, 'failed' as const),
        fc.constantFrom('sip-486', 'agent-x'),
      ),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const desk = new Desk();
        let count = 0;
        const find = (name: string) =>
          desk.book.open().find(({ number }) => number === name)?.id ?? id('none');
        for (const [what, name] of steps) {
          count += 1;
          if (what === 'request') desk.request(`r${count}`, desk.now, name);
          else if (what === 'schedule')
            desk.send({ type: 'callback.scheduled', at: desk.now + 60_000, ...desk.new(`s${count}`, name) });
          else if (what === 'now') desk.send({ type: 'callback.called-now', id: find(name) });
          else if (what === 'off')
            desk.send({ type: 'callback.put-off', id: find(name), at: desk.now + 50_000 });
          else if (what === 'cancel')
            desk.send({ type: 'callback.cancelled', id: find(name), reason: 'test' });
          else if (what === 'pass') desk.pass(desk.now + Number(name));
          else desk.ended(desk.started.at(-1)?.contactId ?? '', what, name);
          const open = desk.book.open();
          expect(new Set(open.map(({ number }) => number)).size).toBe(open.length);
          for (const record of open) {
            if (record.state === 'waiting') expect(record.contactId).not.toBeNull();
            else expect(record.dueAt).toBeGreaterThan(desk.now - 1);
            expect(record).toEqual(desk.rows.get(record.id));
          }
          const due = open.flatMap(({ dueAt }) => dueAt ?? []);
          expect(desk.timerAt).toBe(due.length === 0 ? null : Math.min(...due));
        }
        const attempts = desk.book
          .open()
          .flatMap(({ state, contactId }) => (state === 'waiting' ? contactId : []));
        expect(new Set(attempts).size).toBe(attempts.length);
      }),
      { numRuns: 300, seed: 4 },
    );
  });
});
