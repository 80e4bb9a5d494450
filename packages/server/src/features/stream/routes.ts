import { isDeepStrictEqual } from 'node:util';
import { STREAM_CLOSE, SystemPart, type SystemReadiness, type TenantId } from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import {
  type ApiContext,
  type Authenticate,
  HttpProblem,
  type Principal,
  principalOf,
  requireCentre,
  type Routes,
} from '../../http/index.ts';
import type { AlertService } from '../alerts/index.ts';
import { HEARTBEAT_MS, StreamClient } from './client.ts';
import { Gathering } from './gathering.ts';
import { StreamHub } from './hub.ts';

const FLUSH_MS = 100;
const REVALIDATE_BEATS = 4;
const HEALTH_MS = 3_000;
/** Also in ten seconds from one address: a whole office comes back at once after a restart. */
const CLIENTS_MAX = 2000;
/** A screen of a hall and a script may open many by one key; what a mistake in a loop opens is bounded all the same. */
const CLIENTS_PER_USER_MAX = 500;
/** How long events are kept when the last client has gone: a reload or a lost network is over by then. */
const LINGER_MS = 120_000;

/** Every connection to the stream, and what they share: the hubs and two clocks. */
export class StreamService {
  readonly #context: ApiContext;
  readonly #authenticate: Authenticate;
  readonly #alerts: AlertService;
  readonly #hubs = new Map<TenantId, StreamHub>();
  /** Since when nobody has followed a hub. */
  readonly #lonelySince = new Map<TenantId, number>();
  /** The last number of a hub that was closed: its successor counts on from there. */
  readonly #lastSeq = new Map<TenantId, number>();
  readonly #clients = new Map<StreamClient, FastifyRequest>();
  /** How often each client was asked about: an answer that another question overtook says what was. */
  readonly #questions = new WeakMap<StreamClient, number>();
  readonly #gathering = new Gathering();
  readonly #timers: NodeJS.Timeout[];
  /** Runs only while somebody follows: ten times a second it wakes the process. */
  #flushing: NodeJS.Timeout | undefined;
  readonly #probe: () => Promise<Pick<SystemReadiness, 'parts'>>;
  #failing: SystemPart[] = [];
  #beats = 0;

  constructor(
    context: ApiContext,
    authenticate: Authenticate,
    alerts: AlertService,
    probe: () => Promise<Pick<SystemReadiness, 'parts'>>,
  ) {
    this.#probe = probe;
    this.#context = context;
    this.#authenticate = authenticate;
    this.#alerts = alerts;
    this.#timers = [
      setInterval(() => this.#beat(), HEARTBEAT_MS),
      setInterval(() => void this.#lookAtHealth(), HEALTH_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  get clients(): number {
    return this.#clients.size;
  }

  /**
   * The hub of a tenant. It lives while somebody follows it and a while longer; a centre that nobody watches spends
   * nothing on telling what moves.
   */
  open(tenantId: TenantId): StreamHub {
    let hub = this.#hubs.get(tenantId);
    if (hub === undefined) {
      const firstSeq = Math.max(this.#context.now(), (this.#lastSeq.get(tenantId) ?? 0) + 1);
      const alerts = this.#alerts;
      const source = {
        lasting: () => alerts.lasting(tenantId),
        listen: (listener: Parameters<AlertService['listen']>[1]) => alerts.listen(tenantId, listener),
      };
      hub = new StreamHub(requireCentre(this.#context, tenantId), firstSeq, source, this.#context.now);
      this.#hubs.set(tenantId, hub);
    }
    return hub;
  }

  /** The centre of a tenant has taken up a changed configuration. */
  configurationChanged(tenantId: TenantId): void {
    this.#hubs.get(tenantId)?.configurationChanged(this.#context.now());
    // Queues and agents may belong to other teams now.
    this.accessChanged((principal) => principal.tenantId === tenantId, { scopedOnly: true });
  }

  /**
   * Somebody may do less or more than before, was signed out, or answers for others: whom it concerns is judged again.
   *
   * @param scopedOnly what changed concerns only those for whom teams decide what they see.
   */
  accessChanged(concerns: (principal: Principal) => boolean, { scopedOnly = false } = {}): void {
    const concerned = [...this.#clients].filter(
      ([client]) => concerns(client.principal) && (client.isScoped || !scopedOnly),
    );
    void this.#revalidateInTurn(concerned);
  }

  /** One after the other: a hundred screens must not take up every connection to the database. */
  async #revalidateInTurn(clients: readonly [StreamClient, FastifyRequest][]): Promise<void> {
    for (const [client, request] of clients) await this.#revalidate(client, request);
  }

  /** @throws {HttpProblem} `overloaded` when there are too many connections already. */
  requireRoom(principal: Principal): void {
    const ofUser = [...this.#clients.keys()].filter((client) => client.principal.userId === principal.userId);
    if (this.#clients.size < CLIENTS_MAX && ofUser.length < CLIENTS_PER_USER_MAX) return;
    const detail = `There are ${ofUser.length} streams of yours and ${this.#clients.size} in all. Close some first.`;
    throw new HttpProblem('overloaded', detail, { retryAfterSeconds: 5 });
  }

  connect(socket: WebSocket, request: FastifyRequest): void {
    const principal = principalOf(request);
    const client = new StreamClient(socket, this.open(principal.tenantId), principal, {
      now: this.#context.now,
      gather: () => this.#gathering.gather(request.raw.socket),
    });
    this.#clients.set(client, request);
    if (this.#failing.length > 0) client.health(this.#failing);
    this.#flushing ??= setInterval(() => this.#flush(), FLUSH_MS).unref();
    socket.on('close', () => this.#left(client));
  }

  /** The connections themselves are closed by the HTTP server. */
  close(): void {
    for (const timer of [...this.#timers, this.#flushing]) clearInterval(timer);
    for (const hub of this.#hubs.values()) hub.close();
    this.#hubs.clear();
  }

  #left(client: StreamClient): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#flushing);
    this.#flushing = undefined;
  }

  #flush(): void {
    for (const client of this.#clients.keys()) client.flush();
  }

  /** Whoever looks at a console learns when a part of the server fails, and when it works again. */
  async #lookAtHealth(): Promise<void> {
    if (this.#clients.size === 0) return;
    const { parts } = await this.#probe();
    const failing = SystemPart.options.filter((part) => !parts[part].healthy);
    if (isDeepStrictEqual(failing, this.#failing)) return;
    this.#failing = failing;
    for (const client of this.#clients.keys()) client.health(failing);
  }

  #beat(): void {
    this.#beats++;
    for (const [client, request] of this.#clients) {
      client.beat();
      if (this.#beats % REVALIDATE_BEATS === 0) void this.#revalidate(client, request);
    }
    this.#closeLonelyHubs();
  }

  #closeLonelyHubs(): void {
    const followed = new Set([...this.#clients.keys()].map((client) => client.principal.tenantId));
    const now = this.#context.now();
    for (const [tenantId, hub] of this.#hubs) {
      if (followed.has(tenantId)) {
        this.#lonelySince.delete(tenantId);
        continue;
      }
      const since = this.#lonelySince.get(tenantId);
      if (since === undefined) this.#lonelySince.set(tenantId, now);
      else if (now - since >= LINGER_MS) {
        this.#lastSeq.set(tenantId, hub.seq);
        this.#lonelySince.delete(tenantId);
        this.#hubs.delete(tenantId);
        hub.close();
      }
    }
  }

  /** A session that was ended, a key that was revoked, a role that was changed: the stream ends with it. */
  async #revalidate(client: StreamClient, request: FastifyRequest): Promise<void> {
    const question = (this.#questions.get(client) ?? 0) + 1;
    this.#questions.set(client, question);
    try {
      const principal = await this.#authenticate(request);
      if (this.#questions.get(client) !== question) return;
      if (principal !== null && maySameAs(principal, client.principal)) {
        client.renew(principal);
        return;
      }
      client.close(STREAM_CLOSE.unauthenticated, 'Sign in again.');
    } catch (error) {
      // The database is away: what was true a minute ago is taken to be true still.
      this.#context.log.warn({ err: error }, 'a stream could not be checked for its session');
    }
  }
}

/** The same person with the same rights. For whom these count may have changed. */
const maySameAs = (now: Principal, then: Principal): boolean =>
  now.userId === then.userId && isDeepStrictEqual([now.held, now.scopes], [then.held, then.scopes]);

/** `WS /stream`: what moves, as it moves. */
export function streamRoutes(service: StreamService): Routes {
  return (api) => {
    api.addHook('preClose', async () => service.close());
    api.get(
      '/stream',
      {
        websocket: true,
        config: { permission: 'stream.subscribe', rateLimit: { max: CLIENTS_MAX, timeWindow: 10_000 } },
        preValidation: async (request) => {
          const principal = principalOf(request);
          service.open(principal.tenantId);
          service.requireRoom(principal);
        },
      },
      (socket, request) => service.connect(socket, request),
    );
  };
}
