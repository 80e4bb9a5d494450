import type { AgentId, LegParty } from '@crosspoint/contracts';
import type { Contact, Leg, Talk } from './model.ts';
import { applySound } from './sound.ts';

/** The media plane closes a recording within this time of its stop. */
const recordingCloseMaxMs = 15_000;

/** The agent is assigned: the segment begins, and with both legs up the sound is connected. */
export function startTalk(
  contact: Contact,
  between: Pick<Talk, 'agentId' | 'legId' | 'queueId' | 'recordingId'>,
): Talk {
  contact.segments += 1;
  const { agentId, legId, queueId, recordingId } = between;
  const talk: Talk = {
    segment: contact.segments,
    agentId,
    legId,
    queueId,
    recordingId,
    startedAt: contact.now,
    bridged: false,
    heldByCommand: false,
    customerHolds: false,
    agentHolds: false,
    heldSince: null,
    holdMs: 0,
  };
  contact.stage = { kind: 'talking', talk };
  const queue = queueId === null ? {} : { queueId };
  contact.fact({ type: 'segment.started', data: { segment: talk.segment, agentId, ...queue, legId } });
  return talk;
}

/** Connects the sound once both legs are up, and starts the recording with it. */
export function connectSound(contact: Contact, talk: Talk): void {
  const { customer } = contact;
  const agent = contact.legs.get(talk.legId);
  if (talk.bridged || customer?.phase !== 'up' || agent?.phase !== 'up') return;
  talk.bridged = true;
  applySound(contact);
  contact.emit({ type: 'media.bridge', a: customer.id, b: agent.id });
  if (contact.records) startRecording(contact, talk, customer);
  updateHold(contact, talk);
}

/** The conversation is over for both sides: the segment's times are final, the agent goes to wrap-up. */
export function endTalk(contact: Contact, talk: Talk, reason: string): void {
  const { customer } = contact;
  if (talk.bridged && customer !== null)
    contact.emit({ type: 'media.unbridge', a: customer.id, b: talk.legId });
  stopRecording(contact, talk);
  setPartyHold(contact, talk, 'customer', false);
  setPartyHold(contact, talk, 'agent', false);
  accountHold(contact, talk);
  const { segment, agentId, holdMs } = talk;
  const talkMs = contact.now - talk.startedAt - holdMs;
  contact.fact({ type: 'segment.ended', data: { segment, agentId, talkMs, holdMs, reason } });
  // A call that no queue gave has no wrap-up, and the distributor knows no conversation of it.
  if (talk.queueId === null) return;
  contact.wrapUpPending = true;
  contact.emit({ type: 'conversation.ended', agentId });
}

/** Sees anew who holds; the recording goes on meanwhile. */
export function updateHold(contact: Contact, talk: Talk): void {
  if (!talk.bridged) return;
  const wasHeld = talk.heldSince !== null;
  const agent = contact.legs.get(talk.legId);
  setPartyHold(contact, talk, 'customer', contact.customer?.held ?? false);
  setPartyHold(contact, talk, 'agent', talk.heldByCommand || (agent?.held ?? false));
  accountHold(contact, talk);
  const held = talk.heldSince !== null;
  if (held !== wasHeld) contact.emit({ type: 'hold.changed', agentId: talk.agentId, held });
  applySound(contact);
}

/** The agent puts the customer on hold by command, or takes him back. */
export function commandHold(contact: Contact, agentId: AgentId, held: boolean): void {
  const { stage } = contact;
  if (stage.kind !== 'talking' || !stage.talk.bridged) return refuse(contact, 'not-connected');
  if (stage.talk.agentId !== agentId) return refuse(contact, 'wrong-agent');
  if (stage.talk.heldByCommand === held) return refuse(contact, held ? 'already-held' : 'not-held');
  stage.talk.heldByCommand = held;
  updateHold(contact, stage.talk);
}

export function refuse(contact: Contact, reason: string): void {
  contact.emit({ type: 'command.refused', reason });
}

function startRecording(contact: Contact, talk: Talk, customer: Leg): void {
  const { recordingId, segment, agentId, queueId, legId } = talk;
  contact.recordings.set(recordingId, segment);
  contact.fact({ type: 'recording.started', data: { recordingId, segment } });
  contact.emit({
    type: 'recording.start',
    recordingId,
    customer: customer.id,
    agent: legId,
    agentId,
    queueId,
    segment,
  });
}

function stopRecording(contact: Contact, { recordingId }: Talk): void {
  if (!contact.recordings.has(recordingId)) return;
  contact.emit({ type: 'recording.stop', recordingId });
  contact.setTimer(`recording:${recordingId}`, recordingCloseMaxMs);
}

function setPartyHold(contact: Contact, talk: Talk, party: LegParty, held: boolean): void {
  const key = party === 'customer' ? 'customerHolds' : 'agentHolds';
  if (talk[key] === held) return;
  talk[key] = held;
  const data = party === 'agent' ? { by: party, agentId: talk.agentId } : { by: party };
  contact.fact({ type: held ? 'hold.started' : 'hold.ended', data });
}

function accountHold(contact: Contact, talk: Talk): void {
  const held = talk.customerHolds || talk.agentHolds;
  if (held && talk.heldSince === null) talk.heldSince = contact.now;
  if (!held && talk.heldSince !== null) {
    talk.holdMs += contact.now - talk.heldSince;
    talk.heldSince = null;
  }
}
