import type { ContactId, LegId, LegQuality, RecordingFormat, RecordingId } from '@crosspoint/contracts';
import type { LegMedia, RemoteSound, SocketRequest, SoundCodec, SoundSocket } from '../../carriers/door.ts';
import {
  type LegRemoteParams,
  type MediaClient,
  MediaError,
  type MediaMethod,
  type MediaParams,
  type PlaySource,
  type RecordingSummary,
} from '../../media/index.ts';
import { SpareSockets } from './spare-sockets.ts';

/** What the media processes report, in the words of this feature. */
export interface MediaPlaneEvents {
  digit(legId: LegId, digit: string): void;
  /** What was played to that leg under a name of its own is over; null: something could not be played. */
  played(legId: LegId, name: string | null): void;
  /** No sound for some seconds from a leg that should send. */
  silent(legId: LegId): void;
  /** Its sound is gone for good: neither packets nor reports for a minute, or its WebRTC connection has failed. */
  soundLost(legId: LegId, reason: string): void;
  recordingEnded(recordingId: RecordingId, summary: RecordingSummary, complete: boolean): void;
  recordingTrouble(recordingId: RecordingId, detail: string): void;
  /** A media process died or forgot its legs. */
  lost(legIds: LegId[]): void;
  fault(what: string, detail: string): void;
}

interface PlacedLeg {
  contactId: ContactId;
  client: MediaClient;
  /** The leg's name in its media process; empty while its socket is being opened. */
  mediaId: string;
  /** With whom it talks, and what is played to it. */
  bridgedWith: LegId | undefined;
  playing: { source: PlaySource; options: { loop: boolean } } | undefined;
}

interface PlacedRecording {
  client: MediaClient;
  customer: LegId;
  agent: LegId;
}

interface Home {
  client: MediaClient;
  legs: number;
  /** Of the first leg whose sound was agreed. */
  codec: SoundCodec | undefined;
}

/** Figures kept at most before those of forgotten legs are swept. */
const qualitiesMax = 20_000;

/** What nobody listens for at this very moment may wait for company, a wake-up of the other process being dear. */
const patient = { urgent: false };

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
  readonly #recordings = new Map<RecordingId, PlacedRecording>();
  readonly #byMediaId = new Map<string, LegId>();
  /** How well each leg is heard; that of a leg that is gone stays until it is asked for. */
  readonly #qualities = new Map<LegId, LegQuality>();
  readonly #spares = new Map<MediaClient, SpareSockets>();
  readonly #newId: () => string;
  #turn = 0;

  constructor(clients: () => readonly MediaClient[], events: MediaPlaneEvents, newId: () => string) {
    this.#clients = clients;
    this.#events = events;
    this.#newId = newId;
  }

  /** Subscribes to a media process; call once for each client. */
  attach(client: MediaClient): void {
    const spares = new SpareSockets(client, this.#newId);
    this.#spares.set(client, spares);
    client.on('digit', (event) => {
      const legId = this.#byMediaId.get(event.legId);
      if (legId !== undefined) this.#events.digit(legId, event.digit);
    });
    client.on('play-ended', ({ legId: mediaId, playId, reason }) => {
      // What was stopped or replaced was so by our own command.
      const legId = reason === 'finished' ? this.#byMediaId.get(mediaId) : undefined;
      if (legId !== undefined) this.#events.played(legId, playId);
    });
    client.on('leg-stats', ({ legs }) => {
      for (const { legId: mediaId, quality } of legs) {
        const legId = this.#byMediaId.get(mediaId);
        if (legId !== undefined && quality !== null) this.#qualities.set(legId, quality);
      }
    });
    client.on('rtp-timeout', (event) => {
      const legId = this.#byMediaId.get(event.legId);
      if (legId !== undefined) this.#events.silent(legId);
    });
    client.on('sound-lost', (event) => {
      const legId = this.#byMediaId.get(event.legId);
      if (legId !== undefined) this.#events.soundLost(legId, 'no-sound');
    });
    client.on('transport-failed', (event) => {
      const legId = this.#byMediaId.get(event.legId);
      if (legId !== undefined) this.#events.soundLost(legId, event.reason);
    });
    client.on('recording-failed', (event) =>
      this.#events.recordingTrouble(event.recordingId as RecordingId, `${event.code}: ${event.message}`),
    );
    client.on('recording-closed', (event) => {
      if (!this.#recordings.delete(event.recordingId as RecordingId)) return;
      this.#events.recordingEnded(event.recordingId as RecordingId, event, event.complete);
    });
    client.on('command-failed', ({ method, legId, error }) => {
      // A leg that went away and a sound that another replaced are ordinary; everything else is worth a line.
      if (error.code === 'unknown-leg' || error.code === 'overtaken') return;
      const of = legId === null ? undefined : this.#byMediaId.get(legId);
      // The former sound goes on when a file cannot be read; who awaits the end of the new one need not.
      if (method === 'leg.play' && of !== undefined) this.#events.played(of, null);
      this.#events.fault('media', `${method} of leg ${legId ?? '?'}: ${error.message}`);
    });
    client.on('connected', ({ sameProcess }) => {
      if (sameProcess) return;
      spares.forget();
      this.#lose(client);
    });
  }

  /** Legs of calls in one media process; the sockets opened ahead are not among them. */
  legCount(client: MediaClient): number {
    let count = 0;
    for (const placed of this.#legs.values()) if (placed.client === client) count++;
    return count;
  }

  /** How well a live leg is heard; undefined before anything was measured. */
  qualityOf(legId: LegId): LegQuality | undefined {
    return this.#qualities.get(legId);
  }

  /** The same for a leg that has ended, once. */
  takeQuality(legId: LegId): LegQuality | undefined {
    const quality = this.#qualities.get(legId);
    this.#qualities.delete(legId);
    return quality;
  }

  get isReady(): boolean {
    return this.#clients().some((client) => client.isConnected);
  }

  async allocate(contactId: ContactId, legId: LegId, request: SocketRequest): Promise<SoundSocket> {
    const home = this.#homes.get(contactId) ?? { client: this.#pick(), legs: 0, codec: undefined };
    home.legs++;
    this.#homes.set(contactId, home);
    const placed: PlacedLeg = {
      ...{ contactId, client: home.client, mediaId: '' },
      bridgedWith: undefined,
      playing: undefined,
    };
    this.#legs.set(legId, placed);
    try {
      const { mediaId, ...socket } = await this.#open(home.client, request);
      placed.mediaId = mediaId;
      if (this.#legs.get(legId) === placed) this.#byMediaId.set(mediaId, legId);
      else home.client.tell('leg.release', { legId: mediaId }, patient);
      return socket;
    } catch (error) {
      this.#leave(legId);
      throw error;
    }
  }

  async #open(client: MediaClient, request: SocketRequest): Promise<SoundSocket & { mediaId: string }> {
    const { transport, bindAddress: address, publicAddress } = request;
    if (transport === 'webrtc') {
      const mediaId = this.#newId();
      const announced = publicAddress === undefined ? {} : { publicAddress };
      const { port, dtls } = await client.allocateLeg({ legId: mediaId, address, transport, ...announced });
      return { mediaId, port, dtls };
    }
    const spares = this.#spares.get(client);
    if (spares === undefined) throw new Error('the media process is not attached');
    return spares.take(address);
  }

  setRemote(legId: LegId, remote: RemoteSound): void {
    const home = this.#homes.get(this.#legs.get(legId)?.contactId as ContactId);
    if (home !== undefined) home.codec ??= remote.codec;
    // What is undefined has no place in JSON, where it would be left out anyway.
    this.#tell(legId, 'leg.remote', { legId: this.#mediaId(legId), ...remote } as LegRemoteParams);
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

  /** Starts a stereo file: the customer on the left, the agent on the right. */
  startRecording(
    recordingId: RecordingId,
    file: { path: string; format: RecordingFormat },
    customer: LegId,
    agent: LegId,
  ): void {
    const client = this.#legs.get(customer)?.client;
    if (client === undefined) return this.#events.recordingTrouble(recordingId, 'the customer leg is gone');
    this.#recordings.set(recordingId, { client, customer, agent });
    const [left, right] = [this.#mediaId(customer), this.#mediaId(agent)];
    client.startRecording({ recordingId, ...file, left, right }).catch((error: Error) => {
      this.#recordings.delete(recordingId);
      this.#events.recordingTrouble(recordingId, error.message);
      const none = { recordingId, path: file.path, durationSeconds: 0, bytes: 0 };
      this.#events.recordingEnded(recordingId, none, false);
    });
  }

  stopRecording(recordingId: RecordingId): void {
    const client = this.#recordings.get(recordingId)?.client;
    // Its end is reported by `recording-closed`, which also comes when a recording ends by itself.
    client?.stopRecording(recordingId).catch((error: Error) => {
      if (!this.#recordings.delete(recordingId)) return;
      this.#events.recordingTrouble(recordingId, error.message);
      this.#events.recordingEnded(
        recordingId,
        { recordingId, path: '', durationSeconds: 0, bytes: 0 },
        false,
      );
    });
  }

  /** A leg takes the place of another: its name, and what that one was connected with, played and recorded in. */
  rename(from: LegId, to: LegId): void {
    const placed = this.#legs.get(from);
    if (placed === undefined) return;
    const former = this.#legs.get(to);
    this.release(to);
    this.#legs.delete(from);
    this.#legs.set(to, placed);
    if (placed.mediaId !== '') this.#byMediaId.set(placed.mediaId, to);
    if (former?.bridgedWith !== undefined) this.bridge(to, former.bridgedWith);
    if (former?.playing !== undefined) this.play(to, former.playing.source, former.playing.options);
    for (const [recordingId, { client, customer, agent }] of this.#recordings) {
      if (customer !== to && agent !== to) continue;
      const [left, right] = [this.#mediaId(customer), this.#mediaId(agent)];
      client.tell('recording.attach', { recordingId, left, right });
    }
  }

  #couple(a: LegId, b: LegId | undefined): void {
    const placed = this.#legs.get(a);
    if (placed === undefined) return;
    const other = this.#legs.get(b ?? (placed.bridgedWith as LegId));
    placed.bridgedWith = b;
    if (other !== undefined) other.bridgedWith = b === undefined ? undefined : a;
  }

  release(legId: LegId): void {
    const placed = this.#legs.get(legId);
    if (placed === undefined) return;
    this.#leave(legId);
    if (placed.mediaId !== '') placed.client.tell('leg.release', { legId: placed.mediaId }, patient);
  }

  #leave(legId: LegId): void {
    const placed = this.#legs.get(legId);
    if (placed === undefined) return;
    this.#legs.delete(legId);
    this.#byMediaId.delete(placed.mediaId);
    const other = placed.bridgedWith === undefined ? undefined : this.#legs.get(placed.bridgedWith);
    if (other?.bridgedWith === legId) other.bridgedWith = undefined;
    if (this.#qualities.size > qualitiesMax) this.#forgetQualities();
    const home = this.#homes.get(placed.contactId);
    if (home !== undefined && --home.legs === 0) this.#homes.delete(placed.contactId);
  }

  /** Legs whose end nobody recorded (one that failed early). */
  #forgetQualities(): void {
    for (const legId of this.#qualities.keys()) if (!this.#legs.has(legId)) this.#qualities.delete(legId);
  }

  /** Processes take turns; one without connection is passed over. */
  #pick(): MediaClient {
    const connected = this.#clients().filter((client) => client.isConnected);
    const client = connected[this.#turn++ % Math.max(1, connected.length)];
    if (client === undefined) {
      throw new MediaError({
        code: 'disconnected',
        message: 'no media process is connected; one is being started',
      });
    }
    return client;
  }

  #tell<M extends MediaMethod>(
    legId: LegId,
    method: M,
    params: MediaParams<M>,
    options = { urgent: true },
  ): void {
    // A leg without a client was released meanwhile.
    this.#legs.get(legId)?.client.tell(method, params, options);
  }

  #mediaId(legId: LegId): string {
    return this.#legs.get(legId)?.mediaId ?? '';
  }

  #lose(client: MediaClient): void {
    const lost = [...this.#legs].filter(([, placed]) => placed.client === client).map(([legId]) => legId);
    for (const legId of lost) this.#leave(legId);
    for (const [recordingId, owner] of this.#recordings) {
      if (owner.client !== client) continue;
      this.#recordings.delete(recordingId);
      const gone = { recordingId, path: '', durationSeconds: 0, bytes: 0 };
      this.#events.recordingEnded(recordingId, gone, false);
    }
    this.#events.lost(lost);
  }
}
