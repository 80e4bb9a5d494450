import type { ConferenceId, RecordingId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { Call, customer } from '../../test/contact-kit.ts';
import type { ScheduledSeat } from './door.ts';

const seat: ScheduledSeat = {
  ...{ conferenceId: 'board' as ConferenceId, conference: 'Board', roomId: 'board.1' },
  ...{ role: 'participant', state: 'present', muted: false },
};
const room = 'rec-room' as RecordingId;

function inFlow(): Call {
  const call = new Call();
  call.send({
    ...{ type: 'contact.arrived', legId: customer, number: '800', callerPhone: '1', callerName: '' },
    ...{ carrier: 'sip', target: { kind: 'flow' } },
  });
  call.send({ type: 'leg.answered', legId: customer });
  return call;
}

const outcome = (call: Call) => call.dataOf('contact.ended')[0];

describe('a contact in a scheduled conference', () => {
  test('[CALL-88] waits with music, and is in the room without it', () => {
    const call = inFlow();
    call.send({ type: 'conference.seated', seat: { ...seat, state: 'waiting' } });
    expect(call.last).toContainEqual({ type: 'media.play', legId: customer, source: 'music' });
    call.advance(5_000);
    call.send({ type: 'conference.seated', seat: { ...seat, muted: true } });
    expect(call.last).toContainEqual({ type: 'media.stop', legId: customer });
    expect(call.last).toContainEqual({ type: 'room.enter', roomId: 'board.1', legId: customer });
    expect(call.last).toContainEqual({ type: 'media.mute', legId: customer, muted: true });
    expect(call.dataOf('segment.started')).toEqual([{ segment: 1, legId: customer, via: 'conference' }]);
    expect(call.machine.view()).toMatchObject({
      ...{ state: 'connected', legs: [{ state: 'talking' }] },
      conference: { state: 'present', muted: true, since: 5_000 },
    });
  });

  test('[CALL-88] told once more where it is, it stays as it is', () => {
    const call = inFlow();
    call.send({ type: 'conference.seated', seat });
    call.advance(3_000);
    expect(call.send({ type: 'conference.seated', seat })).toEqual([]);
    call.send({ type: 'conference.muted', muted: true });
    expect(call.last).toContainEqual({ type: 'media.mute', legId: customer, muted: true });
    expect(call.send({ type: 'conference.muted', muted: true })).toEqual([]);
    call.send({ type: 'conference.closed', locked: true });
    expect(call.machine.view().conference).toMatchObject({ locked: true, muted: true, since: 0 });
  });

  test('[CALL-88 CALL-89] it goes back to waiting, and later on in its flow', () => {
    const call = inFlow();
    call.send({ type: 'conference.seated', seat });
    call.advance(60_000);
    call.send({ type: 'conference.seated', seat: { ...seat, state: 'waiting' } });
    expect(call.last).toContainEqual({ type: 'room.leave', legId: customer });
    expect(call.dataOf('segment.ended')).toEqual([
      { segment: 1, talkMs: 60_000, holdMs: 0, reason: 'waits' },
    ]);
    call.send({ type: 'conference.unseated', reason: 'no-moderator' });
    expect(call.last).toContainEqual({ type: 'media.stop', legId: customer });
    expect(call.machine.view()).toMatchObject({ state: 'arriving', conference: null });
    call.send({ type: 'flow.over', reason: 'flow-ended' });
    expect(outcome(call)).toEqual({ outcome: 'answered', reason: 'flow-ended' });
  });

  test('[CALL-89] whoever hangs up has left, and is counted to the second', () => {
    const call = inFlow();
    call.send({ type: 'conference.seated', seat });
    call.advance(90_000);
    call.end(customer);
    expect(call.dataOf('conference.left')).toMatchObject([
      { conference: 'Board', reason: 'customer-hung-up', presentMs: 90_000 },
    ]);
    call.send({ type: 'flow.over', reason: 'customer-hung-up' });
    expect(call.machine.view().state).toBe('closed');
  });

  test('[CALL-89] neither a queue nor a person gets who has a seat', () => {
    const call = inFlow();
    call.send({ type: 'conference.seated', seat });
    call.send({ type: 'flow.queued', queueId: 'q' as never, priority: 0, record: false });
    expect(call.last).toEqual([{ type: 'command.refused', reason: 'not-in-flow' }]);
  });

  test('[CALL-90] the file of the room ends with the presence, and is awaited', () => {
    const call = inFlow();
    call.send({ type: 'conference.seated', seat });
    call.send({ type: 'conference.recorded', recordingId: room });
    expect(call.last).toContainEqual({
      ...{ type: 'recording.attach', recordingId: room, right: { roomId: 'board.1' } },
    });
    call.send({ type: 'conference.recorded', recordingId: 'another' as RecordingId });
    expect(call.last).toEqual([{ type: 'command.refused', reason: 'already-so' }]);
    call.end(customer);
    expect(call.last).toContainEqual({ type: 'recording.stop', recordingId: room });
    call.send({ type: 'flow.over', reason: 'customer-hung-up' });
    expect(call.machine.view().state).toBe('ended');
    const closed = { durationMs: 1_000, result: 'complete', reason: 'stopped' } as const;
    call.send({ type: 'recording.ended', recordingId: room, ...closed });
    expect(call.dataOf('recording.ended')).toMatchObject([{ segment: 1, result: 'complete' }]);
    expect(call.machine.view().state).toBe('closed');
  });
});
