import { describe, expect, test } from 'vitest';
import { agentId, contactId, Desk } from '../../test/distributor-kit.ts';

const engage = (d: Desk, contact: string, engaged: boolean) =>
  d.send({ type: 'agent.engaged', agentId: agentId('ann'), contactId: contactId(contact), engaged });

describe('a call that no queue gave', () => {
  test('[ACD-90] keeps the agent from offers, and the one who waits is offered when it is over', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    engage(d, 'out', true);
    expect(d.view('ann')).toMatchObject({
      activity: 'on-contact',
      readiness: { ready: false, reason: 'at-capacity' },
      contacts: [{ contactId: 'out', queueId: null, state: 'talking' }],
    });
    d.enter('c1');
    expect(d.offers()).toEqual([]);
    engage(d, 'out', false);
    expect(d.offers()).toEqual(['c1→ann']);
    expect(d.effects('contact.wrapped')).toEqual([]);
  });

  test('[ACD-90] is offered while it rings, and holds the slot then too', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    const ring = { type: 'agent.engaged', agentId: agentId('ann'), contactId: contactId('out') } as const;
    d.send({ ...ring, engaged: true, isRinging: true });
    expect(d.view('ann')).toMatchObject({
      activity: 'offered',
      readiness: { ready: false, reason: 'at-capacity' },
      contacts: [{ contactId: 'out', queueId: null, state: 'offered' }],
    });
    d.enter('c1');
    expect(d.offers()).toEqual([]);
    engage(d, 'out', true);
    expect(d.view('ann')).toMatchObject({ activity: 'on-contact', contacts: [{ state: 'talking' }] });
    engage(d, 'out', false);
    expect(d.offers()).toEqual(['c1→ann']);
  });

  test('[ACD-90] as the caller of the house leaves no slot, so that nobody is offered the own call', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann', { capacity: 3 });
    const call = { type: 'agent.engaged', agentId: agentId('ann'), contactId: contactId('own') } as const;
    d.send({ ...call, engaged: true, asCaller: true });
    d.enter('own');
    d.enter('c1');
    expect(d.view('ann').readiness).toMatchObject({ ready: false, reason: 'at-capacity' });
    expect(d.offers()).toEqual([]);
    d.agent('bob');
    expect(d.offers()).toEqual(['own→bob']);
    d.send({ ...call, engaged: false });
    expect(d.offers()).toEqual(['c1→ann']);
  });

  test('[ACD-90] is held and resumed like another', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    engage(d, 'out', true);
    const hold = { contactId: contactId('out'), agentId: agentId('ann') };
    d.send({ type: 'hold.changed', ...hold, held: true });
    expect(d.view('ann').activity).toBe('hold');
    d.send({ type: 'hold.changed', ...hold, held: false });
    expect(d.view('ann').activity).toBe('on-contact');
  });

  test('[ACD-15 ACD-90] lets a status chosen during it apply after it', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    engage(d, 'out', true);
    d.status('ann', 'break', 'lunch');
    expect(d.view('ann')).toMatchObject({ status: 'available', nextStatus: 'break' });
    engage(d, 'out', false);
    expect(d.view('ann')).toMatchObject({ status: 'break', nextStatus: null });
  });

  test('[ACD-23 ACD-90] that is gone without a word does not keep the agent', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    engage(d, 'out', true);
    const look = () =>
      d.send({
        type: 'reality.seen',
        contacts: new Set(),
        ringing: new Set(),
        talking: new Map(),
        reachable: new Set([agentId('ann')]),
      });
    look();
    expect(d.view('ann').readiness.ready).toBe(false);
    d.advance(5_000);
    look();
    expect(d.effects('repaired')).toMatchObject([{ what: 'engagement-gone' }]);
    expect(d.view('ann').readiness.ready).toBe(true);
  });
});
