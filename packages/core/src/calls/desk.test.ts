import type { ConferenceId, LegId, QueueId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { ann, Call } from '../../test/contact-kit.ts';
import type { EntryTarget, ScheduledSeat } from './door.ts';

const desk = 'desk' as LegId;
const seat: ScheduledSeat = {
  ...{ conferenceId: 'board' as ConferenceId, conference: 'Board', roomId: 'board.1' },
  ...{ role: 'participant', state: 'present', muted: false },
};
const queue: EntryTarget = {
  ...{ kind: 'queue', queueId: 'q' as QueueId, priority: 3, record: true, greeting: null },
};

function called(target: EntryTarget, direction: 'inbound' | 'outbound' = 'inbound'): Call {
  const call = new Call();
  call.send({
    ...{ type: 'desk.called', agentId: ann, legId: desk, address: 'sip:ann', direction, target },
    ...{ number: '800', callerPhone: '101', callerName: 'Ann', carrier: 'sip', ringTimeoutMs: 30_000 },
  });
  return call;
}

const outcome = (call: Call) => call.dataOf('contact.ended')[0];

describe('an agent who goes to a place of the house from the desk', () => {
  test('[CALL-91] is rung and engaged, and has the flow of a conference with the answer', () => {
    const call = called({ kind: 'flow' }, 'outbound');
    expect(call.last).toContainEqual({
      ...{ type: 'agent.engaged', agentId: 'ann', engaged: true, asCaller: true },
    });
    expect(call.last).toContainEqual(
      expect.objectContaining({ type: 'leg.dial', legId: desk, offerId: null, callerPhone: '800' }),
    );
    expect(call.machine.view().state).toBe('dialling');
    call.send({ type: 'leg.answered', legId: desk });
    expect(call.last).toContainEqual({ type: 'flow.began', legId: desk });
    call.send({ type: 'conference.seated', seat });
    call.end(desk);
    call.send({ type: 'flow.over', reason: 'customer-hung-up' });
    expect(call.all).toContainEqual({ type: 'agent.engaged', agentId: 'ann', engaged: false });
    expect(call.machine.view().state).toBe('closed');
  });

  test('[CALL-91] enters the queue with the answer, and waits there as a caller', () => {
    const call = called(queue);
    expect(call.effects('contact.entered')).toEqual([]);
    call.advance(5_000);
    call.send({ type: 'leg.ringing', legId: desk });
    call.send({ type: 'leg.answered', legId: desk });
    expect(call.effects('contact.entered')).toMatchObject([
      { queueId: 'q', priority: 3, caller: '101', number: '800' },
    ]);
    call.queueEntered();
    call.send({ type: 'entry.accepted' });
    expect(call.last).toContainEqual({ type: 'media.play', legId: desk, source: 'music' });
    expect(call.machine.view()).toMatchObject({ state: 'waiting', queueId: 'q' });
    call.offer();
    expect(call.last).toContainEqual(
      expect.objectContaining({ type: 'leg.dial', callerPhone: '101', callerName: 'Ann' }),
    );
    call.end(desk);
    expect(call.last).toContainEqual({ type: 'contact.left', reason: 'customer-hung-up' });
    call.queueLeft('abandoned');
    expect(outcome(call)).toEqual({ outcome: 'abandoned', reason: 'customer-hung-up' });
  });

  test('[CALL-91] whom the queue does not take is hung up, and has not been in it', () => {
    const call = called(queue);
    call.send({ type: 'leg.answered', legId: desk });
    call.send({ type: 'entry.refused', reason: 'queue-full' });
    expect(call.last).toContainEqual(expect.objectContaining({ type: 'leg.hangup', legId: desk }));
    expect(outcome(call)).toEqual({ outcome: 'deflected', reason: 'queue-full' });
    call.end(desk);
    expect(call.machine.view().state).toBe('closed');
  });

  test.each([
    ['rejects', (call: Call) => call.fail(desk, 486), 'agent-sip-486'],
    ['does not answer', (call: Call) => call.advance(30_000), 'agent-no-answer'],
    [
      'is told to stop ringing',
      (call: Call) => call.send({ type: 'hangup.requested', legId: desk, reason: 'command' }),
      'command',
    ],
  ])('[CALL-91] one whose device %s has not been there', (_how, happens, reason) => {
    for (const target of [queue, { kind: 'flow' } as const]) {
      const call = called(target);
      happens(call);
      expect(outcome(call)).toEqual({ outcome: 'failed', reason });
      expect(call.effects('contact.entered')).toEqual([]);
      expect(call.all).toContainEqual({ type: 'agent.engaged', agentId: 'ann', engaged: false });
      if (call.machine.view().legs.length > 0) call.end(desk);
      expect(call.machine.view().state).toBe('closed');
      expect(call.timers.size).toBe(0);
    }
  });
});
