import type { AgentId, RecordingId, UserId } from '@crosspoint/contracts';
import type { Contact, Leg, Talk } from './model.ts';
import { arrangeRooms, everybody, hasCompany, isApart, isCustomerHeld, supervisors } from './rooms.ts';
import { applySound } from './sound.ts';

/** The media plane closes a recording within this time of its stop. */
export const recordingCloseMaxMs = 15_000;

/** The agent is assigned: the segment begins, and with both legs up the sound is connected. */
export function startTalk(
  contact: Contact,
  between: Pick<Talk, 'agentId' | 'legId' | 'queueId' | 'recordingId'>,
  via?: 'transfer' | 'conference' | 'take-over',
): Talk {
  contact.segments += 1;
  const { agentId, legId, queueId, recordingId } = between;
  const talk: Talk = {
    segment: contact.segments,
    agentId,
    legId,
    queueId,
    recordingId,
    recordedFor: null,
    startedAt: contact.now,
    bridged: false,
    heldByCommand: false,
    focus: 'customer',
    recorded: 'agent',
    heard: legId,
    pausedSince: null,
    customerHolds: false,
    agentHolds: false,
    heldSince: null,
    holdMs: 0,
  };
  contact.stage = { kind: 'talking', talk };
  contact.lastAgentId = agentId ?? contact.lastAgentId;
  contact.fact({
    type: 'segment.started',
    data: {
      segment: talk.segment,
      ...(agentId === null ? {} : { agentId }),
      ...(queueId === null ? {} : { queueId }),
      legId,
      ...(via === undefined ? {} : { via }),
    },
  });
  return talk;
}

/** Connects the sound once both legs are up, and starts the recording with it. */
export function connectSound(contact: Contact, talk: Talk): void {
  const { customer } = contact;
  const agent = contact.legs.get(talk.legId);
  if (talk.bridged || customer?.phase !== 'up' || agent?.phase !== 'up') return;
  talk.bridged = true;
  applySound(contact);
  arrangeRooms(contact);
  if (contact.records) startRecording(contact, talk, customer, 'queue');
  updateTalk(contact, talk);
}

/** The conversation is over for both sides: the segment's times are final, the agent goes to wrap-up. */
export function endTalk(contact: Contact, talk: Talk, reason: string): void {
  talk.bridged = false;
  arrangeRooms(contact);
  stopRecording(contact, talk);
  setPartyHold(contact, talk, 'customer', false);
  setPartyHold(contact, talk, 'agent', false);
  accountHold(contact, talk);
  const { segment, agentId, holdMs } = talk;
  const talkMs = contact.now - talk.startedAt - holdMs;
  const agent = agentId === null ? {} : { agentId };
  contact.fact({ type: 'segment.ended', data: { segment, ...agent, talkMs, holdMs, reason } });
  // A call that no queue gave has no wrap-up, and the distributor knows no conversation of it.
  if (talk.queueId === null || agentId === null) return;
  contact.wrapUpPending = true;
  contact.emit({ type: 'conversation.ended', agentId });
}

/** Sees anew who holds, who hears whom and what is recorded, after any change of a conversation. */
export function updateTalk(contact: Contact, talk: Talk): void {
  if (!talk.bridged) return;
  const wasHeld = talk.heldSince !== null;
  const agent = contact.legs.get(talk.legId);
  setPartyHold(contact, talk, 'customer', contact.customer?.held ?? false);
  setPartyHold(
    contact,
    talk,
    'agent',
    talk.heldByCommand || (agent?.held ?? false) || isApart(contact, talk),
  );
  accountHold(contact, talk);
  const held = talk.heldSince !== null;
  if (held !== wasHeld && talk.agentId !== null) {
    contact.emit({ type: 'hold.changed', agentId: talk.agentId, held });
  }
  applySound(contact);
  arrangeRooms(contact);
  attachRecording(contact, talk);
}

/** Rule 18: nothing that is said to the customer is missing, and nothing that is said behind the customer's back is kept. */
function attachRecording(contact: Contact, talk: Talk): void {
  if (!isRecorded(contact, talk)) return;
  const { recordingId, legId } = talk;
  const isBarging = supervisors(contact).some(({ supervision }) => supervision?.mode === 'barge');
  const company = hasCompany(contact) || isBarging;
  const right = isCustomerHeld(contact, talk) ? 'nobody' : company ? 'everybody' : 'agent';
  if (right !== talk.recorded) {
    talk.recorded = right;
    contact.fact({ type: 'recording.channels', data: { recordingId, right } });
  }
  const heard = { agent: legId, everybody: everybody(contact), nobody: null }[right];
  if (heard === talk.heard) return;
  talk.heard = heard;
  contact.emit({ type: 'recording.attach', recordingId, right: heard });
}

/** A file of that conversation is being written. */
export function isRecorded(contact: Contact, talk: Talk): boolean {
  return talk.recordedFor !== null && contact.recordings.has(talk.recordingId);
}

/** Has the conversation recorded, or ends its recording. What follows goes the same way, until a queue says how. */
export function commandRecording(
  contact: Contact,
  command: { recording: boolean; recordingId: RecordingId; byUserId: UserId | null; mayEndAny: boolean },
): void {
  const { stage, customer } = contact;
  if (stage.kind !== 'talking' || !stage.talk.bridged || customer === null)
    return refuse(contact, 'not-connected');
  const { talk } = stage;
  const { recording, byUserId } = command;
  if (isRecorded(contact, talk) === recording) {
    return refuse(contact, recording ? 'already-recorded' : 'not-recorded');
  }
  if (!recording && talk.recordedFor === 'queue' && !command.mayEndAny)
    return refuse(contact, 'recorded-by-queue');
  if (recording) talk.recordingId = command.recordingId;
  contact.records = recording;
  contact.isTouched = true;
  const { recordingId } = talk;
  contact.fact({ type: 'recording.commanded', data: { recordingId, recording, byUserId } });
  if (!recording) return stopRecording(contact, talk);
  startRecording(contact, talk, customer, 'command');
  attachRecording(contact, talk);
}

/** Rule 19: what is said while the recording is paused is silence in the file. */
export function pauseRecording(
  contact: Contact,
  { paused, reason, byUserId }: { paused: boolean; reason: string; byUserId: UserId | null },
): void {
  const { stage } = contact;
  if (stage.kind !== 'talking' || !isRecorded(contact, stage.talk)) return refuse(contact, 'not-recorded');
  const { talk } = stage;
  if ((talk.pausedSince !== null) === paused)
    return refuse(contact, paused ? 'already-paused' : 'not-paused');
  const { recordingId } = talk;
  contact.isTouched = true;
  if (paused) {
    talk.pausedSince = contact.now;
    contact.fact({ type: 'recording.paused', data: { recordingId, byUserId, reason } });
  } else resumed(contact, talk, byUserId);
  contact.emit({ type: 'recording.pause', recordingId, paused });
}

function resumed(contact: Contact, talk: Talk, byUserId: UserId | null): void {
  const { recordingId, pausedSince } = talk;
  if (pausedSince === null) return;
  talk.pausedSince = null;
  const pausedMs = contact.now - pausedSince;
  contact.fact({ type: 'recording.resumed', data: { recordingId, byUserId, pausedMs } });
}

/** The agent puts the customer on hold by command, or takes him back. In a conference only the agent is away. */
export function commandHold(contact: Contact, agentId: AgentId, held: boolean): void {
  const { stage } = contact;
  if (stage.kind !== 'talking' || !stage.talk.bridged) return refuse(contact, 'not-connected');
  if (stage.talk.agentId !== agentId) return refuse(contact, 'wrong-agent');
  if (stage.talk.heldByCommand === held) return refuse(contact, held ? 'already-held' : 'not-held');
  stage.talk.heldByCommand = held;
  updateTalk(contact, stage.talk);
}

export function refuse(contact: Contact, reason: string): void {
  contact.emit({ type: 'command.refused', reason });
}

function startRecording(contact: Contact, talk: Talk, customer: Leg, why: 'queue' | 'command'): void {
  const { recordingId, segment, agentId, queueId, legId } = talk;
  Object.assign(talk, { recordedFor: why, recorded: 'agent', heard: legId } satisfies Partial<Talk>);
  contact.recordings.set(recordingId, segment);
  contact.fact({ type: 'recording.started', data: { recordingId, segment } });
  contact.emit({
    type: 'recording.start',
    recordingId,
    customer: customer.id,
    agent: legId,
    agentId,
    queueId: queueId ?? contact.queueId,
    segment,
  });
}

function stopRecording(contact: Contact, talk: Talk): void {
  const { recordingId } = talk;
  if (!isRecorded(contact, talk)) return;
  resumed(contact, talk, null);
  talk.recordedFor = null;
  contact.emit({ type: 'recording.stop', recordingId });
  contact.setTimer(`recording:${recordingId}`, recordingCloseMaxMs);
}

function setPartyHold(contact: Contact, talk: Talk, party: 'customer' | 'agent', held: boolean): void {
  const key = party === 'customer' ? 'customerHolds' : 'agentHolds';
  if (talk[key] === held) return;
  talk[key] = held;
  const { agentId } = talk;
  const data = party === 'agent' && agentId !== null ? { by: party, agentId } : { by: party };
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
