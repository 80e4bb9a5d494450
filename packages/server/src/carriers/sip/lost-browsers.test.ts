import type { AgentId, ContactId, LegId } from '@crosspoint/contracts';
import type { Flow } from '@crosspoint/sip';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type SipLeg, SipLegs } from './leg.ts';
import { LostBrowsers } from './lost-browsers.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const agentId = 'agent' as AgentId;
const flow = { protocol: 'ws', connectionId: 2 } as Flow;

/** What JsSIP writes into its BYE when ICE has failed. */
const noSound = 'SIP ;cause=408; text="RTP Timeout"';

/** An agent's leg that talks, and nobody to whom it could be led. */
function world({ isBrowser = true } = {}) {
  const happened: string[] = [];
  const legs = new SipLegs();
  /** Where pages are registered, by their Contact. */
  const registered = new Map<string, Flow>();
  const browsers = new LostBrowsers({
    legs,
    media: undefined as never,
    toBrowser: () => {
      if (registered.size > 0) happened.push('called anew');
      return { stages: [] };
    },
    flowOfBrowser: (_, contact) => registered.get(contact),
    rejoin: (sessionId, { connectionId }) => happened.push(`${sessionId} on ${connectionId}`) > 0,
    outgoing: undefined as never,
    noteHold: (_, held) => void happened.push(held ? 'held' : 'resumed'),
    changed: () => undefined,
    giveUp: () => void happened.push('given up'),
    endSession: () => undefined,
  });
  const leg = {
    ...{ legId: 'leg' as LegId, contactId: 'c' as ContactId, sessionId: 's', state: 'up', held: false },
    ...(isBrowser ? { browser: { command: { agentId }, connectionId: 1, contact: 'sip:page' } } : {}),
  } as SipLeg;
  legs.add(leg);
  return { happened, browsers, leg, registered };
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

test('[CAR-03] a page that could not agree on another path for its sound is called anew: its agent has not hung up', () => {
  const { happened, browsers, leg } = world();
  expect(browsers.hangsUpForSound(leg, 'SIP ;cause=500; text="Media Renegotiation Failed"')).toBe(true);
  expect(browsers.isLost(leg.legId)).toBe(true);
  expect(happened).toEqual(['held']);
  browsers.forget(leg.legId);
});

test('[CAR-03] an agent who hangs up has hung up, and so has a telephone whatever it says', () => {
  const { browsers, leg } = world();
  expect(browsers.hangsUpForSound(leg)).toBe(false);
  expect(browsers.hangsUpForSound(leg, 'SIP;cause=200;text="Call completed elsewhere"')).toBe(false);
  const phone = world({ isBrowser: false });
  expect(phone.browsers.hangsUpForSound(phone.leg, noSound)).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test('[CAR-03] a page that has only lost its connection goes on with its call over the next one', () => {
  const { happened, browsers, leg, registered } = world();
  browsers.changed(agentId, new Set());
  expect(happened).toEqual(['held']);
  registered.set('sip:page', flow);
  browsers.changed(agentId, new Set([2]));
  expect(happened).toEqual(['held', 's on 2', 'resumed']);
  expect([leg.browser?.connectionId, browsers.isLost(leg.legId)]).toEqual([2, false]);
  // It says that it does not know the call, or its sound does not come back.
  browsers.suspend(leg);
  expect(happened.slice(3)).toEqual(['held', 'called anew']);
  browsers.forget(leg.legId);
  expect(vi.getTimerCount()).toBe(0);
});

test('[CAR-03] a page that was loaded anew is another one, and is called', () => {
  const { happened, browsers, leg, registered } = world();
  browsers.changed(agentId, new Set());
  registered.set('sip:another-page', flow);
  browsers.changed(agentId, new Set([2]));
  expect(happened).toEqual(['held', 'called anew']);
  browsers.forget(leg.legId);
});
