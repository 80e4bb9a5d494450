import type { StreamServerMessage, StreamTopic } from '@crosspoint/contracts';

/**
 * The connection to `WS /api/v1/stream`: subscribes, notices silence, connects again with growing pauses and resumes
 * where it was, so that nothing is missed and nothing is asked twice. Socket, clock, timers and chance are handed in.
 */
export type StreamState =
  | { kind: 'idle' }
  /** Connecting for the first time: there is nothing to show yet. */
  | { kind: 'connecting'; attempt: number }
  | { kind: 'live' }
  /** Lost: what is shown dates from `since`, in milliseconds of this device. `nextAt` is the next attempt. */
  | { kind: 'lost'; since: number; attempt: number; nextAt: number }
  /** The session has ended; nothing more is tried. */
  | { kind: 'ended' };

/** What is used of a WebSocket. */
export interface StreamSocket {
  send(text: string): void;
  close(): void;
  listen(heard: { opened(): void; message(data: unknown): void; closed(code: number): void }): void;
  /** Nothing more is reported after this. */
  silence(): void;
}

export interface StreamSettings {
  topics: StreamTopic[];
  open(): StreamSocket;
  now(): number;
  /** Returns the function that clears the timer. */
  after(delayMs: number, act: () => void): () => void;
  /** A number from 0 to 1, for spreading the attempts of many consoles. */
  draw(): number;
  onmessage(message: StreamServerMessage, receivedAt: number): void;
  onstate(state: StreamState): void;
}

export interface Stream {
  start(): void;
  stop(): void;
  /** The device is back on the network or in front: do not wait for the next attempt. */
  nudge(): void;
  readonly state: StreamState;
}

const retryFirstMs = 500;
const retryMaxMs = 10_000;
const connectTimeoutMs = 8_000;
/** Silence of this many heartbeats means that the connection is dead. */
const heartbeatsMissedMax = 2.5;
const heartbeatDefaultMs = 10_000;
const unauthenticated = 4401;

/** The pause before the n-th attempt in a row: doubling from half a second to ten, spread by up to a quarter. */
export function retryDelayMs(attempt: number, draw: number): number {
  const full = Math.min(retryMaxMs, retryFirstMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(full * (0.75 + 0.25 * draw));
}

function parse(data: unknown): StreamServerMessage | null {
  if (typeof data !== 'string') return null;
  try {
    const message: unknown = JSON.parse(data);
    if (typeof message !== 'object' || message === null || !('type' in message)) return null;
    return message as StreamServerMessage;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export function createStream(settings: StreamSettings): Stream {
  let state: StreamState = { kind: 'idle' };
  let socket: StreamSocket | null = null;
  let lastSeq: number | null = null;
  let lastHeardAt = 0;
  let heartbeatMs = heartbeatDefaultMs;
  let clearTimer: () => void = () => undefined;

  const become = (next: StreamState): void => {
    state = next;
    settings.onstate(next);
  };
  const wait = (delayMs: number, act: () => void): void => {
    clearTimer();
    clearTimer = settings.after(delayMs, act);
  };
  const detach = (): void => {
    clearTimer();
    if (!socket) return;
    socket.silence();
    socket.close();
    socket = null;
  };
  const guardSilence = (): void => {
    wait(heartbeatMs * heartbeatsMissedMax, () => fail());
  };

  function fail(): void {
    const attempt = state.kind === 'lost' || state.kind === 'connecting' ? state.attempt + 1 : 1;
    const since = state.kind === 'lost' ? state.since : lastHeardAt;
    detach();
    const delayMs = retryDelayMs(attempt, settings.draw());
    if (lastSeq === null) become({ kind: 'connecting', attempt });
    else become({ kind: 'lost', since, attempt, nextAt: settings.now() + delayMs });
    wait(delayMs, connect);
  }

  function receive(data: unknown): void {
    const message = parse(data);
    if (!message) return;
    lastHeardAt = settings.now();
    if (message.type === 'hello') heartbeatMs = message.heartbeatSeconds * 1000;
    // A reset counts anew from its own number; everything else only ever moves forward.
    if (message.type === 'reset') lastSeq = message.seq;
    else if ('topic' in message) lastSeq = Math.max(lastSeq ?? 0, message.seq);
    else if (message.type === 'subscribed') lastSeq = Math.max(lastSeq ?? 0, message.seq);
    guardSilence();
    settings.onmessage(message, lastHeardAt);
    if (message.type === 'subscribed' && state.kind !== 'live') become({ kind: 'live' });
  }

  function connect(): void {
    detach();
    const opened = settings.open();
    socket = opened;
    wait(connectTimeoutMs, () => fail());
    opened.listen({
      opened() {
        const since = lastSeq === null ? {} : { since: lastSeq };
        opened.send(JSON.stringify({ type: 'subscribe', topics: settings.topics, ...since }));
      },
      message: receive,
      closed(code) {
        if (code !== unauthenticated) return fail();
        detach();
        become({ kind: 'ended' });
      },
    });
  }

  return {
    start() {
      if (state.kind !== 'idle' && state.kind !== 'ended') return;
      lastSeq = null;
      become({ kind: 'connecting', attempt: 1 });
      connect();
    },
    stop() {
      detach();
      lastSeq = null;
      become({ kind: 'idle' });
    },
    nudge() {
      if (state.kind === 'lost' || (state.kind === 'connecting' && !socket)) connect();
    },
    get state() {
      return state;
    },
  };
}
