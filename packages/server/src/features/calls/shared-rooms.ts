import type { ContactId, LegId } from '@crosspoint/contracts';
import type { MediaClient, MediaMethod, MediaParams, PlaySource } from '../../media/index.ts';
import { sharedRoomPrefix } from '../conferences/index.ts';
import type { Home, PlacedLeg } from './media-places.ts';
import type { StandingOrders } from './standing-orders.ts';

export interface SharedRoomsContext {
  clients: () => readonly MediaClient[];
  legs: ReadonlyMap<LegId, PlacedLeg>;
  homes: Map<ContactId, Home>;
  orders: Pick<StandingOrders, 'isConference'>;
  /** Says it, and keeps it for a process that may have to take over. */
  say: <M extends MediaMethod>(client: MediaClient, method: M, params: MediaParams<M>) => void;
  sit: (legId: LegId, seat: NonNullable<PlacedLeg['seat']>) => void;
}

/** A home that moves with those of contacts when its media process dies: whoever meets has to be in one process. */
const hall = 'hall' as ContactId;

/** Rooms that belong to no contact, in which several of them meet. Each is there as long as somebody is in it. */
export class SharedRooms {
  readonly #context: SharedRoomsContext;

  constructor(context: SharedRoomsContext) {
    this.#context = context;
  }

  /** The legs of a new contact are to be where they can meet those of others. */
  place(contactId: ContactId): void {
    const { homes } = this.#context;
    const client = homes.get(hall)?.client ?? this.#leastBusy();
    if (client === undefined || homes.has(contactId)) return;
    this.#settle(client);
    homes.set(contactId, { client, legs: 0, codec: undefined });
  }

  /** Whether that leg can meet the others. */
  reaches(legId: LegId): boolean {
    const { homes, legs } = this.#context;
    const client = homes.get(hall)?.client;
    return client === undefined || legs.get(legId)?.client === client;
  }

  enter(roomId: string, legId: LegId): void {
    const { legs, sit } = this.#context;
    const placed = legs.get(legId);
    if (placed === undefined) return;
    this.#settle(placed.client);
    sit(legId, { conferenceId: roomId, supervision: null });
  }

  /** That seat is empty now; the room closes when it was the last. */
  left(seat: PlacedLeg['seat']): void {
    const { legs, homes, say } = this.#context;
    if (seat?.conferenceId.startsWith(sharedRoomPrefix) !== true) return;
    const { conferenceId } = seat;
    for (const other of legs.values()) if (other.seat?.conferenceId === conferenceId) return;
    const client = homes.get(hall)?.client;
    if (client !== undefined) say(client, 'conference.end', { conferenceId });
  }

  /** A short sound that everybody in the room hears. */
  play(roomId: string, source: PlaySource): void {
    const client = this.#context.homes.get(hall)?.client;
    if (client === undefined || !this.#context.orders.isConference(roomId)) return;
    client.tell('leg.play', { legId: roomId, playId: `${roomId}:tone`, source, loop: false });
  }

  #settle(client: MediaClient): void {
    const { homes } = this.#context;
    // It counts as a leg, so that it stays when the last one has gone.
    if (!homes.has(hall)) homes.set(hall, { client, legs: 1, codec: undefined });
  }

  #leastBusy(): MediaClient | undefined {
    const counts = new Map<MediaClient, number>();
    for (const { client } of this.#context.legs.values()) counts.set(client, (counts.get(client) ?? 0) + 1);
    const [first] = this.#context
      .clients()
      .filter(({ isConnected }) => isConnected)
      .toSorted((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0));
    return first;
  }
}
