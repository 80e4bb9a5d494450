import type { ContactId, LegId, RecordingFormat, RecordingId } from '@crosspoint/contracts';
import type { MediaClient } from '../../media/index.ts';
import type { MediaMoves } from './media-moves.ts';
import { type Home, type MediaPlace, patient, type PlacedLeg, type PlacedRecording } from './media-places.ts';
import type { StandingOrders } from './standing-orders.ts';

/** A room has a name of two parts. */
const isRoom = (mediaId: string): boolean => mediaId.includes('.');

interface MediaTakeoverContext {
  clients: () => readonly MediaClient[];
  legs: Map<LegId, PlacedLeg>;
  homes: Map<ContactId, Home>;
  recordings: Map<RecordingId, PlacedRecording>;
  byMediaId: Map<string, LegId>;
  orders: StandingOrders;
  moves: MediaMoves;
  lost: (legIds: LegId[]) => void;
  stopRecording: (recordingId: RecordingId) => void;
  evacuate: (client: MediaClient) => void;
}

/** Takes up what a former control process had in the media processes, which have outlived it. */
export class MediaTakeover {
  /** What a former process had said is noted, and not said again. */
  isRecalling = false;
  readonly #context: MediaTakeoverContext;

  constructor(context: MediaTakeoverContext) {
    this.#context = context;
  }

  /** Takes up legs that a former process had placed. Commands are only noted from now on, until `resume`. */
  recall(places: Iterable<MediaPlace>): void {
    this.isRecalling = true;
    const { legs, homes, byMediaId } = this.#context;
    const clients = this.#context.clients();
    for (const { legId, contactId, mediaId, process, run, request } of places) {
      const known = clients[process];
      const client = known ?? clients[0];
      if (client === undefined) continue;
      const placed = {
        legId,
        contactId,
        client,
        request,
        mediaId,
        bridgedWith: undefined,
        playing: undefined,
        seat: undefined,
        isMuted: false,
      };
      // A process that is not ours any more counts as one that died.
      legs.set(legId, { ...placed, run: known === undefined ? '' : run });
      byMediaId.set(mediaId, legId);
      const home = homes.get(contactId) ?? { client, legs: 0, codec: undefined };
      home.legs++;
      homes.set(contactId, home);
    }
  }

  /** A recording that a former process had begun. */
  recallRecording(
    recordingId: RecordingId,
    file: { path: string; format: RecordingFormat },
    { customer, agent, startedAtMs }: { customer: LegId; agent: LegId | null; startedAtMs: number },
  ): void {
    const { legs, orders, recordings } = this.#context;
    const placed = legs.get(customer);
    const client = placed?.client ?? this.#context.clients()[0];
    if (client === undefined) return;
    const right = agent === null ? null : this.#mediaId(agent);
    const start = { recordingId, ...file, left: this.#mediaId(customer), right };
    orders.note(client, 'recording.start', start);
    recordings.set(recordingId, {
      ...{ client, customer, right: agent, file, startedAtMs, isStopping: false },
      ...{ begun: Promise.resolve(), run: placed?.run ?? client.hello?.instanceId ?? '' },
    });
  }

  /**
   * What was recalled is compared with what the media processes have, and put right: what was not said any more is said, what
   * is gone goes on elsewhere, and what belongs to nobody is released.
   */
  resume(): void {
    this.isRecalling = false;
    for (const client of this.#context.clients()) this.#resumeIn(client);
  }

  #resumeIn(client: MediaClient): void {
    const { legs, recordings, byMediaId, orders, moves } = this.#context;
    const { hello } = client;
    if (hello === undefined) return;
    const open = new Set(hello.legs.flatMap(({ conferenceId }) => conferenceId ?? []));
    const there = new Set<string>();
    for (const info of hello.legs) {
      const legId = byMediaId.get(info.legId);
      if (legId === undefined) this.#releaseUnknown(client, info.legId);
      else {
        there.add(info.legId);
        orders.correct(info, open, (method, params) => client.tell(method, params));
      }
    }
    const placed = [...legs.values()].filter((leg) => leg.client === client && leg.run !== undefined);
    const lost = placed.filter(({ run, mediaId }) => run === hello.instanceId && !there.has(mediaId));
    if (lost.length > 0) this.#context.lost(lost.map(({ legId }) => legId));
    const recorded = new Set(hello.recordings.map(({ recordingId }) => recordingId));
    for (const [recordingId, recording] of recordings) {
      if (recording.client !== client || recording.run !== hello.instanceId) continue;
      const isThere = recorded.has(recordingId);
      if (recording.isStopping && isThere) this.#context.stopRecording(recordingId);
      else if (recording.isStopping) void moves.salvage(recordingId);
      else if (!isThere) {
        // The former process died before its command was heard, or after it had stopped what nobody remembers the end of.
        moves.goOn(recordingId, recording, client);
        recording.formerEndsUntil = hello.lastSequence;
      }
    }
    if (placed.some(({ run }) => run !== hello.instanceId)) this.#context.evacuate(client);
  }

  /** What is listed and belongs to nobody; rooms are listed as well. */
  #releaseUnknown(client: MediaClient, mediaId: string): void {
    if (this.#context.orders.isConference(mediaId)) return;
    if (isRoom(mediaId)) client.tell('conference.end', { conferenceId: mediaId }, patient);
    else client.tell('leg.release', { legId: mediaId }, patient);
  }

  /** Legs that have sent no sound for so long, though they were up when the media process was asked. */
  silentLegs(forMs: number): LegId[] {
    return this.#context
      .clients()
      .flatMap(({ hello }) => hello?.legs ?? [])
      .filter(({ silentForMs }) => silentForMs === null || silentForMs >= forMs)
      .flatMap(({ legId }) => this.#context.byMediaId.get(legId) ?? []);
  }

  #mediaId(legId: LegId): string {
    return this.#context.legs.get(legId)?.mediaId ?? '';
  }
}
