import {
  type Permission,
  STREAM_CLOSE,
  StreamClientMessage,
  type StreamControl,
  type StreamServerMessage,
  type StreamTopic,
  type SystemPart,
} from '@crosspoint/contracts';
import type { WebSocket } from 'ws';
import {
  type Bounds,
  boundsOf,
  checked,
  fieldErrors,
  isSameScope,
  type Principal,
  reachOfPrincipal,
} from '../../http/index.ts';
import type { StreamHub } from './hub.ts';
import type { HubEvent } from './hub-event.ts';
import { Outbox } from './outbox.ts';

export const HEARTBEAT_MS = 15_000;
const MESSAGES_PER_WINDOW_MAX = 60;
const MESSAGE_CHARACTERS_MAX = 16_384;
/** RFC 6455 §7.4.1: the message is too big. */
const TOO_BIG = 1009;
const WINDOW_MS = 10_000;

/** What one needs to see a topic; the reach of the permission says whose rows. */
const TOPIC_PERMISSION: Readonly<Record<StreamTopic, Permission>> = {
  queues: 'queues.live',
  agents: 'agents.read',
  contacts: 'contacts.read',
  calls: 'calls.read',
  trunks: 'trunks.read',
  alerts: 'alerts.read',
  conferences: 'conferences.read',
};

/** One connection to the stream: what it subscribed to, and what it may see of that. */
export class StreamClient {
  readonly #socket: WebSocket;
  readonly #hub: StreamHub;
  readonly #now: () => number;
  readonly #gather: () => void;
  #principal: Principal;
  readonly #outbox: Outbox;
  /** By subscribed topic: what of it is shown. */
  readonly #topics = new Map<StreamTopic, Bounds>();
  readonly #stopListening: () => void;
  #windowStartMs: number;
  #messagesInWindow = 0;
  #lastSentMs: number;
  #answeredPing = true;

  /** @param gather is called before anything is sent: what the same turn sends besides may leave together with it. */
  constructor(
    socket: WebSocket,
    hub: StreamHub,
    principal: Principal,
    { now, gather }: { now: () => number; gather: () => void },
  ) {
    this.#socket = socket;
    this.#hub = hub;
    this.#now = now;
    this.#gather = gather;
    this.#principal = principal;
    this.#windowStartMs = now();
    this.#lastSentMs = now();
    this.#outbox = new Outbox({
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      send: (bytes) => this.#sendBytes(bytes),
    });
    this.#stopListening = hub.listen((event) => this.#deliver(event));
    socket.on('message', (data, isBinary) => this.#receive(isBinary ? '' : String(data)));
    socket.on('pong', () => {
      this.#answeredPing = true;
    });
    socket.on('close', () => this.#stopListening());
    this.#send({ type: 'hello', seq: hub.seq, at: this.#instant(), heartbeatSeconds: HEARTBEAT_MS / 1000 });
  }

  get principal(): Principal {
    return this.#principal;
  }

  /** Whether teams, members and queues of teams decide what is shown here. */
  get isScoped(): boolean {
    if (this.#principal.held['teams.beyond'] !== undefined) return false;
    return Object.values(TOPIC_PERMISSION).some(
      (permission) => reachOfPrincipal(this.#principal, permission) === 'all',
    );
  }

  /** The same person may answer for other teams now: what is shown begins anew. */
  renew(principal: Principal): void {
    const isSame = isSameScope(principal.scope, this.#principal.scope);
    this.#principal = principal;
    if (isSame) return;
    const at = this.#instant();
    const { seq } = this.#hub;
    // What was held back was judged by what the person could see before.
    this.#outbox.clear();
    this.#send({ type: 'reset', seq, at });
    for (const topic of this.#topics.keys()) {
      this.#topics.set(topic, boundsOf(principal, TOPIC_PERMISSION[topic]));
      this.#sendSnapshot(topic, seq, at);
    }
    this.#send({ type: 'subscribed', seq, at, topics: [...this.#topics.keys()], resumed: false });
  }

  /** Sends what was held back; gives a client up that does not read. Called a few times a second. */
  flush(): void {
    if (this.#outbox.flush(this.#now()) === 'slow') {
      this.close(STREAM_CLOSE.slow, 'The client reads too slowly: connect again and resume.');
    }
  }

  /** Finds dead connections, and lets a client know that silence is not one. */
  beat(): void {
    if (!this.#answeredPing) {
      this.#socket.terminate();
      return;
    }
    this.#answeredPing = false;
    this.#socket.ping();
    if (this.#now() - this.#lastSentMs >= HEARTBEAT_MS && this.#outbox.heldCount === 0) {
      this.#send({ type: 'heartbeat', seq: this.#hub.seq, at: this.#instant() });
    }
  }

  /** Tells which parts of the server do not work. */
  health(failing: readonly SystemPart[]): void {
    this.#send({ type: 'health', at: this.#instant(), failing: [...failing] });
  }

  close(code: number, reason: string): void {
    this.#stopListening();
    this.#socket.close(code, reason);
  }

  #receive(text: string): void {
    if (text.length > MESSAGE_CHARACTERS_MAX) return this.close(TOO_BIG, 'The message is too long.');
    const nowMs = this.#now();
    if (nowMs - this.#windowStartMs > WINDOW_MS) {
      this.#windowStartMs = nowMs;
      this.#messagesInWindow = 0;
    }
    if (++this.#messagesInWindow > MESSAGES_PER_WINDOW_MAX) {
      this.close(STREAM_CLOSE.flood, 'Too many messages: subscribe once to all topics.');
      return;
    }
    const input = parseJson(text);
    if (input === undefined) return this.#refuse('validation-failed', 'The message is not JSON.');
    const parsed = checked(StreamClientMessage, input);
    if (!parsed.success) {
      const [first] = fieldErrors(parsed.error.issues, input);
      this.#refuse(
        'validation-failed',
        `${first?.path || 'The message'} ${first?.message}. ${first?.remedy}`,
      );
      return;
    }
    const message = parsed.data;
    switch (message.type) {
      case 'subscribe':
        this.#subscribe(message.topics, message.since);
        return;
      case 'unsubscribe':
        for (const topic of message.topics) this.#topics.delete(topic);
        return;
      case 'ping':
        this.#send({
          type: 'pong',
          at: this.#instant(),
          ...(message.id === undefined ? {} : { id: message.id }),
        });
    }
  }

  #subscribe(wanted: readonly StreamTopic[], since: number | undefined): void {
    const topics = [...new Set(wanted)].filter((topic) => this.#mayFollow(topic));
    for (const topic of topics) this.#topics.set(topic, boundsOf(this.#principal, TOPIC_PERMISSION[topic]));
    const missed = since === undefined ? undefined : this.#hub.after(since);
    const { seq } = this.#hub;
    const at = this.#instant();
    if (missed === undefined) {
      if (since !== undefined) this.#send({ type: 'reset', seq, at });
      for (const topic of topics) this.#sendSnapshot(topic, seq, at);
    } else {
      const chosen = new Set(topics);
      for (const event of missed) if (chosen.has(event.topic)) this.#deliver(event);
    }
    this.#send({ type: 'subscribed', seq, at, topics, resumed: missed !== undefined });
  }

  #mayFollow(topic: StreamTopic): boolean {
    const permission = TOPIC_PERMISSION[topic];
    if (reachOfPrincipal(this.#principal, permission) !== undefined) return true;
    this.#refuse('forbidden', `The topic ${topic} needs the permission ${permission}.`);
    return false;
  }

  #sendSnapshot(topic: StreamTopic, seq: number, at: string): void {
    const bounds = this.#topics.get(topic);
    const data = bounds && this.#hub.snapshot(topic, bounds);
    if (data !== undefined) this.#send({ seq, at, topic, type: 'snapshot', data } as StreamServerMessage);
  }

  #deliver(event: HubEvent): void {
    const bounds = this.#topics.get(event.topic);
    if (bounds === undefined) return;
    const { owner, scope } = bounds;
    if (owner === undefined ? !event.within(scope) : !this.#hub.concerns(event, owner)) return;
    this.#outbox.push(event, this.#now());
  }

  #refuse(code: string, detail: string): void {
    this.#send({ type: 'error', at: this.#instant(), code, detail });
  }

  #send(message: StreamServerMessage | StreamControl): void {
    this.#sendBytes(Buffer.from(JSON.stringify(message)));
  }

  #sendBytes(bytes: Buffer): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#lastSentMs = this.#now();
    this.#gather();
    this.#socket.send(bytes, { binary: false });
  }

  #instant(): string {
    return new Date(this.#now()).toISOString();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
