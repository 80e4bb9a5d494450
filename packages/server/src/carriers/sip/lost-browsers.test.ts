import type { ContactId, LegId } from '@crosspoint/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type SipLeg, SipLegs } from './leg.ts';
import { LostBrowsers } from './lost-browsers.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What JsSIP writes into its BYE when ICE has failed. */
const noSound = 'SIP ;cause=408; text="RTP Timeout"';

/** An agent's leg that talks, and nobody to whom it could be led. */
function world({ isBrowser = true } = {}) {
  const happened: string[] = [];
  const browsers = new LostBrowsers({
    legs: new SipLegs(),
    media: undefined as never,
    toBrowser: () => ({ stages: [] }),
    outgoing: undefined as never,
    noteHold: (_, held) => void happened.push(held ? 'held' : 'resumed'),
    changed: () => undefined,
    giveUp: () => void happened.push('given up'),
    endSession: () => undefined,
  });
  const leg = {
    ...{ legId: 'leg' as LegId, contactId: 'c' as ContactId, sessionId: 's', state: 'up', held: false },
    ...(isBrowser ? { browser: { command: {}, connectionId: 1 } } : {}),
  } as SipLeg;
  return { happened, browsers, leg };
}

test('[CAR-03] a page that hangs up because ICE has failed may come back for half a minute, on hold', () => {
  const { happened, browsers, leg } = world();
  expect(browsers.hangsUpForSound(leg, noSound)).toBe(true);
  expect(browsers.isLost(leg.legId)).toBe(true);
  expect(happened).toEqual(['held']);
  vi.advanceTimersByTime(30_000);
  expect(happened).toEqual(['held', 'given up']);
  browsers.forget(leg.legId);
  expect(vi.getTimerCount()).toBe(0);
});

test('[CAR-03] an agent who hangs up has hung up, and so has a telephone whatever it says', () => {
  const { browsers, leg } = world();
  expect(browsers.hangsUpForSound(leg)).toBe(false);
  expect(browsers.hangsUpForSound(leg, 'SIP;cause=200;text="Call completed elsewhere"')).toBe(false);
  const phone = world({ isBrowser: false });
  expect(phone.browsers.hangsUpForSound(phone.leg, noSound)).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});
