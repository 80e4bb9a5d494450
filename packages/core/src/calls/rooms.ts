import type { LegId } from '@crosspoint/contracts';
import type { RoomName, RoomSupervision } from './door.ts';
import { type Contact, type Guest, type Leg, mainRoom, type Room, type Talk } from './model.ts';

type Members = { ordinary: LegId[]; supervisors: Guest[] };

/** Guests who take part with everybody: up, called in for that, and no supervisors. */
export function parties(contact: Contact): Guest[] {
  return [...contact.guests.values()].filter(
    ({ leg, place, supervision }) => leg.phase === 'up' && place === 'room' && supervision === null,
  );
}

/** Who is consulted, or is called for it. */
export function consulted(contact: Contact): Guest | undefined {
  return [...contact.guests.values()].find(({ leg, place }) => place === 'consult' && leg.phase !== 'ending');
}

/** Whether the agent speaks with somebody in private now. */
export function isApart(contact: Contact, talk: Talk): boolean {
  return talk.focus === 'consult' && consulted(contact) !== undefined;
}

/** Whether anybody but the customer and the agent is heard in the main room. */
export function hasCompany(contact: Contact): boolean {
  return parties(contact).some(({ held }) => !held);
}

/** Whether the customer hears music instead of anybody: the agent holds, or speaks in private, and nobody else is there. */
export function isCustomerHeld(contact: Contact, talk: Talk): boolean {
  return talk.agentHolds && !hasCompany(contact);
}

/** Those who supervise the conversation now. */
export function supervisors(contact: Contact): Guest[] {
  return [...contact.guests.values()].filter(
    ({ leg, supervision }) => leg.phase === 'up' && supervision !== null,
  );
}

/** Whether the agent who holds is alone with who supervises: what these say is not for the customer. */
export function isAside(contact: Contact, talk: Talk): boolean {
  return isCustomerHeld(contact, talk) && !isApart(contact, talk) && supervisors(contact).length > 0;
}

/** Where everybody whom the customer speaks with is heard: the main room, or the leg of the only one. */
export function everybody({ rooms: { main }, customer }: Contact): LegId | typeof mainRoom | null {
  if (main === null) return null;
  if (main.kind === 'conference') return mainRoom;
  return main.a === customer?.id ? main.b : main.a;
}

/**
 * Connects who is to hear whom, by the difference from what is: two legs by a bridge, more of them or a supervisor by a
 * conference. Legs pass from one to the other without a gap.
 */
export function arrangeRooms(contact: Contact): void {
  const wanted = wantedRooms(contact);
  leaveConferences(contact, wanted);
  for (const name of ['main', 'side'] as const) {
    const room = wanted[name];
    if (room?.kind === 'conference') fillConference(contact, name, room);
  }
  for (const name of ['main', 'side'] as const) {
    const room = wanted[name];
    const former = contact.rooms[name];
    if (room?.kind !== 'bridge') continue;
    if (former?.kind === 'bridge' && former.a === room.a && former.b === room.b) continue;
    contact.emit({ type: 'media.bridge', a: room.a, b: room.b });
  }
  for (const name of ['main', 'side'] as const) endRoom(contact, name, wanted);
  Object.assign(contact.rooms, wanted);
}

function leaveConferences(contact: Contact, wanted: Record<RoomName, Room | null>): void {
  for (const room of Object.values(contact.rooms)) {
    if (room?.kind !== 'conference') continue;
    for (const legId of room.parties.keys()) {
      if (contact.legs.has(legId) && !isIn(wanted, legId)) contact.emit({ type: 'room.leave', legId });
    }
  }
}

function fillConference(contact: Contact, name: RoomName, room: Extract<Room, { kind: 'conference' }>): void {
  const former = contact.rooms[name];
  const before = former?.kind === 'conference' ? former.parties : undefined;
  if (before === undefined) contact.emit({ type: 'room.open', room: name });
  for (const [legId, supervision] of room.parties) {
    const now = before?.get(legId);
    if (now === undefined) contact.emit({ type: 'room.join', room: name, legId, supervision });
    else if (now?.mode !== supervision?.mode || now?.legId !== supervision?.legId) {
      contact.emit({ type: 'room.set', legId, supervision });
    }
  }
}

function endRoom(contact: Contact, name: RoomName, wanted: Record<RoomName, Room | null>): void {
  const former = contact.rooms[name];
  if (former?.kind === 'conference' && wanted[name]?.kind !== 'conference') {
    contact.emit({ type: 'room.close', room: name });
  }
  if (former?.kind !== 'bridge' || isIn(wanted, former.a) || isIn(wanted, former.b)) return;
  contact.emit({ type: 'media.unbridge', a: former.a, b: former.b });
}

function isIn(rooms: Record<RoomName, Room | null>, legId: LegId): boolean {
  return Object.values(rooms).some((room) => {
    if (room === null) return false;
    return room.kind === 'bridge' ? room.a === legId || room.b === legId : room.parties.has(legId);
  });
}

function wantedRooms(contact: Contact): Record<RoomName, Room | null> {
  const { stage } = contact;
  if (stage.kind === 'dialling') {
    const { isEarly, farLegId, legId } = stage.call;
    return { main: isEarly ? { kind: 'bridge', a: farLegId, b: legId } : null, side: null };
  }
  if (stage.kind !== 'talking' || !stage.talk.bridged) return { main: null, side: null };
  const { talk } = stage;
  const main: Members = { ordinary: [], supervisors: [] };
  const side: Members = { ordinary: [], supervisors: [] };
  const { customer } = contact;
  if (isUp(customer)) main.ordinary.push(customer.id);
  const agent = contact.legs.get(talk.legId);
  const apart = isApart(contact, talk);
  const other = consulted(contact);
  if (isUp(agent)) {
    const isAway = talk.agentHolds && hasCompany(contact);
    if (apart) {
      if (isUp(other?.leg)) side.ordinary.push(agent.id, other.leg.id);
    } else if (isAside(contact, talk)) side.ordinary.push(agent.id);
    else if (!isAway) main.ordinary.push(agent.id);
  }
  for (const { leg, held } of parties(contact)) if (!held) main.ordinary.push(leg.id);
  const watched = side.ordinary.length > 0 ? side : main;
  watched.supervisors.push(...supervisors(contact));
  return { main: roomOf(main, talk.legId), side: roomOf(side, talk.legId) };
}

function roomOf({ ordinary, supervisors }: Members, agentLegId: LegId): Room | null {
  const [a, b, ...others] = ordinary;
  if (a === undefined || (b === undefined && supervisors.length === 0)) return null;
  if (b !== undefined && others.length === 0 && supervisors.length === 0) return { kind: 'bridge', a, b };
  const seats = new Map<LegId, RoomSupervision | null>(ordinary.map((legId) => [legId, null]));
  for (const { leg, supervision } of supervisors) {
    const mode = supervision?.mode === 'take-over' ? 'barge' : (supervision?.mode ?? 'listen');
    seats.set(leg.id, { mode, legId: agentLegId });
  }
  return { kind: 'conference', parties: seats };
}

function isUp(leg: Leg | null | undefined): leg is Leg {
  return leg?.phase === 'up';
}
