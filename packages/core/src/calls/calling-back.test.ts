import type { LegId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { agentLeg, ann, Call, customer, recording } from '../../test/contact-kit.ts';

describe('the caller who is promised a callback', () => {
  test('[CALL-50] stays to hear the farewell, and is hung up at its end', () => {
    const call = new Call();
    call.wait();
    call.queueLeft('callback', 'requested');
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'callback', reason: 'requested' }]);
    expect(call.effects('leg.hangup')).toEqual([]);
    call.send({ type: 'farewell.over' });
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: customer, code: 200 }]);
    call.end(customer);
    expect(call.steps().at(-1)).toBe('closed');
    expect(call.timers.size).toBe(0);
  });

  test('[CALL-50] is hung up after 30 s when nobody reports the end of it', () => {
    const call = new Call();
    call.wait();
    call.queueLeft('callback', 'requested');
    call.advance(29_999);
    expect(call.effects('leg.hangup')).toEqual([]);
    call.advance(1);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: customer }]);
  });

  test('[CALL-50] may hang up first; who rings for him is released', () => {
    const call = new Call();
    call.wait();
    call.offer();
    call.queueLeft('callback', 'requested');
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: agentLeg, code: 487 }]);
    call.end(customer);
    call.fail(agentLeg, 487);
    expect(call.steps().at(-1)).toBe('closed');
    expect(call.timers.size).toBe(0);
  });
});

describe('the contact that is called back', () => {
  test('[CALL-51] waits without a leg, with its age', () => {
    const call = new Call();
    call.callBack();
    expect(call.all.find(({ type }) => type === 'contact.entered')).toMatchObject({
      queueId: 'q',
      priority: 2,
      caller: '+420555000111',
      agedSince: -60_000,
      via: 'callback',
    });
    expect(call.machine.view()).toMatchObject({ state: 'waiting', legs: [] });
  });

  test('[CALL-51] the agent comes first, then the customer; they talk for the queue', () => {
    const call = new Call();
    call.callBack();
    call.offer();
    expect(call.effects('leg.dial')).toMatchObject([{ legId: agentLeg, callerPhone: '+420555000111' }]);
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.assign();
    expect(call.effects('leg.call')).toEqual([
      { type: 'leg.call', legId: customer, agentId: ann, number: '+420555000111' },
    ]);
    expect(call.machine.view().state).toBe('dialling');
    call.send({ type: 'leg.ringing', legId: customer });
    expect(call.effects('media.play')).toEqual([{ type: 'media.play', legId: agentLeg, source: 'ringback' }]);
    call.send({ type: 'leg.answered', legId: customer });
    expect(call.effects('media.bridge')).toHaveLength(1);
    expect(call.effects('recording.start')).toMatchObject([{ recordingId: recording, queueId: 'q' }]);
    expect(call.dataOf('segment.started')).toMatchObject([{ agentId: ann, queueId: 'q' }]);
    call.end(customer);
    expect(call.effects('conversation.ended')).toEqual([{ type: 'conversation.ended', agentId: ann }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason: 'customer-hung-up' }]);
  });

  test.each([
    [486, 'sip-486'],
    [603, 'sip-603'],
  ])('[CALL-52] a customer who is not reached (%i) releases the agent', (code, reason) => {
    const call = new Call();
    call.callBack();
    call.offer();
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.assign();
    call.fail(customer, code);
    expect(call.effects('conversation.ended')).toEqual([{ type: 'conversation.ended', agentId: ann }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'failed', reason }]);
    call.end(agentLeg);
    call.send({ type: 'contact.wrapped' });
    expect(call.steps().at(-1)).toBe('closed');
    expect(call.timers.size).toBe(0);
  });

  test('[CALL-52] nobody answers, or the agent gives up', () => {
    for (const how of ['silence', 'agent'] as const) {
      const call = new Call();
      call.callBack();
      call.offer();
      call.send({ type: 'leg.answered', legId: agentLeg });
      call.assign();
      if (how === 'silence') call.advance(30_000);
      else call.end(agentLeg);
      expect(call.effects('conversation.ended')).toHaveLength(1);
      const reason = how === 'silence' ? 'no-answer' : 'agent-hung-up';
      expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'failed', reason }]);
      expect(call.effects('leg.hangup').map(({ legId }) => legId)).toContain(customer);
    }
  });

  test('[CALL-51] an agent who refuses costs the callback nothing but the time', () => {
    const call = new Call();
    call.callBack();
    call.offer();
    call.fail(agentLeg, 486);
    expect(call.effects('offer.failed')).toHaveLength(1);
    call.offer(2);
    expect(call.effects('leg.dial')).toMatchObject([{ legId: 'agent-2' as LegId }]);
  });
});
