import type { ContactId, LegId } from '@crosspoint/contracts';

/** What the right channel of a recording hears: a leg, everybody in a room of the contact or in a shared one, or nobody. */
export type Heard = LegId | { room: string } | { roomId: string } | null;

/** A room has a name of two parts, which tells it from a leg. */
export const roomId = (contactId: ContactId, room: string): string => `${contactId}.${room}`;

/** The name under which a media process knows it. */
export function heardAs(
  contactId: ContactId,
  what: Heard,
  mediaIdOf: (legId: LegId) => string,
): string | null {
  if (what === null) return null;
  if (typeof what === 'string') return mediaIdOf(what);
  return 'roomId' in what ? what.roomId : roomId(contactId, what.room);
}
