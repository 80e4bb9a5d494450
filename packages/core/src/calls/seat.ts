import type { Contact, Leg, Seat } from './model.ts';
import { applySound } from './sound.ts';
import { recordingCloseMaxMs } from './talk.ts';

/** Out of the scheduled conference, whoever wanted it; nothing when it was in none. */
export function leaveSeat(contact: Contact, reason: string): void {
  const { seat } = contact;
  if (seat === null) return;
  endPresence(contact, seat, reason);
  contact.seat = null;
  contact.isTouched = true;
  const { conferenceId, conference, since } = seat;
  const presentMs = seat.state === 'present' ? contact.now - since : 0;
  contact.fact({ type: 'conference.left', data: { conferenceId, conference, reason, presentMs } });
  applySound(contact);
}

/** Out of the room, where the others are heard. */
export function endPresence(contact: Contact, seat: Seat, reason: string): void {
  if (seat.state !== 'present') return;
  stopRecordingSeat(contact, seat);
  const { customer } = contact;
  if (customer !== null && contact.legs.has(customer.id)) {
    contact.emit({ type: 'room.leave', legId: customer.id });
    muteLeg(contact, customer, false);
  }
  const talkMs = contact.now - seat.since;
  contact.fact({
    type: 'segment.ended',
    data: { segment: seat.segment, talkMs, holdMs: 0, reason },
  });
}

/** What a muted party says is heard by nobody and stands in no recording. */
export function muteLeg(contact: Contact, leg: Leg, muted: boolean): void {
  if (leg.muted === muted) return;
  leg.muted = muted;
  contact.isTouched = true;
  contact.emit({ type: 'media.mute', legId: leg.id, muted });
}

export function stopRecordingSeat(contact: Contact, seat: Seat): void {
  const { recordingId } = seat;
  if (recordingId === null) return;
  seat.recordingId = null;
  contact.emit({ type: 'recording.stop', recordingId });
  contact.setTimer(`recording:${recordingId}`, recordingCloseMaxMs);
}
