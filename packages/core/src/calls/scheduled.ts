import type { RecordingId } from '@crosspoint/contracts';
import type { ScheduledSeat } from './door.ts';
import type { Contact, Seat } from './model.ts';
import { endPresence, muteLeg, stopRecordingSeat } from './seat.ts';
import { applySound } from './sound.ts';
import { refuse } from './talk.ts';

/** Into the room, or to wait for a moderator; from the one to the other as well. */
export function takeSeat(contact: Contact, seat: ScheduledSeat): void {
  const { customer, stage, seat: former } = contact;
  if (stage.kind !== 'flow' || customer?.phase !== 'up') return refuse(contact, 'not-in-flow');
  // Told once more where it is: nothing has changed.
  if (former?.roomId === seat.roomId && former.state === seat.state) return;
  if (former !== null) endPresence(contact, former, 'waits');
  const taken: Seat = {
    ...{ ...seat, locked: former?.locked ?? false, since: contact.now },
    ...{ segment: 0, recordingId: null },
  };
  contact.seat = taken;
  contact.isTouched = true;
  const { conferenceId, conference, role, state, roomId, muted } = seat;
  contact.fact({ type: 'conference.joined', data: { conferenceId, conference, role, state } });
  if (state === 'present') {
    contact.segments += 1;
    taken.segment = contact.segments;
    contact.fact({
      type: 'segment.started',
      data: { segment: taken.segment, legId: customer.id, via: 'conference' },
    });
    contact.emit({ type: 'room.enter', roomId, legId: customer.id });
    muteLeg(contact, customer, muted);
  }
  applySound(contact);
}

export function muteSeat(contact: Contact, muted: boolean): void {
  const { seat, customer } = contact;
  if (seat?.state !== 'present' || customer === null || seat.muted === muted) return;
  seat.muted = muted;
  muteLeg(contact, customer, muted);
  contact.fact({ type: 'party.changed', data: { legId: customer.id, muted, held: false } });
}

export function noteLock(contact: Contact, locked: boolean): void {
  if (contact.seat === null || contact.seat.locked === locked) return;
  contact.seat.locked = locked;
  contact.fact({ type: 'conference.locked', data: { locked } });
}

/** The file holds this party on the left and everybody in the room on the right (rule 18). */
export function hearRecording(contact: Contact, recordingId: RecordingId | null): void {
  const { seat, customer } = contact;
  if (seat?.state !== 'present' || customer === null) return;
  if (recordingId === null) return stopRecordingSeat(contact, seat);
  if (seat.recordingId !== null) return refuse(contact, 'already-so');
  seat.recordingId = recordingId;
  contact.recordings.set(recordingId, seat.segment);
  contact.fact({ type: 'recording.started', data: { recordingId, segment: seat.segment } });
  const nobody = { agent: null, agentId: null, queueId: null };
  const { segment, roomId } = seat;
  contact.emit({ type: 'recording.start', recordingId, customer: customer.id, segment, ...nobody });
  contact.emit({ type: 'recording.attach', recordingId, right: { roomId } });
  contact.fact({ type: 'recording.channels', data: { recordingId, right: 'everybody' } });
}
