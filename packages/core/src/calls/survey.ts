import { endConversation } from './ending.ts';
import { forgetGuest } from './guests.ts';
import { hangUp } from './leg.ts';
import type { Contact, Talk } from './model.ts';
import { applySound } from './sound.ts';
import { endTalk } from './talk.ts';

/** The agent has hung up: the queue may have something to ask the customer, who stays; else it is over for both. */
export function surveyOrEnd(contact: Contact, talk: Talk, reason: string): void {
  const { customer, hasSurvey } = contact;
  const isOver = talk.agentId === null || customer?.phase !== 'up';
  if (!hasSurvey || customer === null || isOver) return endConversation(contact, talk, reason);
  contact.hasSurvey = false;
  contact.talkEnded = reason;
  for (const guest of [...contact.guests.values()]) forgetGuest(contact, guest, reason);
  endTalk(contact, talk, reason);
  for (const leg of contact.legs.values()) {
    if (leg !== customer) hangUp(contact, leg, { result: 'completed', reason });
  }
  contact.stage = { kind: 'flow' };
  applySound(contact);
  contact.emit({ type: 'survey.began', legId: customer.id });
}
