import type { AgentId, LegId, QueueId, RecordingId, UserId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { agentLeg, ann, Call, customer } from '../../test/contact-kit.ts';
import { Hearing } from '../../test/hearing.ts';
import type { FarEnd, Invitation } from './door.ts';

const bob: FarEnd = { kind: 'agent', agentId: 'bob' as AgentId, address: 'sip:bob' };
const cid: FarEnd = { kind: 'agent', agentId: 'cid' as AgentId, address: 'sip:cid' };
const outside: FarEnd = { kind: 'number', number: '+420555000333' };
const boss = 'boss' as UserId;

function invitation<Target>(name: string, target: Target) {
  const recordingId = `rec-${name}` as RecordingId;
  return { legId: name as LegId, recordingId, ringTimeoutMs: 20_000, target };
}
const callBob: Invitation = invitation('bob', bob);
const callCid: Invitation = invitation('cid', cid);
const callOutside: Invitation = invitation('outside', outside);
const back: Invitation = invitation('back', { kind: 'agent', agentId: ann, address: 'sip:ann' });
const support = 'support' as QueueId;

const hears = (call: Call) => {
  const hearing = new Hearing(call.all);
  return (...names: string[]) => names.map((name) => `${name}: ${hearing.of(name)}`);
};
const answer = (call: Call, name: string) => call.send({ type: 'leg.answered', legId: name as LegId });

function talking(record = true): Call {
  const call = new Call();
  call.talk(record);
  return call;
}

/** Ann consults Bob, who has answered. */
function consulting(): Call {
  const call = talking();
  call.advance(4_000);
  call.send({ type: 'consult.requested', invitation: callBob });
  call.advance(2_000);
  answer(call, 'bob');
  call.advance(3_000);
  return call;
}

/** The customer, Ann and Bob. */
function conference(): Call {
  const call = talking();
  call.send({ type: 'party.invited', invitation: callBob });
  answer(call, 'bob');
  return call;
}

describe('blind transfer', () => {
  test('[CALL-60] to an agent: the first is free at once, the second has a segment of its own', () => {
    const call = talking();
    call.advance(4_000);
    call.send({ type: 'transfer.requested', invitation: callBob, back });
    expect(call.dataOf('segment.ended')).toEqual([
      { segment: 1, agentId: ann, talkMs: 4_000, holdMs: 0, reason: 'transferred' },
    ]);
    expect(call.effects('conversation.ended')).toHaveLength(1);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: agentLeg }]);
    expect(hears(call)('customer')).toEqual(['customer: music']);
    call.send({ type: 'leg.ringing', legId: 'bob' as LegId });
    expect(hears(call)('customer')).toEqual(['customer: ringback']);
    answer(call, 'bob');
    expect(hears(call)('customer', 'bob')).toEqual(['customer: bob', 'bob: customer']);
    expect(call.effects('recording.start')).toMatchObject([{ recordingId: 'rec-bob', segment: 2 }]);
    call.end(agentLeg);
    call.send({ type: 'contact.wrapped' });
    expect(call.machine.view().state).toBe('connected');
    call.end(customer);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason: 'customer-hung-up' }]);
    expect(call.dataOf('transfer.started')).toEqual([
      { kind: 'blind', byAgentId: ann, agentId: 'bob', legId: 'bob' },
    ]);
  });

  test.each([
    ['with the age', true, { agedSince: 0 }],
    ['as a new one', false, {}],
  ])('[CALL-61] to a queue, %s: the customer waits there and is answered already', (_what, keepAge, age) => {
    const call = talking();
    call.advance(30_000);
    const target = { kind: 'queue', queueId: support, keepAge, record: false } as const;
    call.send({ type: 'transfer.requested', invitation: invitation('x', target), back });
    const entered = call.effects('contact.entered');
    expect(entered).toMatchObject([{ queueId: support, via: 'transfer', ...age }]);
    expect('agedSince' in (entered[0] ?? {})).toBe(keepAge);
    call.queueEntered();
    call.send({ type: 'entry.accepted' });
    expect(call.effects('leg.answer')).toEqual([]);
    expect(call.machine.view().state).toBe('waiting');
    expect(hears(call)('customer')).toEqual(['customer: music']);
    call.end(customer);
    call.queueLeft('abandoned');
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason: 'customer-hung-up' }]);
  });

  test('[CALL-96] to a flow: the agent is free, the flow has the customer, who was answered whatever comes of it', () => {
    const call = talking();
    call.advance(4_000);
    const target = { kind: 'flow', number: '+420555000900' } as const;
    call.send({ type: 'transfer.requested', invitation: invitation('x', target), back });
    expect(call.effects('flow.began')).toEqual([{ type: 'flow.began', legId: customer }]);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: agentLeg }]);
    expect(call.effects('leg.call')).toEqual([]);
    expect(call.dataOf('transfer.started')).toEqual([
      { kind: 'blind', byAgentId: ann, number: '+420555000900' },
    ]);
    call.end(agentLeg);
    call.send({ type: 'contact.wrapped' });
    call.send({ type: 'flow.over', reason: 'flow-ended' });
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: customer }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason: 'flow-ended' }]);
  });

  test('[CALL-62] to a number outside: a segment without an agent', () => {
    const call = talking();
    call.send({ type: 'transfer.requested', invitation: callOutside, back });
    expect(call.effects('leg.call')).toMatchObject([{ legId: 'outside', agentId: ann, isSentOn: true }]);
    answer(call, 'outside');
    expect(call.dataOf('segment.started')[1]).toEqual({ segment: 2, legId: 'outside', via: 'transfer' });
    call.advance(1_000);
    call.end('outside' as LegId);
    expect(call.effects('conversation.ended')).toEqual([]);
    expect(call.dataOf('segment.ended')[1]).toMatchObject({ segment: 2, talkMs: 1_000 });
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: customer }]);
  });

  test('[CALL-63] who does not come costs the customer nothing: back to the queue, then to the agent, never lost', () => {
    const call = talking();
    call.send({ type: 'transfer.requested', invitation: callBob, back });
    call.advance(20_000);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: 'bob', code: 487 }]);
    expect(call.effects('contact.entered')).toMatchObject([{ queueId: 'q', via: 'transfer', agedSince: 0 }]);
    expect(call.effects('agent.engaged')).toMatchObject([{ agentId: 'bob', engaged: false }]);
    call.send({ type: 'entry.refused', reason: 'full' });
    expect(call.effects('leg.dial')).toMatchObject([{ legId: 'back', agentId: ann }]);
    expect(call.dataOf('transfer.failed')).toEqual([
      { reason: 'no-answer', next: 'queue' },
      { reason: 'full', next: 'agent' },
    ]);
    answer(call, 'back');
    expect(hears(call)('customer', 'back')).toEqual(['customer: back', 'back: customer']);
  });

  test('[CALL-63] when nobody at all is left the call ends, and counts as answered', () => {
    const call = new Call();
    call.dial('device');
    answer(call, 'customer');
    answer(call, 'agent-1');
    call.send({ type: 'transfer.requested', invitation: callBob, back: null });
    call.fail('bob' as LegId, 486);
    expect(call.dataOf('transfer.failed')).toEqual([{ reason: 'sip-486', next: 'nobody' }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason: 'transfer-failed' }]);
  });

  test('[CALL-60] the customer hangs up on the way', () => {
    const call = talking();
    call.send({ type: 'transfer.requested', invitation: callBob, back });
    call.end(customer);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: 'bob', code: 487 }]);
    expect(call.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason: 'customer-hung-up' }]);
  });

  test('[CALL-13] nobody to transfer, and somebody who is here already', () => {
    const call = new Call();
    call.wait();
    call.send({ type: 'transfer.requested', invitation: callBob, back });
    expect(call.effects('command.refused')).toMatchObject([{ reason: 'not-connected' }]);
    const busy = consulting();
    busy.send({ type: 'transfer.requested', invitation: callBob, back });
    expect(busy.effects('command.refused')).toMatchObject([{ reason: 'already-here' }]);
  });
});

describe('consultation', () => {
  test('[CALL-64] the customer hears music, the agent the one consulted, each side in turn', () => {
    const call = talking();
    call.send({ type: 'consult.requested', invitation: callBob });
    call.send({ type: 'leg.ringing', legId: 'bob' as LegId });
    expect(hears(call)('customer', 'agent-1')).toEqual(['customer: music', 'agent-1: ringback']);
    answer(call, 'bob');
    const all = ['customer', 'agent-1', 'bob'];
    expect(hears(call)(...all)).toEqual(['customer: music', 'agent-1: bob', 'bob: agent-1']);
    expect(call.effects('recording.attach')).toEqual([]);
    call.send({ type: 'consult.swapped' });
    expect(hears(call)(...all)).toEqual(['customer: agent-1', 'agent-1: customer', 'bob: music']);
    expect(call.effects('recording.attach')).toMatchObject([{ right: agentLeg }]);
    call.send({ type: 'consult.swapped' });
    expect(hears(call)(...all)).toEqual(['customer: music', 'agent-1: bob', 'bob: agent-1']);
    expect(call.effects('recording.attach')).toMatchObject([{ right: null }]);
    call.send({ type: 'consult.cancelled' });
    expect(hears(call)('customer', 'agent-1')).toEqual(['customer: agent-1', 'agent-1: customer']);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: 'bob' }]);
  });

  test('[CALL-65] completed: the consultation is hold in the first segment, the second begins with it', () => {
    const call = consulting();
    call.send({ type: 'consult.completed' });
    expect(hears(call)('customer', 'bob')).toEqual(['customer: bob', 'bob: customer']);
    expect(call.dataOf('segment.ended')).toEqual([
      { segment: 1, agentId: ann, talkMs: 4_000, holdMs: 5_000, reason: 'transferred' },
    ]);
    expect(call.dataOf('consult.ended')).toEqual([
      { legId: 'bob', result: 'transferred', reason: 'transferred', talkMs: 3_000 },
    ]);
    expect(call.dataOf('segment.started')[1]).toMatchObject({ agentId: 'bob', via: 'transfer' });
  });

  test('[CALL-65] an agent who hangs up hands over, also to one who still rings', () => {
    const up = consulting();
    up.end(agentLeg);
    expect(hears(up)('customer', 'bob')).toEqual(['customer: bob', 'bob: customer']);
    const call = talking();
    call.send({ type: 'consult.requested', invitation: callBob });
    call.end(agentLeg);
    expect(hears(call)('customer')).toEqual(['customer: music']);
    answer(call, 'bob');
    expect(hears(call)('customer', 'bob')).toEqual(['customer: bob', 'bob: customer']);
  });

  test('[CALL-64] one who does not come, or goes: the agent has the customer back', () => {
    for (const end of [
      (call: Call) => call.fail('bob' as LegId, 486),
      (call: Call) => call.advance(20_000),
      (call: Call) => {
        answer(call, 'bob');
        call.end('bob' as LegId);
      },
    ]) {
      const call = talking();
      call.send({ type: 'consult.requested', invitation: callBob });
      end(call);
      expect(hears(call)('customer', 'agent-1')).toEqual(['customer: agent-1', 'agent-1: customer']);
      expect(call.dataOf('consult.ended')).toHaveLength(1);
    }
  });

  test('[CALL-66] joined: all three speak, and the agent who leaves hands over warmly', () => {
    const call = consulting();
    call.send({ type: 'consult.joined' });
    const all = ['customer', 'agent-1', 'bob'];
    expect(hears(call)(...all)).toEqual([
      'customer: agent-1 bob',
      'agent-1: bob customer',
      'bob: agent-1 customer',
    ]);
    expect(call.effects('recording.attach')).toMatchObject([{ right: { room: 'main' } }]);
    call.send({ type: 'conference.left' });
    expect(hears(call)('customer', 'bob')).toEqual(['customer: bob', 'bob: customer']);
    expect(new Hearing(call.all).openRooms).toBe(0);
    expect(call.dataOf('segment.started')[1]).toMatchObject({ agentId: 'bob', via: 'conference' });
  });

  test('[CALL-67] a call that the agent made elsewhere is brought here', () => {
    const call = talking();
    call.send({ type: 'leg.adopted', legId: 'bob' as LegId, target: bob, recordingId: callBob.recordingId });
    expect(hears(call)('customer', 'bob')).toEqual(['customer: bob', 'bob: customer']);
    expect(call.effects('agent.engaged')).toEqual([{ type: 'agent.engaged', agentId: 'bob', engaged: true }]);
    const other = new Call();
    other.dial('device', bob);
    answer(other, 'customer');
    answer(other, 'agent-1');
    other.send({ type: 'leg.surrendered', legId: customer });
    expect(other.effects('leg.hangup').map(({ legId }) => legId)).toEqual([agentLeg]);
    expect(other.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason: 'transferred' }]);
    other.end(agentLeg);
    other.advance(60_000);
    expect(other.machine.view().state).toBe('closed');
  });

  test('[CALL-67] who answered an agent in another queue is brought along, and that conversation is over', () => {
    const other = talking();
    other.advance(3_000);
    other.send({ type: 'leg.surrendered', legId: agentLeg });
    expect(other.effects('leg.hangup').map(({ legId }) => legId)).toEqual([customer]);
    expect(other.effects('conversation.ended')).toEqual([{ type: 'conversation.ended', agentId: ann }]);
    expect(other.dataOf('segment.ended')).toMatchObject([
      { agentId: ann, talkMs: 3_000, reason: 'transferred' },
    ]);
    other.end(customer);
    expect(other.dataOf('contact.ended')).toEqual([{ outcome: 'answered', reason: 'transferred' }]);
    other.send({ type: 'contact.wrapped' });
    other.advance(60_000);
    expect(other.machine.view().state).toBe('closed');
  });
});

describe('conference', () => {
  test('[CALL-68] parties come and go without ending it; one is muted, held, removed', () => {
    const call = conference();
    call.send({ type: 'party.invited', invitation: callCid });
    answer(call, 'cid');
    expect(hears(call)('customer', 'cid')).toEqual([
      'customer: agent-1 bob cid',
      'cid: agent-1 bob customer',
    ]);
    call.send({ type: 'party.changed', legId: 'bob' as LegId, muted: true });
    expect(hears(call)('customer', 'bob')).toEqual(['customer: agent-1 cid', 'bob: agent-1 cid customer']);
    call.send({ type: 'party.changed', legId: 'bob' as LegId, muted: false, held: true });
    expect(hears(call)('customer', 'bob')).toEqual(['customer: agent-1 cid', 'bob: music']);
    call.send({ type: 'party.removed', legId: 'bob' as LegId });
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: 'bob' }]);
    call.end('cid' as LegId);
    expect(hears(call)('customer', 'agent-1')).toEqual(['customer: agent-1', 'agent-1: customer']);
    expect(new Hearing(call.all).openRooms).toBe(0);
    expect(call.dataOf('party.left').map(({ reason }) => reason)).toEqual(['removed', 'hung-up']);
  });

  test('[CALL-68] an agent who holds is away alone, and may consult while the others stay together', () => {
    const call = conference();
    call.send({ type: 'hold.requested', agentId: ann });
    expect(hears(call)('customer', 'agent-1', 'bob')).toEqual([
      'customer: bob',
      'agent-1: silence',
      'bob: customer',
    ]);
    // The room is closed, and whom the customer speaks with is in the recording all the same.
    expect(call.effects('recording.attach')).toMatchObject([{ right: 'bob' }]);
    call.send({ type: 'resume.requested', agentId: ann });
    expect(call.effects('recording.attach')).toMatchObject([{ right: { room: 'main' } }]);
    call.send({ type: 'consult.requested', invitation: callCid });
    answer(call, 'cid');
    expect(hears(call)('customer', 'agent-1', 'bob', 'cid')).toEqual([
      'customer: bob',
      'agent-1: cid',
      'bob: customer',
      'cid: agent-1',
    ]);
  });

  test('[CALL-69] locked: nobody is let in', () => {
    const call = conference();
    call.send({ type: 'conference.locked', locked: true });
    call.send({ type: 'party.invited', invitation: callCid });
    expect(call.effects('command.refused')).toMatchObject([{ reason: 'locked' }]);
    call.send({ type: 'conference.locked', locked: false });
    call.send({ type: 'party.invited', invitation: callCid });
    expect(call.effects('leg.dial')).toHaveLength(1);
  });

  test('[CALL-69] it holds so many parties and not one more', () => {
    const call = talking();
    for (let index = 1; index <= 11; index++) {
      call.send({ type: 'party.invited', invitation: invitation(`o${index}`, outside) });
      expect(call.effects('command.refused')).toHaveLength(index <= 10 ? 0 : 1);
    }
  });

  test('[CALL-66] an agent who hangs up, or is lost, leaves the customer with the others', () => {
    const call = conference();
    call.end(agentLeg, { code: 0, reason: 'media-timeout', by: 'transport' });
    expect(hears(call)('customer', 'bob')).toEqual(['customer: bob', 'bob: customer']);
    call.end(customer);
    expect(call.effects('leg.hangup').map(({ legId }) => legId)).toEqual(['bob']);
  });

  test('[CALL-70] a recording is paused with a reason, and resumed by its end at the latest', () => {
    const call = talking();
    const byUserId = boss;
    call.send({ type: 'recording.paused', paused: true, reason: 'card', byUserId });
    expect(call.effects('recording.pause')).toMatchObject([{ recordingId: 'rec-1', paused: true }]);
    expect(call.machine.view().recordingPaused).toBe(true);
    call.send({ type: 'recording.paused', paused: true, reason: 'card', byUserId });
    expect(call.effects('command.refused')).toMatchObject([{ reason: 'already-paused' }]);
    call.advance(5_000);
    call.end(customer);
    expect(call.dataOf('recording.resumed')).toEqual([
      { recordingId: 'rec-1', byUserId: null, pausedMs: 5_000 },
    ]);
  });
});

describe('recording on demand', () => {
  const commanded = (recording: boolean, recordingId: string, mayEndAny = false) => ({
    ...{ type: 'recording.commanded' as const, recording, byUserId: boss, mayEndAny },
    recordingId: recordingId as RecordingId,
  });

  test('[CALL-93] begins in mid-call with the customer left and the agent right, and ends by command or with the conversation', () => {
    const call = talking(false);
    call.send(commanded(false, 'd1'));
    expect(call.effects('command.refused')).toMatchObject([{ reason: 'not-recorded' }]);
    call.send(commanded(true, 'd1'));
    expect(call.dataOf('recording.commanded')).toEqual([
      { recordingId: 'd1', recording: true, byUserId: boss },
    ]);
    expect(call.effects('recording.start')).toMatchObject([
      { recordingId: 'd1', customer, agent: agentLeg, segment: 1 },
    ]);
    expect(call.machine.view().recorded).toBe(true);
    call.send(commanded(true, 'd2'));
    expect(call.effects('command.refused')).toMatchObject([{ reason: 'already-recorded' }]);
    call.send(commanded(false, 'd2'));
    expect(call.effects('recording.stop')).toMatchObject([{ recordingId: 'd1' }]);
    expect(call.machine.view().recorded).toBe(false);
    // The file of the first is not closed yet.
    call.send(commanded(true, 'd3'));
    expect(call.effects('recording.start')).toMatchObject([{ recordingId: 'd3' }]);
    call.end(customer);
    expect(call.effects('recording.stop')).toMatchObject([{ recordingId: 'd3' }]);
  });

  test('[CALL-93] what the queue asks for is ended only by who may end any', () => {
    const call = talking();
    call.send(commanded(false, 'd1'));
    expect(call.effects('command.refused')).toMatchObject([{ reason: 'recorded-by-queue' }]);
    call.send(commanded(false, 'd1', true));
    expect(call.effects('recording.stop')).toMatchObject([{ recordingId: 'rec-1' }]);
    call.send({ type: 'recording.paused', paused: true, reason: 'card', byUserId: boss });
    expect(call.effects('command.refused')).toMatchObject([{ reason: 'not-recorded' }]);
  });
});

describe('supervision', () => {
  const all = ['customer', 'agent-1', 'boss'];
  const attach = (call: Call, mode: 'listen' | 'whisper' | 'barge' | 'take-over') => {
    const target: FarEnd = { kind: 'agent', agentId: 'boss' as AgentId, address: 'sip:boss' };
    call.send({ type: 'supervision.requested', invitation: invitation('boss', target), userId: boss, mode });
    answer(call, 'boss');
  };
  const matrix = {
    listen: ['customer: agent-1', 'agent-1: customer', 'boss: agent-1 customer'],
    whisper: ['customer: agent-1', 'agent-1: boss customer', 'boss: agent-1 customer'],
    barge: ['customer: agent-1 boss', 'agent-1: boss customer', 'boss: agent-1 customer'],
  };

  test.each(['listen', 'whisper', 'barge'] as const)('[CALL-71] %s: who hears whom', (mode) => {
    const call = talking();
    attach(call, mode);
    expect(hears(call)(...all)).toEqual(matrix[mode]);
    expect(call.dataOf('supervision.started')).toEqual([{ legId: 'boss', userId: boss, mode }]);
  });

  test('[CALL-71] the modes change in place, without leaving the room', () => {
    const call = talking();
    attach(call, 'listen');
    for (const mode of ['whisper', 'barge', 'listen'] as const) {
      call.send({ type: 'supervision.changed', legId: 'boss' as LegId, mode });
      expect(hears(call)(...all)).toEqual(matrix[mode]);
      expect(call.steps().filter((step) => step.startsWith('room.'))).toEqual(['room.set']);
    }
    call.end('boss' as LegId);
    expect(hears(call)('customer', 'agent-1')).toEqual(['customer: agent-1', 'agent-1: customer']);
    expect(call.dataOf('supervision.ended')).toHaveLength(1);
  });

  test('[CALL-71] [CALL-70] while the agent holds, supervisor and agent are apart from the customer and from the recording', () => {
    const call = talking();
    attach(call, 'barge');
    call.send({ type: 'hold.requested', agentId: ann });
    expect(hears(call)(...all)).toEqual(['customer: music', 'agent-1: boss', 'boss: agent-1']);
    expect(call.effects('recording.attach')).toMatchObject([{ right: null }]);
    call.send({ type: 'supervision.changed', legId: 'boss' as LegId, mode: 'whisper' });
    expect(hears(call)(...all)).toEqual(['customer: music', 'agent-1: boss', 'boss: agent-1']);
    call.send({ type: 'resume.requested', agentId: ann });
    expect(hears(call)(...all)).toEqual(matrix.whisper);
    expect(call.effects('recording.attach')).toMatchObject([{ right: agentLeg }]);
  });

  test('[CALL-71] a supervisor who whispers is heard by the agent also while the customer holds', () => {
    const call = talking();
    attach(call, 'listen');
    call.send({ type: 'leg.held', legId: customer });
    expect(hears(call)('agent-1')).toEqual(['agent-1: music']);
    call.send({ type: 'supervision.changed', legId: 'boss' as LegId, mode: 'whisper' });
    expect(hears(call)('agent-1')).toEqual(['agent-1: boss customer']);
  });

  test('[CALL-72] take over: the supervisor has the customer, and a segment', () => {
    const call = talking();
    attach(call, 'listen');
    call.send({ type: 'supervision.changed', legId: 'boss' as LegId, mode: 'take-over' });
    expect(hears(call)('customer', 'boss')).toEqual(['customer: boss', 'boss: customer']);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: agentLeg }]);
    expect(call.dataOf('segment.ended')).toMatchObject([{ reason: 'taken-over' }]);
    expect(call.dataOf('segment.started')[1]).toMatchObject({ agentId: 'boss', via: 'take-over' });
    const atOnce = talking();
    attach(atOnce, 'take-over');
    expect(hears(atOnce)('customer', 'boss')).toEqual(['customer: boss', 'boss: customer']);
  });

  test('[CALL-71] a supervisor goes with the agent into a consultation, and on with the customer after it', () => {
    const call = consulting();
    attach(call, 'listen');
    expect(hears(call)('customer', 'agent-1', 'bob', 'boss')).toEqual([
      'customer: music',
      'agent-1: bob',
      'bob: agent-1',
      'boss: agent-1 bob',
    ]);
    call.send({ type: 'consult.cancelled' });
    expect(hears(call)('customer', 'boss')).toEqual(['customer: agent-1', 'boss: agent-1 customer']);
  });
});
