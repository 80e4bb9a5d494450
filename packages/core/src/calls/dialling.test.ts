import type { AgentId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { agentLeg, ann, Call, customer, recording } from '../../test/contact-kit.ts';

const bob = 'bob' as AgentId;
const engaged = (call: Call) => call.effects('agent.engaged').map((each) => [each.agentId, each.engaged]);

describe('a call by command', () => {
  test('[CALL-21] rings the agent first, and then the far end', () => {
    const call = new Call();
    call.dial('command');
    expect(call.steps()).toEqual(['fact:contact.started', 'fact:leg.added', 'agent.engaged', 'leg.dial']);
    expect(call.dataOf('contact.started')).toMatchObject([
      { direction: 'outbound', number: '+420555000222', callerPhone: '101' },
    ]);
    expect(call.effects('leg.dial')).toMatchObject([{ legId: agentLeg, agentId: ann, offerId: null }]);
    expect(call.machine.view().state).toBe('dialling');
    call.send({ type: 'leg.answered', legId: agentLeg });
    expect(call.steps()).toEqual(['fact:leg.added', 'leg.call']);
    expect(call.effects('leg.call')).toMatchObject([
      { legId: customer, agentId: ann, number: '+420555000222' },
    ]);
  });

  test('[CALL-28] has found out who answers a number outside, from the answer on, and never of a colleague', () => {
    const call = new Call();
    call.dial('command', undefined, true);
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.send({ type: 'leg.early-media', legId: customer });
    expect(call.steps()).not.toContain('leg.detect');
    call.send({ type: 'leg.answered', legId: customer });
    expect(call.effects('leg.detect')).toEqual([{ type: 'leg.detect', legId: customer }]);
    const colleagues = new Call();
    colleagues.dial('command', { kind: 'agent', agentId: bob, address: 'sip:bob' }, true);
    colleagues.send({ type: 'leg.answered', legId: agentLeg });
    colleagues.send({ type: 'leg.answered', legId: customer });
    expect(colleagues.all.some(({ type }) => type === 'leg.detect')).toBe(false);
  });

  test('[CALL-22] lets the agent hear that it rings, or the sound of the far end', () => {
    const call = new Call();
    call.dial('command');
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.send({ type: 'leg.ringing', legId: customer });
    expect(call.effects('media.play')).toMatchObject([{ legId: agentLeg, source: 'ringback' }]);
    call.send({ type: 'leg.early-media', legId: customer });
    expect(call.steps()).toEqual(['media.stop', 'media.bridge']);
    call.send({ type: 'leg.ringing', legId: customer });
    expect(call.steps()).toEqual([]);
  });

  test('[CALL-23 CALL-26] connects and records, and ends like any other talk', () => {
    const call = new Call();
    call.dial('command');
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.send({ type: 'leg.ringing', legId: customer });
    call.advance(5_000);
    call.send({ type: 'leg.answered', legId: customer });
    expect(call.steps()).toEqual([
      'fact:segment.started',
      'media.stop',
      'media.bridge',
      'fact:recording.started',
      'recording.start',
    ]);
    expect(call.effects('recording.start')).toMatchObject([{ recordingId: recording, queueId: null }]);
    expect(call.dataOf('segment.started')).toEqual([{ segment: 1, agentId: ann, legId: agentLeg }]);
    call.advance(3_000);
    call.end(customer);
    expect(call.steps()).not.toContain('conversation.ended');
    expect(engaged(call)).toEqual([[ann, false]]);
    expect(call.dataOf('segment.ended')).toMatchObject([{ talkMs: 3_000, reason: 'customer-hung-up' }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason: 'customer-hung-up' }]);
    call.end(agentLeg);
    call.send({
      type: 'recording.ended',
      recordingId: recording,
      durationMs: 3_000,
      result: 'complete',
      reason: 'stopped',
    });
    expect(call.machine.view().state).toBe('closed');
  });

  test('[CALL-24 CALL-25] ends when the agent does not answer, and calls nobody', () => {
    const call = new Call();
    call.dial('command');
    call.advance(30_000);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: agentLeg, code: 487 }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'failed', reason: 'agent-no-answer' }]);
    call.fail(agentLeg, 487, 'local');
    expect(call.machine.view().state).toBe('closed');
    expect(call.all.some(({ type }) => type === 'leg.call')).toBe(false);
  });

  test('[CALL-24] ends when the agent’s device refuses or is not there', () => {
    const call = new Call();
    call.dial('command');
    call.fail(agentLeg, 480, 'local');
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'failed', reason: 'agent-sip-480' }]);
    expect(engaged(call)).toEqual([[ann, false]]);
    expect(call.machine.view().state).toBe('closed');
  });

  test('[CALL-24 CALL-25] ends when the far end is busy or does not answer; the agent is hung up', () => {
    for (const [happen, reason] of [
      [(call: Call) => call.fail(customer, 486), 'sip-486'],
      [(call: Call) => call.advance(30_000), 'no-answer'],
    ] as const) {
      const call = new Call();
      call.dial('command');
      call.send({ type: 'leg.answered', legId: agentLeg });
      happen(call);
      expect(call.effects('leg.hangup').map(({ legId }) => legId)).toContain(agentLeg);
      expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'failed', reason }]);
    }
  });

  test('[CALL-24] ends when the agent hangs up while it rings; the far end is cancelled', () => {
    const call = new Call();
    call.dial('command');
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.send({ type: 'leg.ringing', legId: customer });
    call.end(agentLeg);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: customer, code: 487 }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'failed', reason: 'agent-hung-up' }]);
    // Its answer crosses our CANCEL.
    call.send({ type: 'leg.answered', legId: customer });
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: customer, code: 200 }]);
  });

  test('[CALL-21] is ended by command at any moment', () => {
    const call = new Call();
    call.dial('command');
    call.send({ type: 'hangup.requested', legId: agentLeg, reason: 'hung-up-by-agent' });
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'failed', reason: 'hung-up-by-agent' }]);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: agentLeg }]);
  });
});

describe('a call from the agent’s device', () => {
  test('[CALL-21 CALL-22] calls the far end at once, and is answered when that has answered', () => {
    const call = new Call();
    call.dial('device');
    expect(call.steps()).toEqual([
      'fact:contact.started',
      'fact:leg.added',
      'agent.engaged',
      'fact:leg.added',
      'leg.call',
    ]);
    call.send({ type: 'leg.ringing', legId: customer });
    expect(call.effects('leg.progress')).toEqual([
      { type: 'leg.progress', legId: agentLeg, withSound: false },
    ]);
    call.send({ type: 'leg.answered', legId: customer });
    expect(call.steps()).toEqual(['fact:segment.started', 'leg.answer']);
    call.send({ type: 'leg.answered', legId: agentLeg });
    expect(call.steps()).toEqual(['media.bridge', 'fact:recording.started', 'recording.start']);
  });

  test('[CALL-22] hears the sound of the far end before it answers', () => {
    const call = new Call();
    call.dial('device');
    call.send({ type: 'leg.early-media', legId: customer });
    expect(call.steps()).toEqual(['leg.progress', 'media.bridge']);
    expect(call.effects('leg.progress')).toMatchObject([{ withSound: true }]);
  });

  test('[CALL-24] is refused with the code of the far end', () => {
    for (const [code, by, expected] of [
      [486, 'remote', 486],
      [404, 'remote', 404],
      [408, 'timeout', 480],
      [403, 'local', 403],
      [503, 'local', 480],
    ] as const) {
      const call = new Call();
      call.dial('device');
      call.fail(customer, code, by);
      expect(call.effects('leg.reject')).toMatchObject([{ legId: agentLeg, code: expected }]);
      expect(call.machine.view().state).toBe('closed');
    }
  });

  test('[CALL-18] whose answer is not acknowledged ends for both', () => {
    const call = new Call();
    call.dial('device');
    call.send({ type: 'leg.answered', legId: customer });
    call.advance(40_000);
    expect(call.effects('leg.hangup').map(({ legId }) => legId)).toEqual([agentLeg, customer]);
    expect(call.dataOf('contact.ended')).toMatchObject([{ outcome: 'answered', reason: 'agent-lost' }]);
  });

  test('[CALL-21 CALL-27] to another agent: the far end is that agent’s device, and both are engaged', () => {
    const call = new Call();
    call.dial('device', { kind: 'agent', agentId: bob, address: 'sip:bob' });
    expect(engaged(call)).toEqual([
      [ann, true],
      [bob, true],
    ]);
    expect(call.effects('leg.dial')).toMatchObject([{ legId: customer, agentId: bob, offerId: null }]);
    expect(call.dataOf('leg.added').map(({ party, agentId }) => [party, agentId])).toEqual([
      ['agent', ann],
      ['customer', bob],
    ]);
    call.fail(customer, 486);
    expect(engaged(call)).toEqual([
      [ann, false],
      [bob, false],
    ]);
  });
});
