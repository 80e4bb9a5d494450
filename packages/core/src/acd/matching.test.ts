import { describe, expect, test } from 'vitest';
import { Desk } from '../../test/distributor-kit.ts';

describe('matching', () => {
  test('[ACD-9] a freed agent gets the oldest contact in the same step', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    d.enter('c1');
    d.accept('c1/o1');
    d.enter('c2');
    d.advance(1_000);
    d.enter('c3');
    d.endTalk('c1', 'ann');
    expect(d.offers()).toEqual(['c2→ann']);
  });

  test.each([
    ['the status', (d: Desk) => d.status('ann', 'break'), (d: Desk) => d.status('ann', 'available')],
    ['the device', (d: Desk) => d.device('ann', false), (d: Desk) => d.device('ann', true)],
    ['a membership', (d: Desk) => d.configure('ann', { queues: [] }), (d: Desk) => d.configure('ann')],
  ])('[ACD-9] the moment %s allows it, the waiting contact is offered', (_what, away, back) => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    away(d);
    d.enter('c1');
    expect(d.offers()).toEqual([]);
    back(d);
    expect(d.offers()).toEqual(['c1→ann']);
  });

  test('[ACD-10] the lower priority number of the membership goes first, on both sides', () => {
    const d = new Desk();
    d.queue('q');
    d.queue('r');
    d.agent('ann', { queues: [{ name: 'q', priority: 2 }] });
    d.advance(1_000);
    d.agent('bob', { queues: [{ name: 'q', priority: 1 }] });
    d.enter('c1');
    expect(d.offers()).toEqual(['c1→bob']);
    expect(d.facts('offer.made')).toMatchObject([{ why: 'queue-priority', consideredCount: 2 }]);
    d.configure('ann', { queues: [] });
    d.enter('old', { queue: 'q' });
    d.advance(1_000);
    d.enter('new', { queue: 'r' });
    d.configure('ann', { queues: [{ name: 'q', priority: 2 }, 'r'] });
    expect(d.offers()).toEqual(['new→ann']);
  });

  test('[ACD-10] an agent with a delay takes a contact only when it has waited so long', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann', { queues: [{ name: 'q', delaySeconds: 20 }] });
    d.enter('c1');
    expect(d.offers()).toEqual([]);
    d.advance(19_999);
    expect(d.offers()).toEqual([]);
    d.advance(1);
    expect(d.offers()).toEqual(['c1→ann']);
  });

  test('[ACD-10] the delay counts the routing age: a young contact of a higher class does not hide an old one', () => {
    const d = new Desk();
    d.queue('q');
    d.enter('old');
    d.advance(25_000);
    d.enter('vip', { priority: 9 });
    d.agent('ann', { queues: [{ name: 'q', delaySeconds: 20 }] });
    expect(d.offers()).toEqual(['old→ann']);
  });

  test('[ACD-10] priority beats delay: who is delayed comes first once his delay is over', () => {
    const d = new Desk();
    d.queue('q', { ringTimeoutSeconds: 30, noAnswerDelaySeconds: 0 });
    d.agent('slow', { queues: [{ name: 'q', priority: 1, delaySeconds: 10 }] });
    d.agent('ann', { queues: [{ name: 'q', priority: 2 }] });
    d.enter('c1');
    expect(d.offers()).toEqual(['c1→ann']);
    d.advance(30_000);
    expect(d.offers()).toEqual(['c1→slow']);
  });

  test('[ACD-11] longest idle; who talked last comes last', () => {
    const d = new Desk();
    d.queue('q');
    for (const name of ['ann', 'bob', 'eve']) {
      d.agent(name);
      d.advance(1_000);
    }
    d.enter('c1');
    expect(d.facts('offer.made')).toMatchObject([
      { agentId: 'ann', why: 'longest-idle', consideredCount: 3 },
    ]);
    d.accept('c1/o1');
    d.advance(1_000);
    d.endTalk('c1', 'ann');
    d.enter('c2');
    d.enter('c3');
    d.enter('c4');
    const made = d.all.flatMap((effect) => (effect.type === 'offer.make' ? [effect.agentId] : []));
    expect(made).toEqual(['ann', 'bob', 'eve', 'ann']);
  });

  test('[ACD-11] an agent of several queues of one priority takes the contact that waits longest', () => {
    const d = new Desk();
    d.queue('q');
    d.queue('r');
    d.enter('younger', { queue: 'q', agedSince: 0 });
    d.advance(5_000);
    d.enter('older', { queue: 'r', agedSince: -1_000 });
    d.enter('vip', { queue: 'r', priority: 1 });
    d.agent('ann', { queues: ['q', 'r'], capacity: 3 });
    expect(d.offers()).toEqual(['vip→ann', 'older→ann', 'younger→ann']);
  });

  test('[ACD-25] the explanation names the first reason against each agent', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('away');
    d.status('away', 'break', 'lunch');
    d.configure('off');
    d.agent('mute');
    d.device('mute', false);
    d.agent('slow', { queues: [{ name: 'q', delaySeconds: 60 }] });
    d.agent('busy');
    d.enter('c1');
    d.enter('c2');
    const explained = d.distributor.explain('c2' as never, d.now);
    expect(explained).toMatchObject({ ahead: 1, entry: { position: 2 } });
    expect(explained?.agents).toEqual([
      { agentId: 'away', reason: 'status-break', until: null, lacks: null },
      { agentId: 'off', reason: 'status-offline', until: null, lacks: null },
      { agentId: 'mute', reason: 'device-unreachable', until: null, lacks: null },
      { agentId: 'slow', reason: 'delay', until: 60_000, lacks: null },
      { agentId: 'busy', reason: 'at-capacity', until: null, lacks: null },
    ]);
    expect(d.distributor.explain('nobody' as never, d.now)).toBeUndefined();
  });
});

describe('configuration', () => {
  test('[ACD-19] a removed queue overflows everybody and frees who rang for it', () => {
    const d = new Desk();
    d.queue('q');
    d.queue('r');
    d.agent('ann', { queues: ['q', 'r'] });
    d.enter('c1');
    d.enter('c2');
    d.enter('c3', { queue: 'r' });
    d.send({ type: 'queue.removed', queueId: 'q' as never });
    expect(d.effects('contact.overflowed').map((each) => [each.contactId, each.reason])).toEqual([
      ['c1', 'queue-removed'],
      ['c2', 'queue-removed'],
    ]);
    expect(d.offers()).toEqual(['c3→ann']);
    expect(d.distributor.queue('q' as never, d.now)).toBeUndefined();
    expect(d.timers.has('ring:c1/o1')).toBe(false);
  });

  test('[ACD-19] a removed agent hands his offer to the next, and his end of talk is still answered', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    d.advance(1);
    d.agent('bob');
    d.enter('c1');
    d.send({ type: 'agent.removed', agentId: 'ann' as never });
    expect(d.offers()).toEqual(['c1→bob']);
    d.accept('c1/o2');
    d.send({ type: 'agent.removed', agentId: 'bob' as never });
    expect(d.effects('contact.wrapped')).toHaveLength(1);
    expect(d.endTalk('c1', 'bob')).toEqual([{ type: 'contact.wrapped', contactId: 'c1', agentId: 'bob' }]);
    expect(d.distributor.agents(d.now)).toEqual([]);
  });

  test('[ACD-19] agents who name a queue join it when it appears; changed settings act at once', () => {
    const d = new Desk();
    d.agent('ann', { queues: ['late'] });
    d.queue('late');
    expect(d.distributor.queue('late' as never, d.now)).toMatchObject({ agentsReady: 1, agentsStaffed: 1 });
    d.status('ann', 'offline');
    d.enter('c1', { queue: 'late' });
    d.advance(30_000);
    d.queue('late', { maxWaitSeconds: 10 });
    d.advance(0);
    expect(d.effects('contact.overflowed')).toMatchObject([{ contactId: 'c1' }]);
  });
});
