import type { OfferId, QueueId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { agentLeg, ann, Call, customer } from '../../test/contact-kit.ts';

const queueId = 'q' as QueueId;

/** Customer and agent hear each other; the queue has a survey. */
function talking(): Call {
  const call = new Call();
  call.wait(false);
  call.offer();
  call.send({ type: 'leg.answered', legId: agentLeg });
  call.queueLeft('answered');
  call.send({ type: 'contact.assigned', offerId: 'c1/o1' as OfferId, agentId: ann, queueId, survey: true });
  return call;
}
const ended = (call: Call) => call.dataOf('contact.ended');

describe('a survey after the agent has hung up', () => {
  test('[CALL-87] has the customer, while the agent is in wrap-up', () => {
    const call = talking();
    call.end(agentLeg);
    expect(call.last).toContainEqual({ type: 'survey.began', legId: customer });
    expect(call.last).toContainEqual({ type: 'conversation.ended', agentId: ann });
    expect(call.dataOf('segment.ended')).toMatchObject([{ reason: 'agent-hung-up' }]);
    expect(call.effects('leg.hangup')).toEqual([]);
    expect(ended(call)).toEqual([]);
    call.send({ type: 'contact.wrapped' });
    expect(ended(call)).toEqual([]);
    call.send({ type: 'flow.over', reason: 'flow-ended' });
    expect(ended(call)).toEqual([{ outcome: 'answered', reason: 'agent-hung-up' }]);
    expect(call.effects('leg.hangup')).toMatchObject([{ legId: customer }]);
    call.end(customer);
    expect(call.last).toContainEqual({ type: 'closed' });
  });

  test('[CALL-87] also by command, and the customer may hang up before its end', () => {
    const call = talking();
    call.send({ type: 'hangup.requested', legId: agentLeg, reason: 'by-agent' });
    expect(call.last).toContainEqual({ type: 'survey.began', legId: customer });
    call.end(customer);
    expect(call.last).toContainEqual({ type: 'flow.left', reason: 'customer-hung-up' });
    call.send({ type: 'flow.over', reason: 'customer-hung-up' });
    expect(ended(call)).toEqual([{ outcome: 'answered', reason: 'by-agent' }]);
  });

  test('[CALL-87] has no customer who hung up first, whose agent was lost, or whose queue asks nothing', () => {
    const first = talking();
    first.end(customer);
    const lost = talking();
    lost.end(agentLeg, { code: 0, reason: 'silent', by: 'timeout' });
    const none = new Call();
    none.talk(false);
    none.end(agentLeg);
    for (const call of [first, lost, none]) {
      expect(call.all.map(({ type }) => type)).not.toContain('survey.began');
      expect(ended(call)).toMatchObject([{ outcome: 'answered' }]);
    }
  });

  test('[CALL-87] may send the customer to a queue again, and is over then', () => {
    const call = talking();
    call.end(agentLeg);
    call.send({ type: 'flow.queued', queueId, priority: 0, record: false });
    call.queueEntered();
    call.send({ type: 'entry.accepted' });
    call.end(customer);
    call.queueLeft('abandoned');
    expect(ended(call)).toMatchObject([{ outcome: 'answered' }]);
  });
});
