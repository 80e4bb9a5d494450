import { connect, type Socket } from 'node:net';
import {
  type HelloResult,
  type MediaErrorBody,
  type MediaErrorCode,
  type MediaEvent,
  type MediaEventName,
  type MediaEventOf,
  type MediaMethod,
  type MediaParams,
  type MediaReply,
  type MediaResult,
  mediaFrameBytesMax,
  mediaProtocolVersion,
} from './protocol.ts';
import { LineReader, LineWriter } from './lines.ts';

/** A refusal by the media process, or by the client when there is no connection or no reply in time. */
export class MediaError extends Error {
  readonly code: MediaErrorCode;

  constructor(body: MediaErrorBody) {
    super(body.message);
    this.name = 'MediaError';
    this.code = body.code;
  }
}

export interface MediaClientOptions {
  /** Path of the unix socket of the media process. */
  socketPath: string;
  /** Shown in the log of the media process. */
  name?: string;
  /** How long one request may take; default 5,000 ms. */
  requestTimeoutMs?: number;
  /** First pause before a lost connection is opened again; doubles up to `reconnectMaxMs`. Default 50 ms. */
  reconnectMinMs?: number;
  /** Default 2,000 ms. */
  reconnectMaxMs?: number;
  /** Events wait until `deliver()`: whoever is to hear them is not there yet. */
  holdEvents?: boolean;
}

/** What happens to the connection itself, beside the events of the protocol. */
export interface MediaConnectionEvents {
  /** After each hello, also the first. `sameProcess` is false when every former leg is gone. */
  connected: { hello: HelloResult; sameProcess: boolean };
  /** The process goes on without us; the client tries again until `close()`. */
  disconnected: { reason: string };
}

interface Pending {
  method: MediaMethod;
  resolve: (value: unknown) => void;
  reject: (error: MediaError) => void;
  timer: NodeJS.Timeout;
}

type AnyListener = (value: never) => void;

const requestsPendingMax = 10_000;
const eventsHeldMax = 10_000;

/**
 * One connection of the control process to one media process.
 *
 * Requests are promises that always settle: with the result, or with a `MediaError` whose code is the
 * process's own, `timeout` or `disconnected`. A lost connection is opened again by itself and events that were
 * raised meanwhile are repeated; nothing is sent twice.
 */
export class MediaClient {
  readonly socketPath: string;
  #options: Required<MediaClientOptions>;
  #socket: Socket | undefined;
  #writer: LineWriter | undefined;
  #hello: HelloResult | undefined;
  /** The run of the process that was last spoken to. */
  #instanceId: string | undefined;
  #isSuperseded = false;
  #lastFailure: string | undefined;
  #lastSequence: number | null = null;
  #nextId = 1;
  #pending = new Map<number, Pending>();
  #listeners = new Map<string, Set<AnyListener>>();
  #opening: Promise<HelloResult> | undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #reconnectDelayMs: number;
  #closed = false;
  #held: MediaEvent[] | undefined;

  constructor(options: MediaClientOptions) {
    this.socketPath = options.socketPath;
    this.#options = {
      name: 'control',
      requestTimeoutMs: 5_000,
      reconnectMinMs: 50,
      reconnectMaxMs: 2_000,
      holdEvents: false,
      ...options,
    };
    this.#reconnectDelayMs = this.#options.reconnectMinMs;
    this.#held = this.#options.holdEvents ? [] : undefined;
  }

  /** The last event that was heard; null before the first hello. */
  get lastSequence(): number | null {
    return this.#lastSequence;
  }

  /** Asks at the first hello for what came after this event of the same process. */
  hearAfter(sequence: number): void {
    this.#lastSequence ??= sequence;
  }

  /** Hands over the events that were held, and all others as they come. */
  deliver(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) this.#emit(event.event, event);
  }

  /** What the process said at the last hello; undefined while there is no connection. */
  get hello(): HelloResult | undefined {
    return this.#hello;
  }

  /** Why the last attempt to reconnect failed; for logs. */
  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  /** True when another control process has taken over; only an explicit `connect()` takes it back. */
  get isSuperseded(): boolean {
    return this.#isSuperseded;
  }

  get isConnected(): boolean {
    return this.#hello !== undefined;
  }

  /**
   * Opens the connection and says hello. Rejects with `disconnected` when nobody listens and with
   * `protocol-version` when the process speaks another version; afterwards the connection is kept open by
   * itself until `close()`.
   */
  async connect(): Promise<HelloResult> {
    if (this.#closed) throw disconnected('the client was closed; create a new one');
    if (this.#hello !== undefined) return this.#hello;
    clearTimeout(this.#reconnectTimer);
    return this.#open();
  }

  /** Sends one request and waits for its reply. */
  request<M extends MediaMethod>(method: M, params: MediaParams<M>): Promise<MediaResult<M>> {
    if (this.#hello === undefined) {
      return Promise.reject(disconnected(`${method}: no connection to ${this.socketPath}`));
    }
    return this.#send(method, params);
  }

  /**
   * Sends a command whose success nobody waits for; its failure comes as the event `command-failed`. Without a
   * connection it is dropped: what it was about is listed, or gone, at the next hello. It may wait for others for `patienceMs`.
   */
  tell<M extends MediaMethod>(method: M, params: MediaParams<M>, { patienceMs } = { patienceMs: 0 }): void {
    if (this.#hello !== undefined) this.#writer?.write(JSON.stringify({ method, params }), patienceMs);
  }

  /** Subscribes to one kind of event; returns the function that ends the subscription. */
  on<N extends MediaEventName>(name: N, listener: (event: MediaEventOf<N>) => void): () => void;
  on<N extends keyof MediaConnectionEvents>(
    name: N,
    listener: (event: MediaConnectionEvents[N]) => void,
  ): () => void;
  on(name: string, listener: AnyListener): () => void {
    let set = this.#listeners.get(name);
    if (set === undefined) {
      set = new Set();
      this.#listeners.set(name, set);
    }
    set.add(listener);
    return () => void set.delete(listener);
  }

  /** Resolves with the first matching event, rejects with `timeout` after `timeoutMs`. */
  once<N extends MediaEventName>(
    name: N,
    matches: (event: MediaEventOf<N>) => boolean = () => true,
    timeoutMs = 60_000,
  ): Promise<MediaEventOf<N>> {
    const event = new Promise<MediaEventOf<N>>((resolve, reject) => {
      const timer = setTimeout(() => {
        off();
        reject(
          new MediaError({ code: 'timeout', message: `no matching ${name} event within ${timeoutMs} ms` }),
        );
      }, timeoutMs);
      const off = this.on(name, (event) => {
        if (!matches(event)) return;
        clearTimeout(timer);
        off();
        resolve(event);
      });
    });
    // Who asked first and awaits later may have failed in between: that failure is the one to report.
    event.catch(() => undefined);
    return event;
  }

  /** Treats the connection as lost: the process does not answer, though its socket is open. */
  abandon(reason: string): void {
    if (!this.#closed) this.#drop(reason);
  }

  /** Closes the connection and stops reconnecting. The media process goes on. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#reconnectTimer);
    this.#drop('closed by the caller');
  }

  // Requests by name, so that the call sites read as sentences.

  allocateLeg(params: MediaParams<'leg.allocate'>) {
    return this.request('leg.allocate', params);
  }
  restartIce(legId: string) {
    return this.request('leg.restartIce', { legId });
  }
  setRemote(params: MediaParams<'leg.remote'>) {
    return this.request('leg.remote', params);
  }
  setDirection(params: MediaParams<'leg.direction'>) {
    return this.request('leg.direction', params);
  }
  bridge(a: string, b: string) {
    return this.request('leg.bridge', { a, b });
  }
  unbridge(legId: string) {
    return this.request('leg.unbridge', { legId });
  }
  play(params: MediaParams<'leg.play'>) {
    return this.request('leg.play', params);
  }
  stopPlaying(params: MediaParams<'leg.stopPlaying'>) {
    return this.request('leg.stopPlaying', params);
  }
  sendDigits(params: MediaParams<'leg.sendDigit'>) {
    return this.request('leg.sendDigit', params);
  }
  listen(params: MediaParams<'leg.listen'>) {
    return this.request('leg.listen', params);
  }
  stopListening(legId: string) {
    return this.request('leg.stopListening', { legId });
  }
  mute(legId: string, muted: boolean) {
    return this.request('leg.mute', { legId, muted });
  }
  createConference(conferenceId: string) {
    return this.request('conference.create', { conferenceId });
  }
  joinConference(params: MediaParams<'conference.join'>) {
    return this.request('conference.join', params);
  }
  setParty(params: MediaParams<'conference.set'>) {
    return this.request('conference.set', params);
  }
  leaveConference(legId: string) {
    return this.request('conference.leave', { legId });
  }
  endConference(conferenceId: string) {
    return this.request('conference.end', { conferenceId });
  }
  releaseLeg(legId: string) {
    return this.request('leg.release', { legId });
  }
  startRecording(params: MediaParams<'recording.start'>) {
    return this.request('recording.start', params);
  }
  attachRecording(params: MediaParams<'recording.attach'>) {
    return this.request('recording.attach', params);
  }
  pauseRecording(recordingId: string) {
    return this.request('recording.pause', { recordingId });
  }
  resumeRecording(recordingId: string) {
    return this.request('recording.resume', { recordingId });
  }
  stopRecording(recordingId: string) {
    return this.request('recording.stop', { recordingId });
  }
  recoverRecording(path: string) {
    return this.request('recording.recover', { path });
  }
  stats() {
    return this.request('stats', {});
  }
  shutdown() {
    return this.request('shutdown', {});
  }

  /** One attempt at a time: whoever asks meanwhile gets the one that is under way. */
  #open(): Promise<HelloResult> {
    this.#opening ??= this.#attempt().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  #attempt(): Promise<HelloResult> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.socketPath);
      this.#socket = socket;
      this.#writer = new LineWriter(socket);
      const lines = new LineReader(mediaFrameBytesMax);
      socket.on('data', (chunk) => {
        const problem = lines.push(chunk, (line) => this.#receive(line));
        if (problem !== undefined) socket.destroy(new Error(problem));
      });
      let failure = 'closed by the media process';
      socket.on('error', (error) => {
        failure = error.message;
      });
      socket.on('close', () => {
        if (this.#socket === socket) this.#drop(failure);
        reject(disconnected(`${this.socketPath}: ${failure}`));
      });
      socket.on('connect', () => {
        this.#introduce().then(resolve, (error: unknown) => {
          reject(error);
          socket.destroy();
        });
      });
    });
  }

  async #introduce(): Promise<HelloResult> {
    const former = this.#instanceId;
    const hello = await this.#send('hello', {
      protocolVersion: mediaProtocolVersion,
      client: this.#options.name,
      resumeAfterSequence: this.#lastSequence,
    });
    const sameProcess = former === undefined || former === hello.instanceId;
    if (!sameProcess || this.#lastSequence === null) this.#lastSequence = hello.lastSequence;
    this.#instanceId = hello.instanceId;
    this.#hello = hello;
    this.#isSuperseded = false;
    this.#reconnectDelayMs = this.#options.reconnectMinMs;
    this.#emit('connected', { hello, sameProcess });
    return hello;
  }

  #send<M extends MediaMethod>(method: M, params: MediaParams<M>): Promise<MediaResult<M>> {
    const writer = this.#writer;
    if (writer === undefined || this.#pending.size >= requestsPendingMax) {
      const why = writer === undefined ? 'no connection' : `more than ${requestsPendingMax} requests wait`;
      return Promise.reject(disconnected(`${method}: ${why} (${this.socketPath})`));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        const message = `${method}: no reply from ${this.socketPath} within ${this.#options.requestTimeoutMs} ms`;
        reject(new MediaError({ code: 'timeout', message }));
      }, this.#options.requestTimeoutMs);
      this.#pending.set(id, { method, resolve: resolve as (value: unknown) => void, reject, timer });
      writer.write(JSON.stringify({ id, method, params }));
    });
  }

  #receive(line: string): void {
    const frame = JSON.parse(line) as MediaReply | MediaEvent;
    if ('event' in frame) {
      if (frame.event === 'superseded') this.#isSuperseded = true;
      this.#lastSequence = frame.sequence;
      if (this.#held !== undefined && this.#held.length < eventsHeldMax) this.#held.push(frame);
      else this.#emit(frame.event, frame);
      return;
    }
    const pending = this.#pending.get(frame.id);
    if (pending === undefined) return; // Its time-out has already answered the caller.
    this.#pending.delete(frame.id);
    clearTimeout(pending.timer);
    if (frame.ok) pending.resolve(frame.result);
    else
      pending.reject(
        new MediaError({ ...frame.error, message: `${pending.method}: ${frame.error.message}` }),
      );
  }

  #emit(name: string, value: unknown): void {
    const set = this.#listeners.get(name);
    if (set === undefined) return;
    for (const listener of [...set]) (listener as (value: unknown) => void)(value);
  }

  #drop(reason: string): void {
    const wasConnected = this.#hello !== undefined;
    this.#hello = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    this.#writer = undefined;
    socket?.destroy();
    for (const [id, pending] of this.#pending) {
      this.#pending.delete(id);
      clearTimeout(pending.timer);
      pending.reject(disconnected(`${pending.method}: connection to ${this.socketPath} lost: ${reason}`));
    }
    if (wasConnected) this.#emit('disconnected', { reason });
    if (!this.#closed && !this.#isSuperseded && this.#instanceId !== undefined) this.#scheduleReconnect();
  }

  #scheduleReconnect(): void {
    clearTimeout(this.#reconnectTimer);
    this.#reconnectTimer = setTimeout(() => {
      this.#open().catch((error: unknown) => {
        // Each failed attempt has already scheduled the next one when its socket closed.
        this.#lastFailure = error instanceof Error ? error.message : String(error);
      });
    }, this.#reconnectDelayMs);
    this.#reconnectDelayMs = Math.min(this.#reconnectDelayMs * 2, this.#options.reconnectMaxMs);
  }
}

function disconnected(message: string): MediaError {
  return new MediaError({ code: 'disconnected', message });
}
