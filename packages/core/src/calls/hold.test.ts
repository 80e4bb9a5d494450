import type { AgentId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { agentLeg, ann, Call, customer } from '../../test/contact-kit.ts';

describe('hold', () => {
  test('[CALL-12] by the agent’s device: the customer hears music, the recording goes on without the agent', () => {
    const call = new Call();
    call.talk();
    call.advance(2_000);
    call.send({ type: 'leg.held', legId: agentLeg });
    const recording = ['fact:recording.channels', 'recording.attach'];
    expect(call.steps()).toEqual(['fact:hold.started', 'hold.changed', 'media.play', ...recording]);
    expect(call.effects('media.play')).toMatchObject([{ legId: customer, source: 'music' }]);
    expect(call.effects('recording.attach')).toMatchObject([{ right: null }]);
    expect(call.machine.view().legs.map(({ state }) => state)).toEqual(['hold', 'hold']);
    call.advance(3_000);
    call.send({ type: 'leg.resumed', legId: agentLeg });
    expect(call.steps()).toEqual(['fact:hold.ended', 'hold.changed', 'media.stop', ...recording]);
    expect(call.effects('recording.attach')).toMatchObject([{ right: agentLeg }]);
    call.advance(1_000);
    call.end(customer);
    expect(call.dataOf('segment.ended')).toMatchObject([{ talkMs: 3_000, holdMs: 3_000 }]);
  });

  test('[CALL-12] by command: music for the customer, silence for the agent', () => {
    const call = new Call();
    call.talk();
    call.send({ type: 'hold.requested', agentId: ann });
    expect(call.effects('media.play').map(({ legId, source }) => [legId, source])).toEqual([
      [customer, 'music'],
      [agentLeg, 'silence'],
    ]);
    call.send({ type: 'resume.requested', agentId: ann });
    expect(call.effects('media.stop').map(({ legId }) => legId)).toEqual([customer, agentLeg]);
  });

  test('[CALL-12] both sides at once count once, and end with the talk', () => {
    const call = new Call();
    call.talk();
    call.send({ type: 'leg.held', legId: customer });
    expect(call.effects('media.play')).toMatchObject([{ legId: agentLeg, source: 'music' }]);
    call.advance(2_000);
    call.send({ type: 'hold.requested', agentId: ann });
    expect(call.effects('hold.changed')).toEqual([]);
    call.advance(2_000);
    call.send({ type: 'leg.resumed', legId: customer });
    expect(call.effects('hold.changed')).toEqual([]);
    call.advance(2_000);
    call.end(customer);
    expect(call.dataOf('hold.started').map(({ by }) => by)).toEqual(['customer', 'agent']);
    expect(call.dataOf('hold.ended').map(({ by }) => by)).toEqual(['customer', 'agent']);
    expect(call.dataOf('segment.ended')).toMatchObject([{ talkMs: 0, holdMs: 6_000 }]);
  });

  test('[CALL-13] a command that does not fit is refused', () => {
    const call = new Call();
    call.wait();
    const refusal = (type: 'hold.requested' | 'resume.requested', agentId: AgentId = ann) => {
      call.send({ type, agentId });
      return call.effects('command.refused')[0]?.reason;
    };
    expect(refusal('hold.requested')).toBe('not-connected');
    call.offer();
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.assign();
    expect(refusal('resume.requested')).toBe('not-held');
    expect(refusal('hold.requested', 'bob' as AgentId)).toBe('wrong-agent');
    expect(refusal('hold.requested')).toBeUndefined();
    expect(refusal('hold.requested')).toBe('already-held');
  });

  test('[CALL-14] keys are kept while waiting, and only counted while people talk', () => {
    const call = new Call();
    call.wait();
    call.send({ type: 'leg.digit', legId: customer, digit: '5' });
    call.offer();
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.assign();
    call.send({ type: 'leg.digit', legId: customer, digit: '4' });
    call.send({ type: 'leg.digit', legId: agentLeg, digit: '9' });
    expect(call.dataOf('digit.received').map(({ party, digit }) => [party, digit])).toEqual([
      ['customer', '5'],
      ['customer', ''],
      ['agent', ''],
    ]);
    for (let press = 0; press < 600; press++) call.send({ type: 'leg.digit', legId: customer, digit: '1' });
    expect(call.dataOf('digit.received')).toHaveLength(500);
  });
});
