import type { AgentId, LegId, OfferId, QueueId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { agentLeg, Call, customer } from '../../test/contact-kit.ts';

describe('entry', () => {
  test('[CALL-1] the caller is answered only when the contact has its place', () => {
    const call = new Call();
    call.arrive();
    expect(call.steps()).toEqual(['fact:contact.started', 'fact:leg.added', 'contact.entered']);
    expect(call.machine.view().state).toBe('arriving');
    call.queueEntered();
    call.send({ type: 'entry.accepted' });
    expect(call.steps()).toEqual(['leg.answer']);
  });

  test.each([
    ['queue-full', 486],
    ['unknown-queue', 480],
    ['duplicate', 500],
  ])('[CALL-2] %s refuses the call with %i', (reason, code) => {
    const call = new Call();
    call.arrive();
    call.send({ type: 'entry.refused', reason });
    expect(call.effects('leg.reject')).toEqual([{ type: 'leg.reject', legId: customer, code, reason }]);
    expect(call.dataOf('contact.deflected')).toEqual([{ reason, queueId: 'q' }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'deflected', reason }]);
    expect(call.steps()).toEqual([
      'leg.reject',
      'fact:leg.ended',
      'fact:contact.deflected',
      'fact:contact.ended',
      'fact:contact.closed',
      'closed',
    ]);
    expect(call.dataOf('leg.ended')[0]?.verdict).toEqual({ result: 'rejected', reason: `sip-${code}` });
    expect(call.timers.size).toBe(0);
  });

  test('[CALL-2] a number without target is refused at once', () => {
    const call = new Call();
    call.send({
      type: 'contact.arrived',
      legId: customer,
      number: '999',
      callerPhone: '',
      callerName: '',
      carrier: 'sip',
      target: { kind: 'refuse', code: 404, reason: 'unknown-number' },
    });
    expect(call.effects('leg.reject')).toMatchObject([{ code: 404, reason: 'unknown-number' }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'deflected', reason: 'unknown-number' }]);
  });

  test('[CALL-27] an agent whose device calls the house is engaged until the call is over', () => {
    const call = new Call();
    call.send({
      ...{ type: 'contact.arrived', legId: customer, number: '700', callerPhone: 'ann', callerName: '' },
      ...{ carrier: 'sip', agentId: 'ann' as AgentId },
      target: { kind: 'queue', queueId: 'q' as QueueId, priority: 0, record: true, greeting: null },
    });
    const engaged = { type: 'agent.engaged', agentId: 'ann' };
    expect(call.steps()).toContain('agent.engaged');
    expect(call.last).toContainEqual({ ...engaged, engaged: true, asCaller: true });
    call.queueEntered();
    call.send({ type: 'entry.accepted' });
    call.send({ type: 'leg.answered', legId: customer });
    call.end(customer);
    call.queueLeft('abandoned');
    expect(call.all).toContainEqual({ ...engaged, engaged: false });
  });

  test('[CALL-3] music plays from the moment the leg is up', () => {
    const call = new Call();
    call.wait();
    expect(call.effects('media.play')).toEqual([{ type: 'media.play', legId: customer, source: 'music' }]);
    expect(call.machine.view()).toMatchObject({ state: 'waiting', legs: [{ state: 'waiting' }] });
  });
});

describe('offers', () => {
  test('[CALL-4] an answer is an acceptance; the sound waits for the assignment', () => {
    const call = new Call();
    call.wait();
    call.offer();
    expect(call.steps()).toEqual(['fact:leg.added', 'leg.dial']);
    expect(call.machine.view()).toMatchObject({ state: 'offered', legs: [{}, { offerId: 'c1/o1' }] });
    call.send({ type: 'leg.ringing', legId: agentLeg });
    call.send({ type: 'leg.answered', legId: agentLeg });
    expect(call.steps()).toEqual(['offer.accepted']);
  });

  test.each([
    [486, 'remote', 'busy', 'sip-486'],
    [600, 'remote', 'busy', 'sip-600'],
    [603, 'remote', 'rejected', 'sip-603'],
    [607, 'remote', 'rejected', 'sip-607'],
    [403, 'remote', 'rejected', 'sip-403'],
    [480, 'remote', 'rejected', 'sip-480'],
    [480, 'local', 'failed', 'sip-480'],
    [404, 'remote', 'failed', 'sip-404'],
    [408, 'timeout', 'failed', 'sip-408'],
    [503, 'transport', 'failed', 'sip-503'],
    [0, 'transport', 'failed', 'test'],
  ] as const)('[CALL-5] %i by %s is %s', (code, by, result, reason) => {
    const call = new Call();
    call.wait();
    call.offer();
    call.fail(agentLeg, code, by);
    expect(call.effects('offer.failed')).toEqual([
      { type: 'offer.failed', offerId: 'c1/o1', result, reason },
    ]);
    expect(call.machine.view().state).toBe('waiting');
    expect(call.offer(2)).toContainEqual(expect.objectContaining({ type: 'leg.dial', legId: 'agent-2' }));
  });

  test.each(['timed-out', 'cancelled', 'rescinded'] as const)(
    '[CALL-6] withdrawn (%s): the leg is cancelled, and an answer that crosses it is hung up',
    (reason) => {
      const call = new Call();
      call.wait();
      call.offer();
      call.send({ type: 'offer.withdraw', offerId: 'c1/o1' as OfferId, reason });
      expect(call.effects('leg.hangup')).toEqual([
        { type: 'leg.hangup', legId: agentLeg, code: 487, reason },
      ]);
      call.send({ type: 'leg.answered', legId: agentLeg });
      expect(call.steps()).toEqual(['leg.hangup']);
      expect(call.effects('leg.hangup')).toMatchObject([{ legId: agentLeg, code: 200 }]);
      call.end(agentLeg, { code: 200, reason: 'bye', by: 'local' });
      expect(call.dataOf('leg.ended')[0]?.verdict.result).toBe(
        reason === 'timed-out' ? 'no-answer' : 'cancelled',
      );
      expect(call.dataOf('segment.started')).toEqual([]);
    },
  );

  test('[CALL-6] an acceptance that the distributor calls stale is hung up, and the caller waits on', () => {
    const call = new Call();
    call.wait();
    call.offer();
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.send({ type: 'offer.stale', offerId: 'c1/o1' as OfferId });
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: agentLeg, code: 200 }]);
    expect(call.machine.view().state).toBe('waiting');
  });

  test('[CALL-6] a leg that nobody knows is released when it comes up', () => {
    const call = new Call();
    call.wait();
    call.send({ type: 'leg.answered', legId: 'ghost' as LegId });
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: 'ghost' }]);
  });
});

describe('the caller goes', () => {
  test('[CALL-7] the ringing agent is hung up in the same step, and his answer is too late', () => {
    const call = new Call();
    call.wait();
    call.offer();
    call.end(customer);
    expect(call.steps()).toEqual(['fact:leg.ended', 'leg.hangup', 'contact.left']);
    call.send({ type: 'leg.answered', legId: agentLeg });
    expect(call.steps()).toEqual(['leg.hangup']);
    call.queueLeft('abandoned', 'customer-hung-up');
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'abandoned', reason: 'customer-hung-up' }]);
    call.end(agentLeg, { code: 200, reason: 'bye', by: 'local' });
    expect(call.steps()).toEqual(['fact:leg.ended', 'fact:contact.closed', 'closed']);
  });

  test('[CALL-8] the queue decides: an acceptance that was faster is answered with an empty segment', () => {
    const call = new Call();
    call.wait();
    call.offer();
    call.advance(3_000);
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.end(customer);
    call.assign();
    expect(call.steps()).toEqual([
      'fact:segment.started',
      'fact:segment.ended',
      'conversation.ended',
      'fact:contact.ended',
    ]);
    expect(call.dataOf('segment.ended')).toMatchObject([{ talkMs: 0, holdMs: 0 }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason: 'customer-hung-up' }]);
  });

  test('[CALL-8] likewise when the limit of the wait was faster', () => {
    const call = new Call();
    call.wait();
    call.end(customer);
    call.queueLeft('overflowed', 'max-wait');
    expect(call.dataOf('contact.ended'), 'it might have been sent to another queue').toEqual([]);
    call.send({ type: 'contact.overflowed', reason: 'max-wait' });
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'overflowed', reason: 'max-wait' }]);
    expect(call.facts.filter(({ type }) => type === 'contact.ended')).toHaveLength(1);
  });

  test('[CALL-8] a caller who cancels before the answer, while the queue refuses', () => {
    const call = new Call();
    call.arrive();
    call.fail(customer, 487);
    expect(call.dataOf('leg.ended')[0]?.verdict).toEqual({ result: 'cancelled', reason: 'sip-487' });
    call.send({ type: 'entry.refused', reason: 'queue-full' });
    expect(call.steps()).toEqual([
      'fact:contact.deflected',
      'fact:contact.ended',
      'fact:contact.closed',
      'closed',
    ]);
  });

  test('[CALL-8] the queue gave a contact up that still waits here: the caller is hung up', () => {
    const call = new Call();
    call.wait();
    call.queueLeft('abandoned', 'vanished');
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: customer }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'abandoned', reason: 'vanished' }]);
  });

  test('[CALL-9] an overflowed contact is hung up', () => {
    const call = new Call();
    call.wait();
    call.queueLeft('overflowed', 'max-wait');
    call.send({ type: 'contact.overflowed', reason: 'max-wait' });
    expect(call.steps()).toEqual(['leg.hangup', 'fact:contact.ended']);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'overflowed', reason: 'max-wait' }]);
  });
});
