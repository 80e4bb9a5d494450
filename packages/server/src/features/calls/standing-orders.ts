import { isDeepStrictEqual } from 'node:util';
import type { LegInfo, MediaClient, MediaMethod, MediaParams } from '../../media/index.ts';

/** Says one command to a media process. */
export type Tell = <M extends MediaMethod>(method: M, params: MediaParams<M>) => void;

interface LegOrders {
  remote: MediaParams<'leg.remote'> | undefined;
  play: MediaParams<'leg.play'> | undefined;
  muted: MediaParams<'leg.mute'> | undefined;
  bridgedWith: string | undefined;
  seat: MediaParams<'conference.join'> | undefined;
  listen: MediaParams<'leg.listen'> | undefined;
}

interface RecordingOrders {
  channels: Pick<MediaParams<'recording.start'>, 'left' | 'right'>;
  isPaused: boolean;
}

/**
 * What the media processes have been told and still holds: whoever takes over from one that died is told the same. Legs,
 * conferences and recordings have the same names in the new process.
 */
export class StandingOrders {
  readonly #legs = new Map<string, LegOrders>();
  readonly #conferences = new Map<string, MediaClient>();
  readonly #recordings = new Map<string, RecordingOrders>();

  /** Takes note of a command; what says nothing that lasts is passed over. */
  note<M extends MediaMethod>(client: MediaClient, method: M, params: MediaParams<M>): void {
    const change: Change<M> | undefined = changes[method];
    if (change !== undefined) change.call(this.#book(client), params);
  }

  /** What a play that has ended was; it is not begun again. */
  playEnded(mediaId: string, playId: string): void {
    const orders = this.#legs.get(mediaId);
    if (orders?.play?.playId === playId) orders.play = undefined;
  }

  recording(recordingId: string): RecordingOrders | undefined {
    return this.#recordings.get(recordingId);
  }

  isConference(conferenceId: string): boolean {
    return this.#conferences.has(conferenceId);
  }

  recordingEnded(recordingId: string): void {
    this.#recordings.delete(recordingId);
  }

  /** Has `tell` say to `to` what holds for these legs, which are there already, and for the conferences of `from`. */
  repeat(mediaIds: ReadonlySet<string>, from: MediaClient, to: MediaClient, tell: Tell): void {
    for (const [conferenceId, client] of this.#conferences) {
      if (client !== from) continue;
      this.#conferences.set(conferenceId, to);
      tell('conference.create', { conferenceId });
    }
    const legs = [...mediaIds].flatMap((mediaId) => {
      const orders = this.#legs.get(mediaId);
      return orders === undefined ? [] : [{ mediaId, orders }];
    });
    for (const { orders } of legs) {
      // What was agreed for DTLS ended with the process; the far end is about to agree anew.
      if (orders.remote !== undefined && orders.remote.dtls === undefined) tell('leg.remote', orders.remote);
      if (orders.muted !== undefined) tell('leg.mute', orders.muted);
    }
    for (const { mediaId: a, orders } of legs) {
      const b = orders.bridgedWith;
      if (b !== undefined && mediaIds.has(b) && a < b) tell('leg.bridge', { a, b });
      // Who is supervised must be there before the supervisor.
      if (orders.seat !== undefined && orders.seat.supervision == null) tell('conference.join', orders.seat);
    }
    for (const { orders } of legs) {
      if (orders.seat?.supervision != null) tell('conference.join', orders.seat);
      if (orders.play !== undefined) tell('leg.play', orders.play);
      if (orders.listen !== undefined) tell('leg.listen', orders.listen);
    }
  }

  /** Has `tell` say to a leg what it was told and does not show, and the other way round. `open`: the conferences that are there. */
  correct(info: LegInfo, open: ReadonlySet<string>, tell: Tell): void {
    const { legId } = info;
    const { remote, muted, bridgedWith, seat, play } = this.#legs.get(legId) ?? nothing;
    if (remote !== undefined && !agrees(remote, info.remote)) tell('leg.remote', remote);
    if (info.muted !== (muted !== undefined)) tell('leg.mute', { legId, muted: !info.muted });
    if (seat !== undefined && info.conferenceId !== seat.conferenceId) {
      if (!open.has(seat.conferenceId)) tell('conference.create', { conferenceId: seat.conferenceId });
      tell('conference.join', seat);
    } else if (seat === undefined && info.conferenceId !== null) tell('conference.leave', { legId });
    if (bridgedWith !== undefined && info.bridgedWith !== bridgedWith) {
      tell('leg.bridge', { a: legId, b: bridgedWith });
    } else if (bridgedWith === undefined && info.bridgedWith !== null) tell('leg.unbridge', { legId });
    if (play !== undefined && info.playing?.playId !== play.playId) tell('leg.play', play);
    else if (play === undefined && info.playing !== null) tell('leg.stopPlaying', { legId });
  }

  #book(client: MediaClient): Book {
    return { client, legs: this.#legs, conferences: this.#conferences, recordings: this.#recordings };
  }
}

const nothing: LegOrders = {
  ...{ remote: undefined, play: undefined, muted: undefined, bridgedWith: undefined, seat: undefined },
  listen: undefined,
};

/** Whether a leg has been told that; what is undefined there is missing here. */
function agrees({ legId: _name, ...said }: MediaParams<'leg.remote'>, shown: LegInfo['remote']): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(said)), JSON.parse(JSON.stringify(shown)));
}

interface Book {
  client: MediaClient;
  legs: Map<string, LegOrders>;
  conferences: Map<string, MediaClient>;
  recordings: Map<string, RecordingOrders>;
}

type Change<M extends MediaMethod> = (this: Book, params: MediaParams<M>) => void;

function of({ legs }: Book, mediaId: string): LegOrders {
  let orders = legs.get(mediaId);
  if (orders === undefined) {
    orders = {
      remote: undefined,
      play: undefined,
      muted: undefined,
      bridgedWith: undefined,
      seat: undefined,
      listen: undefined,
    };
    legs.set(mediaId, orders);
  }
  return orders;
}

function part({ legs }: Book, mediaId: string): void {
  const orders = legs.get(mediaId);
  if (orders?.bridgedWith === undefined) return;
  const other = legs.get(orders.bridgedWith);
  if (other?.bridgedWith === mediaId) other.bridgedWith = undefined;
  orders.bridgedWith = undefined;
}

const changes: { [M in MediaMethod]?: Change<M> } = {
  'leg.remote'(params) {
    of(this, params.legId).remote = params;
  },
  'leg.play'(params) {
    of(this, params.legId).play = params;
  },
  'leg.stopPlaying'({ legId }) {
    of(this, legId).play = undefined;
  },
  'leg.listen'(params) {
    of(this, params.legId).listen = params;
  },
  'leg.stopListening'({ legId }) {
    of(this, legId).listen = undefined;
  },
  'leg.mute'(params) {
    of(this, params.legId).muted = params.muted ? params : undefined;
  },
  'leg.bridge'({ a, b }) {
    if (a === '' || b === '') return;
    for (const [mediaId, peer] of [[a, b] as const, [b, a] as const]) {
      part(this, mediaId);
      Object.assign(of(this, mediaId), { bridgedWith: peer, seat: undefined });
    }
  },
  'leg.unbridge'({ legId }) {
    part(this, legId);
  },
  'leg.release'({ legId }) {
    part(this, legId);
    this.legs.delete(legId);
  },
  'conference.create'({ conferenceId }) {
    this.conferences.set(conferenceId, this.client);
  },
  'conference.join'(params) {
    part(this, params.legId);
    of(this, params.legId).seat = params;
  },
  'conference.set'(params) {
    const orders = of(this, params.legId);
    if (orders.seat !== undefined) orders.seat = { ...orders.seat, ...params };
  },
  'conference.leave'({ legId }) {
    of(this, legId).seat = undefined;
  },
  'conference.end'({ conferenceId }) {
    this.conferences.delete(conferenceId);
    // What was played to everybody in it.
    this.legs.delete(conferenceId);
    for (const orders of this.legs.values()) {
      if (orders.seat?.conferenceId === conferenceId) orders.seat = undefined;
    }
  },
  'recording.start'({ recordingId, left, right = null }) {
    this.recordings.set(recordingId, { channels: { left, right }, isPaused: false });
  },
  'recording.attach'({ recordingId, left, right }) {
    const orders = this.recordings.get(recordingId);
    if (orders === undefined) return;
    if (left !== undefined) orders.channels.left = left;
    if (right !== undefined) orders.channels.right = right;
  },
  'recording.pause'({ recordingId }) {
    const orders = this.recordings.get(recordingId);
    if (orders !== undefined) orders.isPaused = true;
  },
  'recording.resume'({ recordingId }) {
    const orders = this.recordings.get(recordingId);
    if (orders !== undefined) orders.isPaused = false;
  },
};
