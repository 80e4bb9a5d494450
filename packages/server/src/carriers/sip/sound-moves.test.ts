import type { ContactId, LegId } from '@crosspoint/contracts';
import type { SipStack } from '@crosspoint/sip';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SipLeg } from './leg.ts';
import type { LegSound } from './leg-sound.ts';
import type { SipShell } from './shell.ts';
import { SoundMoves } from './sound-moves.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A leg whose stack takes an offer or not, and whose description is taken when `accepts`. */
function world({ state = 'up' }: { state?: SipLeg['state'] } = {}) {
  const happened: string[] = [];
  const now = { isFree: true, isOutdated: false, isOffered: false, isAgreedLate: false };
  const stack = {
    reinvite: () => {
      happened.push('offered');
      return now.isFree ? { ok: true } : { ok: false, code: 'wrong-state', detail: 'an offer is open' };
    },
  } as unknown as SipStack;
  const shell = {
    run: (action: (stack: SipStack, at: number) => unknown) => action(stack, 0),
  } as unknown as SipShell;
  const sound = {
    get isOutdated() {
      return now.isOutdated;
    },
    useSocket: () => {
      now.isOutdated = true;
    },
    offerAsIs: () => 'offer',
    withdrawOffer: () => void happened.push('withdrawn'),
    get awaitsAnswer() {
      return now.isOffered;
    },
    acceptAnswer: () => {
      now.isOutdated = now.isAgreedLate;
      return undefined;
    },
  } as unknown as LegSound;
  const leg = { legId: 'leg' as LegId, contactId: 'c' as ContactId, sessionId: 's', state, sound } as SipLeg;
  const moves = new SoundMoves({
    shell,
    failed: () => void happened.push('failed'),
    log: () => undefined,
  });
  const result = (status: number, body?: Uint8Array) =>
    moves.answered(leg, {
      ...{ type: 'reinvite-result', sessionId: 's', status, reason: '' },
      ...(body === undefined ? {} : { body }),
    });
  return { happened, now, leg, moves, result };
}

const body = new Uint8Array(1);

test('[OPS-03] a far end that is up is told once, and nothing is left when it has agreed', () => {
  const { happened, leg, moves, result } = world();
  moves.moved(leg, { port: 30_000 });
  result(200, body);
  moves.tell(leg);
  expect(happened).toEqual(['offered']);
  expect(vi.getTimerCount()).toBe(0);
});

test('[OPS-03] a call that still rings is told when it is up', () => {
  const { happened, leg, moves } = world({ state: 'ringing' });
  moves.moved(leg, { port: 30_000 });
  expect(happened).toEqual([]);
  leg.state = 'up';
  moves.tell(leg);
  expect(happened).toEqual(['offered']);
});

test('[OPS-03] [RFC3261 §14.1] while another offer is open ours is tried again, unless that one told the far end', () => {
  const { happened, now, leg, moves } = world();
  now.isFree = false;
  moves.moved(leg, { port: 30_000 });
  vi.advanceTimersByTime(150);
  expect(happened).toEqual(['offered', 'withdrawn', 'offered', 'withdrawn']);
  now.isOutdated = false;
  vi.advanceTimersByTime(10_000);
  expect(happened).toHaveLength(4);
  expect(vi.getTimerCount()).toBe(0);
});

test('[OPS-03] a leg that moves again before its far end has answered is told of the second move after the first', () => {
  const { happened, now, leg, moves, result } = world();
  moves.moved(leg, { port: 30_000 });
  now.isOffered = true;
  moves.moved(leg, { port: 30_002 });
  vi.advanceTimersByTime(1_000);
  expect(happened).toEqual(['offered']);
  // What the far end has agreed to is not where the sound is now.
  now.isOffered = false;
  now.isAgreedLate = true;
  result(200, body);
  now.isAgreedLate = false;
  vi.advanceTimersByTime(150);
  expect(happened).toEqual(['offered', 'offered']);
  result(200, body);
  expect(now.isOutdated).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test('[OPS-03] an offer of another kind that is on its way is not forgotten for the telling', () => {
  const { happened, now, leg, moves } = world();
  now.isOffered = true;
  moves.moved(leg, { port: 30_000 });
  expect(happened).toEqual([]);
  now.isOffered = false;
  vi.advanceTimersByTime(150);
  expect(happened).toEqual(['offered']);
  moves.forget(leg.legId);
});

test('[OPS-03] a far end that refuses three times cannot be told', () => {
  const { happened, leg, moves, result } = world();
  moves.moved(leg, { port: 30_000 });
  for (const status of [488, 500, 488]) {
    result(status);
    vi.advanceTimersByTime(150);
  }
  expect(happened.filter((what) => what === 'offered')).toHaveLength(3);
  expect(happened.at(-1)).toBe('failed');
  expect(vi.getTimerCount()).toBe(0);
});

test('[OPS-03] a leg that is over is not told any more', () => {
  const { happened, now, leg, moves, result } = world();
  now.isFree = false;
  moves.moved(leg, { port: 30_000 });
  moves.forget(leg.legId);
  result(200, body);
  vi.advanceTimersByTime(10_000);
  expect(happened).toEqual(['offered', 'withdrawn']);
  expect(vi.getTimerCount()).toBe(0);
});

test('[OPS-03] [CAR-03] a page that cannot go on with another socket is called again without a second attempt', () => {
  const { happened, leg, moves, result } = world();
  leg.browser = { connectionId: 1 } as SipLeg['browser'];
  moves.moved(leg, { port: 30_000 });
  result(488);
  expect(happened).toEqual(['offered', 'withdrawn', 'failed']);
  expect(vi.getTimerCount()).toBe(0);
});
