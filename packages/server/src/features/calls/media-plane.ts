import type { ContactId, LegId, LegQuality, RecordingId } from '@crosspoint/contracts';
import type { LegMedia, RemoteSound, SocketRequest, SoundCodec, SoundSocket } from '../../carriers/door.ts';
import type {
  LegRemoteParams,
  MediaClient,
  MediaMethod,
  MediaParams,
  PlaySource,
} from '../../media/index.ts';
import { LegQualities } from './leg-qualities.ts';
import { LegSockets } from './leg-sockets.ts';
import { MediaMoves } from './media-moves.ts';
import {
  type Home,
  type MediaPlaneEvents,
  patient,
  unheard,
  type PlacedLeg,
  type PlacedRecording,
  type Seat,
} from './media-places.ts';
import { MediaRecordings } from './media-recordings.ts';
import { reportQuality, reportSound } from './media-reports.ts';
import { roomId } from './media-rooms.ts';
import { MediaTakeover } from './media-takeover.ts';
import { RecordingTroubles } from './recording-troubles.ts';
import { SharedRooms } from './shared-rooms.ts';
import { StandingOrders } from './standing-orders.ts';

/** A shorter noise does not interrupt what a caller hears. */
const speechOnsetMs = 100;

/**
 * The data plane as the centre sees it: legs and recordings by name, whichever media process has them. Commands are
 * sent in order on one connection for each process and are not answered; what fails is reported as an event.
 */
export class MediaPlane implements LegMedia {
  readonly #clients: () => readonly MediaClient[];
  readonly #events: MediaPlaneEvents;
  readonly #legs = new Map<LegId, PlacedLeg>();
  /** A contact's legs share one process, or they could not be bridged. */
  readonly #homes = new Map<ContactId, Home>();
  readonly #byMediaId = new Map<string, LegId>();
  /** How well each leg is heard; that of a leg that is gone stays until it is asked for. */
  readonly #qualities = new LegQualities((legId) => this.#legs.has(legId));
  readonly #orders = new StandingOrders();
  readonly #moves: MediaMoves;
  readonly #sockets: LegSockets;
  /** Legs and recordings of a former control process. */
  readonly takeover: MediaTakeover;
  /** Rooms in which contacts meet. */
  readonly shared: SharedRooms;
  readonly recordings: MediaRecordings;
  readonly recordingTroubles = new RecordingTroubles();

  constructor(clients: () => readonly MediaClient[], events: MediaPlaneEvents, newId: () => string) {
    this.#clients = clients;
    this.#events = events;
    const recordings = new Map<RecordingId, PlacedRecording>();
    this.#moves = new MediaMoves({
      ...{ clients, events },
      ...{ legs: this.#legs, homes: this.#homes, recordings, orders: this.#orders },
    });
    this.recordings = new MediaRecordings({
      ...{ legs: this.#legs, recordings, orders: this.#orders, events },
      say: (client, method, params) => this.#say(client, method, params),
      isRecalling: () => this.takeover.isRecalling,
      notStopped: (recordingId, error) => void this.#moves.notStopped(recordingId, error),
    });
    this.#sockets = new LegSockets(this.#moves, newId);
    this.shared = new SharedRooms({
      ...{ clients, legs: this.#legs, homes: this.#homes, orders: this.#orders },
      say: (client, method, params) => this.#say(client, method, params),
      sit: (legId, seat) => this.#sit(legId, seat),
    });
    this.takeover = new MediaTakeover({
      ...{ clients, legs: this.#legs, homes: this.#homes, recordings },
      ...{ byMediaId: this.#byMediaId, orders: this.#orders, moves: this.#moves },
      lost: (legIds) => events.lost(legIds),
      stopRecording: (recordingId) => this.recordings.stop(recordingId),
      evacuate: (client) => this.evacuate(client),
    });
  }

  /** Subscribes to a media process; call once for each client. */
  attach(client: MediaClient): void {
    this.#sockets.attach(client);
    this.recordings.attach(client);
    this.recordingTroubles.attach(client);
    client.on('play-ended', ({ legId: mediaId, playId, reason }) => {
      // What was stopped or replaced was so by our own command.
      if (reason === 'finished') this.#orders.playEnded(mediaId, playId);
      const legId = reason === 'finished' ? this.#byMediaId.get(mediaId) : undefined;
      if (legId !== undefined) this.#events.played(legId, playId);
    });
    const placedOf = (mediaId: string) => this.#legs.get(this.#byMediaId.get(mediaId) as LegId);
    reportSound(client, placedOf, this.#events);
    reportQuality(client, placedOf, this.#qualities, this.#events);
    client.on('command-failed', ({ method, legId, error }) => {
      // A leg that went away, a sound that another replaced and a room that is there already are ordinary.
      if (error.code === 'unknown-leg' || error.code === 'overtaken') return;
      if (method === 'conference.create' && error.code === 'already-exists') return;
      const of = legId === null ? undefined : this.#byMediaId.get(legId);
      // The former sound goes on when a file cannot be read; who awaits the end of the new one need not.
      if (method === 'leg.play' && of !== undefined) this.#events.played(of, null);
      this.#events.fault('media', `${method} of leg ${legId ?? '?'}: ${error.message}`);
    });
    client.on('connected', ({ sameProcess }) => {
      if (!sameProcess) this.evacuate(client);
    });
  }

  /** The process is gone, or is another one now: its legs and recordings go on elsewhere. */
  evacuate(client: MediaClient): void {
    this.#sockets.forget(client);
    void this.#moves.evacuate(client);
  }

  /** Legs of calls in one media process; the sockets opened ahead are not among them. */
  legCount(client: MediaClient): number {
    return [...this.#legs.values()].filter((placed) => placed.client === client).length;
  }

  /** How well a live leg is heard; undefined before anything was measured. */
  qualityOf(legId: LegId): LegQuality | undefined {
    return this.#qualities.get(legId);
  }

  /** The same for a leg that has ended, once. */
  takeQuality(legId: LegId): LegQuality | undefined {
    return this.#qualities.take(legId);
  }

  get isReady(): boolean {
    return this.#clients().some((client) => client.isConnected);
  }

  async allocate(contactId: ContactId, legId: LegId, request: SocketRequest): Promise<SoundSocket> {
    const client = this.#homes.get(contactId)?.client ?? (await this.#moves.pick());
    const home = this.#homes.get(contactId) ?? { client, legs: 0, codec: undefined };
    home.legs++;
    this.#homes.set(contactId, home);
    const placed: PlacedLeg = {
      ...{ legId, contactId, request, client: home.client, run: undefined, mediaId: '' },
      bridgedWith: undefined,
      playing: undefined,
      seat: undefined,
      isMuted: false,
    };
    this.#legs.set(legId, placed);
    try {
      const { mediaId, ...socket } = await this.#sockets.open(home, request);
      placed.client = home.client;
      placed.run = home.client.hello?.instanceId ?? '';
      placed.mediaId = mediaId;
      if (this.#legs.get(placed.legId) === placed) {
        this.#byMediaId.set(mediaId, placed.legId);
        this.#notePlace(placed);
      } else home.client.tell('leg.release', { legId: mediaId }, unheard);
      return socket;
    } catch (error) {
      this.#leave(legId);
      throw error;
    }
  }

  restartIce(legId: LegId): Promise<SoundSocket> {
    return this.#moves.openAnotherPath(legId);
  }

  setRemote(legId: LegId, remote: RemoteSound): void {
    const home = this.#homes.get(this.#legs.get(legId)?.contactId as ContactId);
    if (home !== undefined) home.codec ??= remote.codec;
    // What is undefined has no place in JSON, where it would be left out anyway.
    this.#tell(legId, 'leg.remote', { legId: this.#mediaId(legId), ...remote } as LegRemoteParams);
    const other = this.#legs.get(legId)?.bridgedWith;
    // After a move the bridge has waited for the new connection; one that is there stays as it is.
    if (remote.dtls !== undefined && other !== undefined) this.bridge(legId, other);
  }

  codecOf(contactId: ContactId): SoundCodec | undefined {
    return this.#homes.get(contactId)?.codec;
  }

  sendDigit(legId: LegId, digit: string): void {
    this.#tell(legId, 'leg.sendDigit', { legId: this.#mediaId(legId), digits: digit });
  }

  /** Under a name of its own its end is reported by `played`. */
  play(legId: LegId, source: PlaySource, options: { loop: boolean }, name?: string): void {
    const playId = name ?? `${legId}:${source.kind}`;
    const placed = this.#legs.get(legId);
    // What ends by itself is not begun again for a leg that takes the place of this one.
    if (placed !== undefined) placed.playing = options.loop ? { source, options } : undefined;
    this.#tell(legId, 'leg.play', { legId: this.#mediaId(legId), playId, source, ...options }, patient);
  }

  /** Reports by `speech` when the leg begins and ceases to speak, until `ignore`. */
  listen(legId: LegId): void {
    this.#tell(legId, 'leg.listen', { legId: this.#mediaId(legId), speech: {} });
  }

  /** Reports what the leg says itself by `sound` as well, until `ignore`; `refused` when that cannot be. */
  hear(legId: LegId, silenceMs: number, refused: () => void): void {
    const placed = this.#legs.get(legId);
    if (placed === undefined || placed.mediaId === '') return queueMicrotask(refused);
    const speech = { onsetMs: speechOnsetMs, hangoverMs: silenceMs };
    placed.client.listen({ legId: placed.mediaId, speech, sound: true }).catch((error: unknown) => {
      this.#events.fault('media', error instanceof Error ? error.message : String(error));
      refused();
    });
  }

  /** Reports once by `answerDetected` who speaks on a leg that was answered this moment, and of a machine by `messageReady`. */
  detectAnswer(legId: LegId): void {
    const placed = this.#legs.get(legId);
    if (placed === undefined || placed.mediaId === '') return;
    placed.client.listen({ legId: placed.mediaId, answeringMachine: {} }).catch((error: unknown) => {
      // Only G.711 is listened to; and a process that has died says nothing any more.
      this.#events.fault('media', error instanceof Error ? error.message : String(error));
      const nothing = { atMs: 0, greetingMs: 0, words: 0 };
      this.#events.answerDetected(legId, { verdict: 'unknown', reason: 'not-heard', ...nothing });
    });
  }

  ignore(legId: LegId): void {
    this.#tell(legId, 'leg.stopListening', { legId: this.#mediaId(legId) }, patient);
  }

  stopPlaying(legId: LegId): void {
    const placed = this.#legs.get(legId);
    if (placed !== undefined) placed.playing = undefined;
    this.#tell(legId, 'leg.stopPlaying', { legId: this.#mediaId(legId) });
  }

  bridge(a: LegId, b: LegId): void {
    this.#couple(a, b);
    this.#tell(a, 'leg.bridge', { a: this.#mediaId(a), b: this.#mediaId(b) });
  }

  unbridge(a: LegId): void {
    this.#couple(a, undefined);
    this.#tell(a, 'leg.unbridge', { legId: this.#mediaId(a) }, patient);
  }

  mute(legId: LegId, muted: boolean): void {
    const placed = this.#legs.get(legId);
    if (placed !== undefined) placed.isMuted = muted;
    this.#tell(legId, 'leg.mute', { legId: this.#mediaId(legId), muted });
  }

  /** A room of the contact, in which more than two hear each other, or a supervisor takes part. */
  openRoom(contactId: ContactId, room: string): void {
    const client = this.#homes.get(contactId)?.client;
    if (client !== undefined)
      this.#say(client, 'conference.create', { conferenceId: roomId(contactId, room) });
  }

  joinRoom(contactId: ContactId, room: string, legId: LegId, supervision: Seat): void {
    this.#sit(legId, { conferenceId: roomId(contactId, room), supervision });
  }

  #sit(legId: LegId, seat: NonNullable<PlacedLeg['seat']>): void {
    const placed = this.#legs.get(legId);
    if (placed !== undefined) placed.seat = seat;
    const { conferenceId, supervision } = seat;
    // The last one in a shared room may have been this leg under another name.
    if (placed !== undefined && !this.#orders.isConference(conferenceId)) {
      this.#say(placed.client, 'conference.create', { conferenceId });
    }
    const params = { conferenceId, legId: this.#mediaId(legId), supervision: this.#seat(supervision) };
    this.#tell(legId, 'conference.join', params);
  }

  /** The leg takes the seat of the one whose name it has now, and supervisors who are with that one are told of it. */
  #takeSeat(legId: LegId, seat: PlacedLeg['seat']): void {
    if (seat === undefined) return;
    this.#sit(legId, seat);
    for (const other of this.#legs.values()) {
      if (other.seat?.conferenceId !== seat.conferenceId || other.seat.supervision?.legId !== legId) continue;
      this.changeSeat(other.legId, other.seat.supervision);
    }
  }

  changeSeat(legId: LegId, supervision: Seat): void {
    const placed = this.#legs.get(legId);
    if (placed?.seat !== undefined) placed.seat = { ...placed.seat, supervision };
    const seat = { legId: this.#mediaId(legId), supervision: this.#seat(supervision) };
    this.#tell(legId, 'conference.set', seat);
  }

  leaveRoom(legId: LegId): void {
    const placed = this.#legs.get(legId);
    const seat = placed?.seat;
    if (placed !== undefined) placed.seat = undefined;
    this.#tell(legId, 'conference.leave', { legId: this.#mediaId(legId) });
    this.shared.left(seat);
  }

  closeRoom(contactId: ContactId, room: string): void {
    const conferenceId = roomId(contactId, room);
    for (const placed of this.#legs.values()) {
      if (placed.seat?.conferenceId === conferenceId) placed.seat = undefined;
    }
    const client = this.#homes.get(contactId)?.client;
    if (client !== undefined) this.#say(client, 'conference.end', { conferenceId });
  }

  #seat(supervision: Seat): Seat {
    return supervision === null ? null : { ...supervision, legId: this.#mediaId(supervision.legId) as LegId };
  }

  /** The legs of a new contact are to be where those of another one are, so that one day they can be connected. */
  placeBeside(contactId: ContactId, other: ContactId): void {
    const home = this.#homes.get(other);
    if (home === undefined || this.#homes.has(contactId)) return;
    this.#homes.set(contactId, { client: home.client, legs: 0, codec: undefined });
  }

  /** Whether legs of the two can be connected. */
  areTogether(a: LegId, b: LegId): boolean {
    const client = this.#legs.get(a)?.client;
    return client !== undefined && client === this.#legs.get(b)?.client;
  }

  /** A leg takes the place of another: its name, and what that one was connected with, played and recorded in. */
  rename(from: LegId, to: LegId): void {
    const placed = this.#legs.get(from);
    if (placed === undefined) return;
    const former = this.#legs.get(to);
    this.release(to);
    this.#legs.delete(from);
    this.#legs.set(to, placed);
    placed.legId = to;
    if (placed.mediaId !== '') this.#byMediaId.set(placed.mediaId, to);
    this.#notePlace(placed);
    if (former?.bridgedWith !== undefined) this.bridge(to, former.bridgedWith);
    if (former?.playing !== undefined) this.play(to, former.playing.source, former.playing.options);
    if (former?.isMuted === true) this.mute(to, true);
    this.#takeSeat(to, former?.seat);
    this.recordings.renamed(to);
  }

  #couple(a: LegId, b: LegId | undefined): void {
    const placed = this.#legs.get(a);
    if (placed === undefined) return;
    const other = this.#legs.get(b ?? (placed.bridgedWith as LegId));
    placed.bridgedWith = b;
    // Who is bridged is in no room.
    if (b !== undefined) placed.seat = undefined;
    if (b !== undefined && other !== undefined) other.seat = undefined;
    if (other !== undefined) other.bridgedWith = b === undefined ? undefined : a;
  }

  release(legId: LegId): void {
    const placed = this.#legs.get(legId);
    if (placed === undefined) return;
    this.#leave(legId);
    if (placed.mediaId !== '') this.#say(placed.client, 'leg.release', { legId: placed.mediaId }, unheard);
  }

  #leave(legId: LegId): void {
    const placed = this.#legs.get(legId);
    if (placed === undefined) return;
    this.#legs.delete(legId);
    this.#byMediaId.delete(placed.mediaId);
    this.shared.left(placed.seat);
    const other = placed.bridgedWith === undefined ? undefined : this.#legs.get(placed.bridgedWith);
    if (other?.bridgedWith === legId) other.bridgedWith = undefined;
    this.#qualities.sweep();
    const home = this.#homes.get(placed.contactId);
    if (home !== undefined && --home.legs === 0) this.#homes.delete(placed.contactId);
  }

  #tell<M extends MediaMethod>(
    legId: LegId,
    method: M,
    params: MediaParams<M>,
    options = { patienceMs: 0 },
  ): void {
    const placed = this.#legs.get(legId);
    // A leg that is not there was released meanwhile; one without a name is not open yet.
    if (placed !== undefined && placed.mediaId !== '') this.#say(placed.client, method, params, options);
  }

  /** Says it, and keeps it for a process that may have to take over. */
  #say<M extends MediaMethod>(
    client: MediaClient,
    method: M,
    params: MediaParams<M>,
    options = { patienceMs: 0 },
  ): void {
    this.#orders.note(client, method, params);
    if (!this.takeover.isRecalling) client.tell(method, params, options);
  }

  #notePlace({ legId, contactId, client, run = '', request, mediaId }: PlacedLeg): void {
    const process = this.#clients().indexOf(client);
    this.#events.placed({ legId, contactId, mediaId, process, run, request });
  }

  #mediaId(legId: LegId): string {
    return this.#legs.get(legId)?.mediaId ?? '';
  }
}
