import type { ContactId, LegId, RecordingId } from '@crosspoint/contracts';
import type { SocketRequest, SoundSocket } from '../../carriers/door.ts';
import {
  type MediaClient,
  MediaError,
  type MediaMethod,
  type MediaParams,
  recoverRecording,
} from '../../media/index.ts';
import { inTurn } from '../../platform/index.ts';
import type { Home, MediaPlaneEvents, PlacedLeg, PlacedRecording } from './media-places.ts';
import type { StandingOrders } from './standing-orders.ts';

export interface MediaMovesContext {
  clients: () => readonly MediaClient[];
  legs: ReadonlyMap<LegId, PlacedLeg>;
  homes: ReadonlyMap<ContactId, Home>;
  recordings: Map<RecordingId, PlacedRecording>;
  orders: StandingOrders;
  events: MediaPlaneEvents;
}

/** People wait that long for a media process before their calls are ended. */
const moveMaxMs = 10_000;
const lookIntervalMs = 20;
/** A recording that was to stop is closed by then, or what is in its file counts. */
const closingMaxMs = 60_000;

/**
 * Legs and recordings of a media process that died, on their way to another one: to its successor when that is there, else to one
 * that runs. All go to the same, so that whoever is connected stays together. One process is evacuated after the other: what is being
 * brought to one that dies meanwhile is there, and goes on with everything else, when its own turn comes.
 */
export class MediaMoves {
  readonly #context: MediaMovesContext;
  /** Processes whose turn is still to come, and the one whose legs are on their way. */
  readonly #waiting = new Set<MediaClient>();
  #leaving: MediaClient | undefined;
  readonly #evacuateWaiting = inTurn(async () => {
    // Those that come meanwhile are visited too.
    for (const client of this.#waiting) await this.#bringElsewhere(client);
  });
  #turn = 0;

  constructor(context: MediaMovesContext) {
    this.#context = context;
  }

  /** One of the connected processes, which take turns; rejects when none comes within ten seconds. */
  async pick(): Promise<MediaClient> {
    const deadlineMs = performance.now() + moveMaxMs;
    for (;;) {
      const connected = this.#context.clients().filter((client) => client.isConnected);
      const client = connected[this.#turn++ % Math.max(1, connected.length)];
      if (client !== undefined) return client;
      if (performance.now() >= deadlineMs) throw away();
      await pause();
    }
  }

  /** Another path for a leg of a browser that asks for one, which keeps everything else of it. Rejects as `leg.restartIce` does. */
  async openAnotherPath(legId: LegId): Promise<SoundSocket> {
    const leg = this.#context.legs.get(legId);
    if (leg === undefined || leg.mediaId === '') throw new Error('the leg has no socket');
    const { port, dtls } = await leg.client.restartIce(leg.mediaId);
    return { port, dtls };
  }

  /** Waits until the contacts of that home are where they can be reached. */
  async settled(home: Home): Promise<void> {
    const deadlineMs = performance.now() + moveMaxMs;
    while (!home.client.isConnected || this.isLeft(home.client)) {
      if (performance.now() >= deadlineMs) throw away();
      await pause();
    }
  }

  /** Whether somebody is, or is about to be, on the way out of it. */
  isLeft(client: MediaClient): boolean {
    return this.#leaving === client || this.#waiting.has(client);
  }

  /** Brings everything of former runs of that process elsewhere, and tells where it is then. */
  evacuate(client: MediaClient): Promise<void> {
    this.#waiting.add(client);
    return this.#evacuateWaiting();
  }

  async #bringElsewhere(client: MediaClient): Promise<void> {
    this.#waiting.delete(client);
    this.#leaving = client;
    // Those that were to stop are complete at once; the others wait for whom they hear.
    for (const [id, { isStopping }] of this.#recordingsOf(client)) if (isStopping) void this.salvage(id);
    try {
      const { to, legs, sockets } = await this.#openAll(client);
      // A recording may have been begun meanwhile, of a leg that was on its way.
      const recordings = this.#recordingsOf(client);
      this.#settle(client, to, sockets);
      for (const [id, recording] of recordings) {
        if (recording.isStopping) void this.salvage(id);
        else this.goOn(id, recording, to);
      }
      for (const [leg, socket] of sockets)
        if (this.#isHere(leg)) this.#context.events.moved(leg.legId, socket);
      this.#lose(legs.filter((leg) => !sockets.has(leg)));
    } catch (error) {
      this.#context.events.fault('media', reasonOf(error));
      this.#lose(this.#legsOf(client));
      for (const [id] of this.#recordingsOf(client)) void this.salvage(id);
    } finally {
      this.#leaving = undefined;
    }
  }

  #legsOf(client: MediaClient): PlacedLeg[] {
    return [...this.#context.legs.values()].filter((leg) => isOfFormerRun(leg, client));
  }

  #recordingsOf(client: MediaClient): [RecordingId, PlacedRecording][] {
    return [...this.#context.recordings].filter(([, recording]) => isOfFormerRun(recording, client));
  }

  /** The process that writes it did not say that it has stopped. */
  async notStopped(recordingId: RecordingId, error: Error): Promise<void> {
    if (!isLate(error)) return this.salvage(recordingId);
    // A disk that is slow: the process closes the file all the same, and tells its end then.
    this.#context.events.recordingTrouble(recordingId, error.message);
    setTimeout(() => void this.salvage(recordingId), closingMaxMs).unref();
  }

  /** A recording that no process writes any more: what is in its file counts. */
  async salvage(recordingId: RecordingId): Promise<void> {
    const { recordings, orders, events } = this.#context;
    const recording = recordings.get(recordingId);
    if (recording === undefined) return;
    recordings.delete(recordingId);
    orders.recordingEnded(recordingId);
    const { path } = recording.file;
    try {
      const { durationSeconds, bytes } = await recoverRecording(path);
      events.recordingEnded(recordingId, { recordingId, path, durationSeconds, bytes }, true);
    } catch (error) {
      events.recordingTrouble(recordingId, reasonOf(error));
      events.recordingEnded(recordingId, { recordingId, path, durationSeconds: 0, bytes: 0 }, false);
    }
  }

  /** Opens a socket for each leg in one process; begins anew when that one dies too, with whoever had a socket there since. */
  async #openAll(
    from: MediaClient,
  ): Promise<{ to: MediaClient; legs: PlacedLeg[]; sockets: Map<PlacedLeg, SoundSocket> }> {
    for (;;) {
      const to = from.isConnected ? from : await this.pick();
      const legs = this.#legsOf(from);
      const sockets = new Map<PlacedLeg, SoundSocket>();
      try {
        await Promise.all(legs.map((leg) => this.#open(to, leg, sockets)));
        return { to, legs, sockets };
      } catch (error) {
        if (!isAway(error)) throw error;
      }
    }
  }

  async #open(to: MediaClient, leg: PlacedLeg, sockets: Map<PlacedLeg, SoundSocket>): Promise<void> {
    if (!this.#isHere(leg)) return;
    try {
      sockets.set(leg, await openSocket(to, leg.mediaId, leg.request));
    } catch (error) {
      if (isAway(error)) throw error;
      this.#context.events.fault('media', reasonOf(error));
    }
  }

  #settle(from: MediaClient, to: MediaClient, sockets: ReadonlyMap<PlacedLeg, SoundSocket>): void {
    const { homes, orders } = this.#context;
    const mediaIds = new Set<string>();
    const tell = <M extends MediaMethod>(method: M, params: MediaParams<M>) => to.tell(method, params);
    for (const home of homes.values()) if (home.client === from) home.client = to;
    for (const leg of sockets.keys()) {
      leg.client = to;
      leg.run = to.hello?.instanceId ?? '';
      const { legId, contactId, mediaId, run, request } = leg;
      this.#context.events.placed({
        ...{ legId, contactId, mediaId, run, request },
        process: this.#context.clients().indexOf(to),
      });
      if (this.#isHere(leg)) mediaIds.add(leg.mediaId);
      else tell('leg.release', { legId: leg.mediaId });
    }
    orders.repeat(mediaIds, from, to, tell);
  }

  /** A recording goes on in that process, in its file, with silence for the time that nobody wrote. */
  goOn(recordingId: RecordingId, recording: PlacedRecording, to: MediaClient): void {
    const { recordings, orders, legs, events } = this.#context;
    if (recordings.get(recordingId) !== recording || recording.isStopping) return;
    const { channels, isPaused } = orders.recording(recordingId) ?? {
      channels: { left: null, right: null },
      isPaused: false,
    };
    const there = new Set(
      [...legs.values()].filter(({ client }) => client === to).map(({ mediaId }) => mediaId),
    );
    // A room has a name of two parts, and is there when its contact is.
    const heard = (mediaId: string | null | undefined): string | null =>
      mediaId != null && (there.has(mediaId) || mediaId.includes('.')) ? mediaId : null;
    recording.client = to;
    recording.run = to.hello?.instanceId ?? '';
    recording.formerEndsUntil = undefined;
    const continueAfterMs = Math.round(performance.now() - recording.startedAtMs);
    const [left, right] = [heard(channels.left), heard(channels.right)];
    recording.begun = to
      .startRecording({ recordingId, ...recording.file, left, right, continueAfterMs })
      .then(() => {
        if (isPaused) to.tell('recording.pause', { recordingId });
      })
      .catch((error: unknown) => {
        // Whoever died too has its own evacuation.
        if (isAway(error) || isLate(error)) return;
        events.recordingTrouble(recordingId, `it cannot go on: ${reasonOf(error)}`);
        void this.salvage(recordingId);
      });
  }

  #lose(legs: readonly PlacedLeg[]): void {
    const lost = legs.filter((leg) => this.#isHere(leg)).map(({ legId }) => legId);
    if (lost.length > 0) this.#context.events.lost(lost);
  }

  #isHere(leg: PlacedLeg): boolean {
    return this.#context.legs.get(leg.legId) === leg;
  }
}

/** Opens the socket of a leg under that name. Rejects as `leg.allocate` does. */
export async function openSocket(
  client: MediaClient,
  mediaId: string,
  { transport, bindAddress: address, publicAddress }: SocketRequest,
): Promise<SoundSocket> {
  if (transport === 'rtp') {
    const { port } = await client.allocateLeg({ legId: mediaId, address });
    return { port };
  }
  const announced = publicAddress === undefined ? {} : { publicAddress };
  const { port, dtls } = await client.allocateLeg({ legId: mediaId, address, transport, ...announced });
  return { port, dtls };
}

/** The media process is gone, or its connection is. */
export function isAway(error: unknown): boolean {
  return error instanceof MediaError && error.code === 'disconnected';
}

/** It has not answered yet: what it was asked for may still be done. */
export function isLate(error: unknown): boolean {
  return error instanceof MediaError && error.code === 'timeout';
}

function away(): MediaError {
  const message = `no media process has come back within ${moveMaxMs} ms; look at its log`;
  return new MediaError({ code: 'disconnected', message });
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, lookIntervalMs).unref();
  });
}

/** It was put into that process before the present run of it; what is being opened is in none yet. */
function isOfFormerRun(
  placed: { client: MediaClient; run: string | undefined },
  client: MediaClient,
): boolean {
  return placed.client === client && placed.run !== undefined && placed.run !== client.hello?.instanceId;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
