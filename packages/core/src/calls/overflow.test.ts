import type { QueueId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { Call, customer } from '../../test/contact-kit.ts';

const toFlow = { kind: 'flow' } as const;
const types = (call: Call) => call.last.map(({ type }) => type);
const outcome = (call: Call) => call.facts.find(({ type }) => type === 'contact.ended')?.data;

function arrived(): Call {
  const call = new Call();
  call.send({
    type: 'contact.arrived',
    ...{ legId: customer, number: '700', callerPhone: '+420555000111', callerName: '', carrier: 'sip' },
    target: { kind: 'queue', queueId: 'q' as QueueId, priority: 0, record: true, greeting: null },
  });
  return call;
}

function waiting(): Call {
  const call = arrived();
  call.queueEntered();
  call.send({ type: 'entry.accepted' });
  call.send({ type: 'leg.answered', legId: customer });
  return call;
}

describe('overflow to a flow', () => {
  test('[CALL-86] who waited has the flow at once, and ends as overflowed', () => {
    const call = waiting();
    call.queueLeft('overflowed', 'waited');
    call.send({ type: 'contact.overflowed', reason: 'waited', next: toFlow });
    expect(call.last).toContainEqual({ type: 'flow.began', legId: customer });
    expect(types(call)).not.toContain('leg.hangup');
    call.send({ type: 'flow.over', reason: 'flow-ended' });
    expect(outcome(call)).toEqual({ outcome: 'overflowed', reason: 'flow-ended' });
  });

  test('[CALL-86] who hangs up in it was overflowed all the same', () => {
    const call = waiting();
    call.queueLeft('overflowed', 'waited');
    call.send({ type: 'contact.overflowed', reason: 'waited', next: toFlow });
    call.send({ type: 'leg.ended', legId: customer, end: { code: 200, reason: 'bye', by: 'remote' } });
    call.send({ type: 'flow.over', reason: 'customer-hung-up' });
    expect(outcome(call)).toEqual({ outcome: 'overflowed', reason: 'customer-hung-up' });
    expect(types(call)).toContain('closed');
  });

  test('[CALL-86] whom the queue does not take is answered for the flow, and is deflected', () => {
    const call = arrived();
    call.send({ type: 'entry.refused', reason: 'closed', next: toFlow });
    expect(types(call)).toContain('leg.answer');
    expect(types(call)).not.toContain('leg.reject');
    call.send({ type: 'leg.answered', legId: customer });
    expect(call.last).toContainEqual({ type: 'flow.began', legId: customer });
    call.send({ type: 'flow.over', reason: 'flow-ended' });
    expect(outcome(call)).toEqual({ outcome: 'deflected', reason: 'flow-ended' });
  });

  test('[CALL-86] a flow that asked for the place has its caller back instead of another flow', () => {
    const call = new Call();
    call.send({
      type: 'contact.arrived',
      ...{ legId: customer, number: '700', callerPhone: '', callerName: '', carrier: 'sip' },
      target: { kind: 'flow' },
    });
    call.send({ type: 'leg.answered', legId: customer });
    call.send({ type: 'flow.queued', queueId: 'q' as QueueId, priority: 0, record: true });
    call.send({ type: 'entry.refused', reason: 'full', next: toFlow });
    expect(call.last).toContainEqual({ type: 'flow.refused', reason: 'full' });
    expect(types(call)).not.toContain('flow.began');
  });
});
