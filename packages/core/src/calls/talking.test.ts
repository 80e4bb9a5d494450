import type { OfferId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { agentLeg, ann, Call, customer, recording } from '../../test/contact-kit.ts';

const lost = { code: 0, reason: 'media-timeout', by: 'transport' } as const;

function closeRecording(call: Call): void {
  const closed = { durationMs: 5_000, result: 'complete', reason: 'stopped' } as const;
  call.send({ type: 'recording.ended', recordingId: recording, ...closed });
}

describe('talk', () => {
  test('[CALL-10] assigned: music stops, the legs are bridged, the segment and the recording begin', () => {
    const call = new Call();
    call.talk();
    expect(call.steps()).toEqual([
      'fact:segment.started',
      'media.stop',
      'media.bridge',
      'fact:recording.started',
      'recording.start',
    ]);
    expect(call.effects('media.bridge')).toEqual([{ type: 'media.bridge', a: customer, b: agentLeg }]);
    expect(call.effects('recording.start')).toMatchObject([{ customer, agent: agentLeg, segment: 1 }]);
    expect(call.machine.view()).toMatchObject({
      state: 'connected',
      legs: [{ state: 'talking' }, { state: 'talking' }],
    });
  });

  test('[CALL-10] a queue that does not record', () => {
    const call = new Call();
    call.talk(false);
    expect(call.effects('recording.start')).toEqual([]);
    call.end(customer);
    expect(call.effects('recording.stop')).toEqual([]);
  });

  test('[CALL-10] an agent who is faster than the acknowledgement of the customer', () => {
    const call = new Call();
    call.arrive();
    call.queueEntered();
    call.send({ type: 'entry.accepted' });
    call.offer();
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.assign();
    expect(call.steps()).toEqual(['fact:segment.started']);
    call.send({ type: 'leg.answered', legId: customer });
    expect(call.steps()).toEqual(['media.bridge', 'fact:recording.started', 'recording.start']);
  });

  test.each([
    ['the customer hangs up', customer, agentLeg, undefined, 'customer-hung-up'],
    ['the agent hangs up', agentLeg, customer, undefined, 'agent-hung-up'],
    ['the customer vanishes', customer, agentLeg, lost, 'customer-lost'],
    ['the agent vanishes', agentLeg, customer, lost, 'agent-lost'],
  ] as const)('[CALL-11] %s: it ends for both', (_what, gone, other, end, reason) => {
    const call = new Call();
    call.talk();
    call.advance(5_000);
    call.end(gone, end);
    expect(call.steps()).toEqual([
      'fact:leg.ended',
      'media.unbridge',
      'recording.stop',
      'fact:segment.ended',
      'conversation.ended',
      'leg.hangup',
      'fact:contact.ended',
    ]);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: other, code: 200 }]);
    expect(call.dataOf('segment.ended')).toEqual([
      { segment: 1, agentId: ann, talkMs: 5_000, holdMs: 0, reason },
    ]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason }]);
    expect(call.machine.view().state).toBe('wrap-up');
  });

  test('[CALL-11] an agent who is gone between his answer and the assignment', () => {
    const call = new Call();
    call.wait();
    call.offer();
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.end(agentLeg);
    expect(call.effects('offer.failed')).toEqual([]);
    call.assign();
    expect(call.effects('conversation.ended')).toHaveLength(1);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: customer }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason: 'agent-lost' }]);
  });

  test('[CALL-13] a leg is hung up by command, in talk and while it rings', () => {
    const talking = new Call();
    talking.talk();
    talking.send({ type: 'hangup.requested', legId: agentLeg, reason: 'supervisor' });
    expect(talking.effects('leg.hangup').map(({ legId }) => legId)).toEqual([customer, agentLeg]);
    talking.send({ type: 'hangup.requested', legId: agentLeg, reason: 'supervisor' });
    expect(talking.effects('command.refused')).toEqual([{ type: 'command.refused', reason: 'unknown-leg' }]);
    const ringing = new Call();
    ringing.wait();
    ringing.offer();
    ringing.send({ type: 'hangup.requested', legId: agentLeg, reason: 'agent' });
    expect(ringing.effects('offer.failed')).toMatchObject([{ result: 'rejected', reason: 'agent' }]);
    ringing.send({ type: 'hangup.requested', legId: customer, reason: 'supervisor' });
    expect(ringing.steps()).toEqual(['leg.hangup', 'contact.left']);
  });
});

describe('the end', () => {
  test('[CALL-16] closed follows the legs, the recording and the wrap-up, in any order', () => {
    const lastSteps = [
      (call: Call) => call.end(agentLeg, { code: 200, reason: 'bye', by: 'local' }),
      (call: Call) => closeRecording(call),
      (call: Call) => call.send({ type: 'contact.wrapped' }),
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [2, 0, 1],
    ]) {
      const call = new Call();
      call.talk();
      call.end(customer);
      for (const [index, step] of order.entries()) {
        lastSteps[step]?.(call);
        expect(call.effects('closed')).toHaveLength(index === 2 ? 1 : 0);
      }
      expect(call.facts.at(-1)?.type).toBe('contact.closed');
      expect(call.timers.size).toBe(0);
    }
  });

  test('[CALL-17] facts are numbered without gaps and time does not run backwards', () => {
    const call = new Call();
    call.talk();
    call.now = 9_000;
    call.send({ type: 'leg.held', legId: customer });
    call.now = 4_000;
    call.end(customer);
    expect(call.facts.map(({ seq }) => seq)).toEqual(call.facts.map((_, index) => index + 1));
    expect(call.facts.every(({ at }, index) => at >= (call.facts[index - 1]?.at ?? 0))).toBe(true);
  });

  test.each([
    ['a place', (call: Call) => call.arrive(), 5_000, 'distributor-silent', 'failed'],
    [
      'the acknowledgement',
      (call: Call) => {
        call.arrive();
        call.queueEntered();
        call.send({ type: 'entry.accepted' });
      },
      40_000,
      'not-acknowledged',
      'abandoned',
    ],
  ] as const)('[CALL-18] %s that never comes', (_what, play, limitMs, reason, outcome) => {
    const call = new Call();
    play(call);
    call.advance(limitMs - 1);
    expect(call.effects('contact.left')).toEqual([]);
    call.advance(1);
    expect(call.effects('contact.left')).toMatchObject([{ reason }]);
    call.advance(5_000);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome, reason }]);
    call.advance(60_000);
    expect(call.machine.view().state).toBe('closed');
    expect(call.timers.size).toBe(0);
  });

  test('[CALL-18] a ringing leg, an assignment, a hang-up and a recording of which nothing is heard', () => {
    const call = new Call();
    call.wait();
    call.offer();
    call.advance(25_000);
    expect(call.effects('offer.failed')).toMatchObject([{ result: 'failed', reason: 'no-report' }]);
    call.offer(2);
    call.send({ type: 'leg.answered', legId: 'agent-2' as never });
    call.advance(5_000);
    expect(call.effects('offer.failed')).toMatchObject([{ offerId: 'c1/o2', reason: 'no-report' }]);
    call.offer(3);
    call.send({ type: 'leg.answered', legId: 'agent-3' as never });
    call.assign(3);
    call.end(customer);
    call.send({ type: 'contact.wrapped' });
    call.advance(60_000);
    expect(call.dataOf('recording.ended')).toMatchObject([{ result: 'failed', reason: 'no-report' }]);
    expect(call.dataOf('leg.ended').filter(({ by }) => by === 'timeout')).toHaveLength(3);
    expect(call.effects('closed')).toHaveLength(1);
  });

  test('[CALL-18] an assignment after the machine has given the offer up ends the contact', () => {
    const call = new Call();
    call.wait();
    call.offer();
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.advance(5_000);
    call.assign();
    expect(call.effects('conversation.ended')).toHaveLength(1);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'failed', reason: 'assigned-without-agent' }]);
  });

  test.each([
    ['entering', (call: Call) => call.arrive(), 'failed'],
    ['waiting', (call: Call) => call.wait(), 'failed'],
    ['talking', (call: Call) => call.talk(), 'failed'],
    [
      'over',
      (call: Call) => {
        call.talk();
        call.end(customer);
      },
      'answered',
    ],
  ] as const)('[CALL-19] a failure while %s ends everything', (_stage, play, outcome) => {
    const call = new Call();
    play(call);
    call.send({ type: 'contact.failed', reason: 'bug' });
    expect(call.machine.view().legs.every(({ state }) => state === 'ending')).toBe(true);
    call.send({ type: 'contact.wrapped' });
    call.advance(60_000);
    expect(call.dataOf('contact.ended')).toMatchObject([{ outcome }]);
    expect(call.machine.view().state).toBe('closed');
  });

  test('[CALL-20] after the end nobody can believe in the contact', () => {
    const call = new Call();
    call.arrive();
    call.send({ type: 'entry.refused', reason: 'queue-full' });
    expect(call.machine.view().state).toBe('closed');
    call.send({ type: 'leg.answered', legId: agentLeg });
    expect(call.steps()).toEqual(['leg.hangup']);
    call.offer();
    expect(call.steps()).toEqual(['contact.left']);
    call.send({ type: 'contact.assigned', offerId: 'c1/o1' as OfferId, agentId: ann, queueId: 'q' as never });
    expect(call.steps()).toEqual(['conversation.ended']);
    call.arrive();
    expect(call.steps()).toEqual([]);
  });
});
