import type { AgentId, LegId, RecordingId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { agentLeg, ann, Call, customer } from '../../test/contact-kit.ts';
import { Hearing } from '../../test/hearing.ts';
import type { FarEnd, Invitation } from './door.ts';

const bob: FarEnd = { kind: 'agent', agentId: 'bob' as AgentId, address: 'sip:bob' };
const cid: FarEnd = { kind: 'agent', agentId: 'cid' as AgentId, address: 'sip:cid' };

function invitation<Target>(name: string, target: Target) {
  const recordingId = `rec-${name}` as RecordingId;
  return { legId: name as LegId, recordingId, ringTimeoutMs: 20_000, target };
}
const callBob: Invitation = invitation('bob', bob);
const callCid: Invitation = invitation('cid', cid);
const back: Invitation = invitation('back', { kind: 'agent', agentId: ann, address: 'sip:ann' });

const hears = (call: Call) => {
  const hearing = new Hearing(call.all);
  return (...names: string[]) => names.map((name) => `${name}: ${hearing.of(name)}`);
};
const answer = (call: Call, name: string) => call.send({ type: 'leg.answered', legId: name as LegId });

function talking(): Call {
  const call = new Call();
  call.talk(true);
  return call;
}

describe('picking up', () => {
  test('[CALL-94] a colleague answers for one to whom the customer is sent, and has the customer', () => {
    const call = talking();
    call.send({ type: 'transfer.requested', invitation: callBob, back });
    call.send({ type: 'leg.picked-up', legId: 'bob' as LegId, invitation: callCid });
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: 'bob', code: 487, reason: 'picked-up' }]);
    expect(call.effects('leg.dial')).toMatchObject([{ legId: 'cid', agentId: 'cid' }]);
    expect(call.effects('agent.engaged').map(({ agentId, engaged }) => [agentId, engaged])).toEqual([
      ['bob', false],
      ['cid', true],
    ]);
    // What the first one says of its end changes nothing.
    call.end('bob' as LegId);
    answer(call, 'cid');
    expect(hears(call)('customer', 'cid')).toEqual(['customer: cid', 'cid: customer']);
    expect(call.dataOf('segment.started')[1]).toMatchObject({ agentId: 'cid', via: 'transfer' });
  });

  test('[CALL-94] a colleague answers for one who is consulted, who may not be there already', () => {
    const call = talking();
    call.send({ type: 'consult.requested', invitation: callBob });
    call.send({
      type: 'leg.picked-up',
      legId: 'bob' as LegId,
      invitation: { ...back, legId: 'again' as LegId },
    });
    expect(call.effects('command.refused')).toMatchObject([{ reason: 'already-here' }]);
    call.send({ type: 'leg.picked-up', legId: 'bob' as LegId, invitation: callCid });
    answer(call, 'cid');
    expect(hears(call)('agent-1', 'cid')).toEqual(['agent-1: cid', 'cid: agent-1']);
    expect(call.dataOf('consult.started')).toMatchObject([{ agentId: 'bob' }, { agentId: 'cid' }]);
    expect(call.dataOf('consult.ended')).toMatchObject([
      { legId: 'bob', result: 'ended', reason: 'picked-up' },
    ]);
    // Who has answered rings no more.
    call.send({ type: 'leg.picked-up', legId: 'cid' as LegId, invitation: callBob });
    expect(call.effects('command.refused')).toMatchObject([{ reason: 'not-ringing' }]);
  });

  test('[CALL-94] a colleague answers a call between two; one who does not answer either ends it', () => {
    const call = new Call();
    call.dial('device', bob);
    call.send({ type: 'leg.picked-up', legId: customer, invitation: callCid });
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: customer, reason: 'picked-up' }]);
    expect(call.effects('leg.dial')).toMatchObject([{ legId: 'cid', agentId: 'cid' }]);
    call.send({ type: 'leg.failed', legId: customer, end: { code: 487, reason: 'cancelled', by: 'local' } });
    expect(call.machine.view().state).toBe('dialling');
    answer(call, 'cid');
    answer(call, 'agent-1');
    expect(hears(call)('agent-1', 'cid')).toEqual(['agent-1: cid', 'cid: agent-1']);
    call.end('cid' as LegId);
    expect(call.dataOf('contact.ended')).toMatchObject([{ outcome: 'answered' }]);
  });

  test('[CALL-94] what a queue offers is for the distributor to give', () => {
    const call = new Call();
    call.wait();
    call.offer();
    call.send({ type: 'leg.picked-up', legId: agentLeg, invitation: callBob });
    expect(call.effects('command.refused')).toMatchObject([{ reason: 'not-ringing' }]);
  });
});
