import type { QueueId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { Call, customer } from '../../test/contact-kit.ts';

const queued = { type: 'flow.queued', queueId: 'q' as QueueId, priority: 4, record: true } as const;

function inFlow(): Call {
  const call = new Call();
  call.send({
    type: 'contact.arrived',
    legId: customer,
    number: '700',
    callerPhone: '+420555000111',
    callerName: '',
    carrier: 'sip',
    target: { kind: 'flow' },
  });
  call.send({ type: 'leg.answered', legId: customer });
  return call;
}

const types = (call: Call) => call.last.map(({ type }) => type);
const outcome = (call: Call) => call.facts.find(({ type }) => type === 'contact.ended')?.data;

describe('a flow that answers', () => {
  test('[CALL-60] the caller is answered at once, and the flow begins when the leg is up', () => {
    const call = inFlow();
    expect(call.all.map(({ type }) => type)).toContain('leg.answer');
    expect(call.last).toContainEqual({ type: 'flow.began', legId: customer });
    expect(call.machine.view()).toMatchObject({ state: 'arriving', legs: [{ state: 'waiting' }] });
    call.send({ type: 'leg.digit', legId: customer, digit: '7' });
    expect(call.facts.at(-1)).toMatchObject({ type: 'digit.received', data: { digit: '' } });
  });

  test('[CALL-61] the queue that the flow names plays its music to the leg that is up', () => {
    const call = inFlow();
    call.send(queued);
    expect(call.last).toContainEqual(
      expect.objectContaining({ type: 'contact.entered', queueId: 'q', priority: 4 }),
    );
    call.queueEntered();
    call.send({ type: 'entry.accepted' });
    expect(call.last).toContainEqual({ type: 'media.play', legId: customer, source: 'music' });
    call.send({ type: 'flow.over', reason: 'too-late' });
    expect(call.machine.view().state).toBe('waiting');
  });

  test('[CALL-61] a queue that refuses gives the caller back to the flow', () => {
    const call = inFlow();
    call.send(queued);
    call.send({ type: 'entry.refused', reason: 'queue-full' });
    expect(call.last).toContainEqual({ type: 'flow.refused', reason: 'queue-full' });
    expect(call.facts.at(-1)).toMatchObject({ type: 'contact.deflected', data: { queueId: 'q' } });
    expect(types(call)).not.toContain('leg.reject');
    call.advance(60_000);
    expect(outcome(call)).toBeUndefined();
    call.send(queued);
    expect(types(call)).toContain('contact.entered');
  });

  test('[CALL-62] who is served by the flow alone, and who hangs up in it, is deflected', () => {
    const served = inFlow();
    served.send({ type: 'flow.over', reason: 'flow-ended' });
    expect(types(served)).toContain('leg.hangup');
    expect(outcome(served)).toEqual({ outcome: 'deflected', reason: 'flow-ended' });
    const gone = inFlow();
    gone.send({ type: 'leg.ended', legId: customer, end: { code: 200, reason: 'bye', by: 'remote' } });
    expect(gone.last).toContainEqual({ type: 'flow.left', reason: 'customer-hung-up' });
    gone.send({ type: 'flow.over', reason: 'customer-hung-up' });
    expect(outcome(gone)).toEqual({ outcome: 'deflected', reason: 'customer-hung-up' });
    expect(types(gone)).toContain('closed');
    const silent = inFlow();
    silent.send({ type: 'leg.ended', legId: customer, end: { code: 200, reason: 'bye', by: 'remote' } });
    expect(silent.advance(5_000).map(({ type }) => type)).toContain('closed');
    const failed = inFlow();
    failed.send({ type: 'contact.failed', reason: 'internal-error' });
    expect(outcome(failed)).toEqual({ outcome: 'failed', reason: 'internal-error' });
  });
});
