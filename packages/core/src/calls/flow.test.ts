import type { LegId, QueueId, RecordingId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { agentLeg, Call, customer } from '../../test/contact-kit.ts';

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
  test('[CALL-80] the caller is answered at once, and the flow begins when the leg is up', () => {
    const call = inFlow();
    expect(call.all.map(({ type }) => type)).toContain('leg.answer');
    expect(call.last).toContainEqual({ type: 'flow.began', legId: customer });
    expect(call.machine.view()).toMatchObject({ state: 'arriving', legs: [{ state: 'waiting' }] });
    call.send({ type: 'leg.digit', legId: customer, digit: '7' });
    expect(call.facts.at(-1)).toMatchObject({ type: 'digit.received', data: { digit: '' } });
  });

  test('[CALL-81] the queue that the flow names plays its music to the leg that is up', () => {
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

  test('[CALL-81] a queue that refuses gives the caller back to the flow', () => {
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

  test('[CALL-82] who is served by the flow alone, and who hangs up in it, is deflected', () => {
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

  function waiting(): Call {
    const call = inFlow();
    call.send(queued);
    call.queueEntered();
    call.send({ type: 'entry.accepted' });
    return call;
  }

  test('[CALL-83] a caller who waits is taken back into the flow and hears no more music', () => {
    const call = waiting();
    call.send({ type: 'flow.recalled' });
    expect(call.last).toContainEqual({ type: 'contact.recalled' });
    call.send({ type: 'flow.recalled' });
    expect(types(call)).not.toContain('contact.recalled');
    call.send({ type: 'contact.overflowed', reason: 'recalled' });
    expect(call.last).toContainEqual({ type: 'flow.returned' });
    expect(call.last).toContainEqual({ type: 'media.stop', legId: customer });
    call.send(queued);
    expect(types(call)).toContain('contact.entered');
  });

  test('[CALL-83] whoever answered before the caller was taken back has the caller', () => {
    const call = waiting();
    call.offer();
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.send({ type: 'flow.recalled' });
    call.assign();
    expect(call.machine.view().state).toBe('connected');
  });

  const invitation = {
    target: { kind: 'number', number: '+420222333444' },
    legId: 'far' as LegId,
    recordingId: 'r' as RecordingId,
    ringTimeoutMs: 20_000,
  } as const;

  test('[CALL-84] a number that the flow names is called, and who answers has the caller', () => {
    const call = inFlow();
    call.send({ type: 'flow.transferred', invitation });
    expect(call.last).toContainEqual({
      type: 'leg.call',
      legId: 'far',
      agentId: null,
      number: '+420222333444',
      isSentOn: true,
    });
    call.send({ type: 'leg.ringing', legId: invitation.legId });
    expect(call.last).toContainEqual({ type: 'media.play', legId: customer, source: 'ringback' });
    call.send({ type: 'leg.answered', legId: invitation.legId });
    expect(call.last).toContainEqual({ type: 'media.bridge', a: customer, b: 'far' });
    call.send({ type: 'leg.ended', legId: customer, end: { code: 200, reason: 'bye', by: 'remote' } });
    expect(outcome(call)).toMatchObject({ outcome: 'answered' });
  });

  test('[CALL-84] nobody comes: the caller is back in the flow; one who goes meanwhile has gone in the flow', () => {
    const call = inFlow();
    call.send({ type: 'flow.transferred', invitation });
    call.send({
      type: 'leg.failed',
      legId: invitation.legId,
      end: { code: 486, reason: 'busy', by: 'remote' },
    });
    expect(call.last).toContainEqual({ type: 'flow.unconnected', reason: 'sip-486' });
    call.send({ type: 'flow.over', reason: 'flow-ended' });
    expect(outcome(call)).toEqual({ outcome: 'deflected', reason: 'flow-ended' });
    const gone = inFlow();
    gone.send({ type: 'flow.transferred', invitation });
    gone.send({ type: 'leg.ended', legId: customer, end: { code: 200, reason: 'bye', by: 'remote' } });
    expect(gone.last).toContainEqual({ type: 'flow.left', reason: 'customer-hung-up' });
    expect(types(gone)).toContain('leg.hangup');
    gone.send({ type: 'flow.over', reason: 'customer-hung-up' });
    expect(outcome(gone)).toMatchObject({ outcome: 'deflected' });
  });

  test('[CALL-85] what the caller says is recorded until it is enough or the caller is gone', () => {
    const call = inFlow();
    call.send({ type: 'flow.recording', recordingId: invitation.recordingId });
    expect(call.last).toContainEqual(
      expect.objectContaining({ type: 'recording.start', customer, agent: null, segment: 0 }),
    );
    call.send({ type: 'flow.recorded' });
    expect(call.last).toContainEqual({ type: 'recording.stop', recordingId: 'r' });
    const gone = inFlow();
    gone.send({ type: 'flow.recording', recordingId: invitation.recordingId });
    gone.send({ type: 'leg.ended', legId: customer, end: { code: 200, reason: 'bye', by: 'remote' } });
    expect(gone.last).toContainEqual({ type: 'recording.stop', recordingId: 'r' });
    gone.send({ type: 'flow.over', reason: 'customer-hung-up' });
    expect(types(gone)).not.toContain('closed');
    const ended = { durationMs: 2_000, result: 'complete', reason: 'stopped' } as const;
    gone.send({ type: 'recording.ended', recordingId: invitation.recordingId, ...ended });
    expect(types(gone)).toContain('closed');
  });

  test('[CALL-85] after a recording that ended by itself the caller can be recorded again', () => {
    const call = inFlow();
    call.send({ type: 'flow.recording', recordingId: invitation.recordingId });
    const ended = { durationMs: 0, result: 'failed', reason: 'media-failed' } as const;
    call.send({ type: 'recording.ended', recordingId: invitation.recordingId, ...ended });
    call.send({ type: 'flow.recording', recordingId: 'r2' as RecordingId });
    expect(call.last).toContainEqual(expect.objectContaining({ type: 'recording.start', recordingId: 'r2' }));
  });

  test('[CALL-95] a message for a box is a fact before anything else comes, also of a caller who is gone', () => {
    const call = inFlow();
    const { recordingId } = invitation;
    call.send({ type: 'flow.recording', recordingId });
    call.send({ type: 'leg.ended', legId: customer, end: { code: 200, reason: 'bye', by: 'remote' } });
    call.send({ type: 'flow.over', reason: 'customer-hung-up' });
    const message = { voicemailId: 'v1' as never, box: 'office' };
    const ended = { recordingId, durationMs: 2_000, result: 'complete', reason: 'stopped', message } as const;
    call.send({ type: 'recording.ended', ...ended });
    const facts = call.last.flatMap((effect) => (effect.type === 'fact' ? effect.fact : []));
    expect(facts.map(({ type }) => type)).toEqual(['recording.ended', 'voicemail.left', 'contact.closed']);
    expect(facts[1]?.data).toEqual({ ...message, recordingId, durationMs: 2_000 });
  });
});
