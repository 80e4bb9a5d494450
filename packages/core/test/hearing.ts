import type { ContactEffect, RoomSupervision } from '../src/index.ts';

type Seat = RoomSupervision | null;
type Recorded = Extract<ContactEffect, { type: 'recording.attach' }>['right'];

/** The media plane as its effects leave it: who hears whom, and what is played to whom. */
export class Hearing {
  readonly #peers = new Map<string, string>();
  readonly #seats = new Map<string, { room: string; seat: Seat }>();
  readonly #rooms = new Set<string>();
  readonly #plays = new Map<string, string>();
  readonly #muted = new Set<string>();
  readonly #gone = new Set<string>();
  /** What the right channel of each recording hears. */
  readonly #recorded = new Map<string, Recorded>();

  constructor(effects: readonly ContactEffect[]) {
    for (const effect of effects) this.#apply(effect);
  }

  /** What that leg hears: a sound that is played, or the names of those whom it hears, in order. */
  of(legId: string): string {
    const played = this.#plays.get(legId);
    if (played !== undefined) return played;
    const peer = this.#peers.get(legId);
    return this.#audible(peer === undefined ? this.#inRoom(legId) : [peer]);
  }

  #audible(legIds: readonly string[]): string {
    return legIds
      .filter((each) => !this.#muted.has(each) && !this.#gone.has(each))
      .toSorted()
      .join(' ');
  }

  get openRooms(): number {
    return this.#rooms.size;
  }

  /** Who is heard on the right channel of that recording, in order; undefined when it is not being written. */
  onRightOf(recordingId: string): string | undefined {
    const right = this.#recorded.get(recordingId);
    if (right === undefined) return undefined;
    if (right === null) return '';
    if (typeof right !== 'string' && !('room' in right)) return right.roomId;
    return this.#audible(typeof right === 'string' ? [right] : this.#speakersIn(right.room));
  }

  /** Who is heard by everybody in it. */
  #speakersIn(name: string): string[] {
    if (!this.#rooms.has(name)) throw new Error(`${name} is recorded and not open`);
    const speakers = [...this.#seats].filter(([, { room, seat }]) => room === name && isHeard(seat, ''));
    return speakers.map(([legId]) => legId);
  }

  #inRoom(legId: string): string[] {
    const own = this.#seats.get(legId);
    if (own === undefined) return [];
    return [...this.#seats]
      .filter(([other, { room, seat }]) => other !== legId && room === own.room && isHeard(seat, legId))
      .map(([other]) => other);
  }

  #apply(effect: ContactEffect): void {
    switch (effect.type) {
      case 'media.play':
        this.#plays.set(effect.legId, effect.source);
        return;
      case 'media.stop':
        this.#plays.delete(effect.legId);
        return;
      case 'media.bridge':
        this.#leave(effect.a);
        this.#leave(effect.b);
        this.#peers.set(effect.a, effect.b).set(effect.b, effect.a);
        return;
      case 'media.unbridge':
        this.#leave(effect.a);
        return;
      case 'media.mute':
        if (effect.muted) this.#muted.add(effect.legId);
        else this.#muted.delete(effect.legId);
        return;
      case 'room.open':
        if (this.#rooms.has(effect.room)) throw new Error(`${effect.room} is open already`);
        this.#rooms.add(effect.room);
        return;
      case 'room.join':
        if (!this.#rooms.has(effect.room)) throw new Error(`${effect.room} is not open`);
        this.#leave(effect.legId);
        this.#seats.set(effect.legId, { room: effect.room, seat: effect.supervision });
        return;
      case 'room.set': {
        const seat = this.#seats.get(effect.legId);
        if (seat === undefined) throw new Error(`${effect.legId} is in no room`);
        seat.seat = effect.supervision;
        return;
      }
      case 'room.leave':
        this.#leave(effect.legId);
        return;
      case 'room.close':
        this.#rooms.delete(effect.room);
        for (const [legId, { room }] of this.#seats) if (room === effect.room) this.#seats.delete(legId);
        return;
      case 'recording.start':
        this.#recorded.set(effect.recordingId, effect.agent);
        return;
      case 'recording.attach':
        this.#recorded.set(effect.recordingId, effect.right);
        return;
      case 'recording.stop':
        this.#recorded.delete(effect.recordingId);
        return;
      case 'leg.hangup':
        this.#gone.add(effect.legId);
        return;
      case 'fact':
        if (effect.fact.type === 'leg.added') this.#gone.delete(effect.fact.data.legId);
        if (effect.fact.type === 'leg.ended') this.#forget(effect.fact.data.legId);
        if (effect.fact.type === 'recording.ended') this.#recorded.delete(effect.fact.data.recordingId);
        return;
      default:
        return;
    }
  }

  #leave(legId: string): void {
    this.#seats.delete(legId);
    const peer = this.#peers.get(legId);
    this.#peers.delete(legId);
    if (peer !== undefined) this.#peers.delete(peer);
  }

  #forget(legId: string): void {
    this.#leave(legId);
    this.#plays.delete(legId);
    this.#gone.add(legId);
  }
}

function isHeard(seat: Seat, by: string): boolean {
  if (seat === null || seat.mode === 'barge') return true;
  return seat.mode === 'whisper' && seat.legId === by;
}
