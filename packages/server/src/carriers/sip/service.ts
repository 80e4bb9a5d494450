import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { AgentId, ContactId, LegId, TrunkId } from '@crosspoint/contracts';
import {
  type Binding,
  flowKey,
  type Refusal,
  type RequestContext,
  type SipEvent,
  type SipRequest,
} from '@crosspoint/sip';
import type { WebSocket } from 'ws';
import type { Database } from '../../platform/index.ts';
import type { CarrierEvents, LegMedia } from '../door.ts';
import { SipAccounts } from './accounts.ts';
import { addressTowards, mediaHostOf } from './addressing.ts';
import { SipCarrier } from './carrier.ts';
import type { LineDefence } from './defence/index.ts';
import { LogLimiter } from './log-limiter.ts';
import { StoredRegistrations } from './registrations.ts';
import { SipShell } from './shell.ts';
import { answerToStarCode, parseStarCode, type StarCommand } from './star-codes.ts';
import { readCredentialsFolder } from './transport-credentials-folder.ts';
import {
  type CredentialFiles,
  ownCredentials,
  ownNames,
  readCredentials,
  type TlsCredentials,
} from './transport-credentials.ts';
import type { WebSocketPath } from './transport-websocket.ts';
import { DnsResolver } from './resolver.ts';
import type { SipTrunk } from './trunk.ts';
import { SipTrunks } from './trunks.ts';

export interface SipServiceOptions {
  host: string;
  port: number;
  publicAddress: string | undefined;
  /** Undefined: no SIP over TLS. Without `files` the server makes a certificate of its own. */
  tls: { port: number; files: CredentialFiles | undefined; dir: string | undefined } | undefined;
  dataDir: string;
  version: string;
  database: Database;
  media: LegMedia;
  /** Opened before, closed after this service. */
  defence: LineDefence;
  /** Milliseconds since the epoch, never backwards. */
  now: () => number;
  newId: () => string;
  /** User part of our Contact at a trunk: unforeseeable, and the same after a restart. */
  contactUserOf: (id: TrunkId) => string;
  events: SipServiceEvents;
  log: {
    debug(fields: object, message: string): void;
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

export interface SipServiceEvents {
  /** The centre that takes a call to this number; one tenant today, found by number or domain later. */
  centre(): CarrierEvents;
  deviceChanged(agentId: AgentId): void;
  /** An agent dialled a `*` code; true when it was carried out. */
  starCode(agentId: AgentId, command: StarCommand): boolean;
  /** What people see of a trunk has changed. */
  trunkChanged(trunk: SipTrunk): void;
}

const connectionsMax = 10_000;
/** An office behind one address has that many phones, but one host may not take all. */
const connectionsPerAddressMax = 2_000;
/** We answer or refuse within a few milliseconds; only a slow answer needs a 100 Trying before it. */
const tryingDelayMs = 100;
/** The realm of every account: HA1 hashes are stored with it, so it never changes. */
const realm = 'crosspoint';

const random = { pool: Buffer.alloc(0), offset: 0 };
/** Unforeseeable 32 bits from a pool, because one system call per branch and tag would cost more than the parsing. */
function random32(): number {
  if (random.offset + 4 > random.pool.length) {
    random.pool = randomBytes(4096);
    random.offset = 0;
  }
  const value = random.pool.readUInt32LE(random.offset);
  random.offset += 4;
  return value;
}

/** Native SIP as a whole: sockets, registrar, accounts and the legs of calls. */
export class SipCarrierService {
  readonly accounts = new SipAccounts();
  readonly carrier: SipCarrier;
  readonly trunks: SipTrunks;
  readonly #shell: SipShell;
  readonly #options: SipServiceOptions;
  readonly #registrations: StoredRegistrations;
  readonly #probes = new Set<LegId>();
  readonly #resolver: DnsResolver;
  readonly #logLimiter: LogLimiter;

  constructor(options: SipServiceOptions) {
    this.#options = options;
    this.#logLimiter = new LogLimiter(options.now);
    this.#registrations = new StoredRegistrations(options.database, this.accounts, (detail) =>
      options.log.warn({ detail }, 'sip registrations'),
    );
    this.#shell = new SipShell({
      transport: {
        host: options.host,
        port: options.port,
        connectionsMax,
        connectionsPerAddressMax,
        screen: options.defence.screen,
        tls: options.tls && {
          port: options.tls.port,
          credentials: () => this.#credentials(),
          peerAt: (address, port) => this.trunks.tlsPeerAt(address, port),
        },
      },
      now: options.now,
      stack: {
        random32,
        secret: randomBytes(32),
        userAgent: `Crosspoint/${options.version}`,
        realm,
        timers: { tryingDelayMs },
        sentBy: (flow) => ({
          host: addressTowards(flow.remoteAddress, options.host, options.publicAddress),
          port: this.#shell.transport.portOf(flow),
        }),
        credentials: (username, _realm, algorithm) => this.accounts.ha1(username, algorithm),
        requireAuthentication: (request) => needsAccount(request),
        admit: (request, context) => this.#admit(request, context),
      },
      onEvent: (event) => this.#handle(event),
      onFault: (what, detail) => this.#log({ level: 'warn', what, detail }),
    });
    this.#resolver = new DnsResolver({
      now: options.now,
      // A socket that listens on IPv4 alone cannot send to IPv6, while one on :: serves both.
      families: options.host === '::' ? ['ipv4', 'ipv6'] : [isIPv6(options.host) ? 'ipv6' : 'ipv4'],
    });
    this.trunks = new SipTrunks({
      shell: this.#shell,
      resolve: (server) => this.#resolver.resolve(server),
      now: options.now,
      contactUserOf: options.contactUserOf,
      changed: (trunk) => {
        this.#trustTrunks();
        options.events.trunkChanged(trunk);
      },
    });
    this.carrier = new SipCarrier({
      shell: this.#shell,
      media: options.media,
      events: {
        refusal: (number) => options.events.centre().refusal(number),
        incoming: (call) => options.events.centre().incoming(call),
        report: (legId, report) => options.events.centre().report(legId, report),
      },
      bindingOf: (agentId) => this.bindingOf(agentId),
      bindAddress: mediaHostOf(options.host),
      publicAddress: options.publicAddress,
      log: (what, detail) => this.#log({ level: 'info', what, detail }),
    });
  }

  get address(): string {
    return this.#shell.transport.address;
  }
  get port(): number {
    return this.#shell.transport.port;
  }
  /** Undefined while SIP over TLS is off. */
  get tlsPort(): number | undefined {
    return this.#shell.transport.tlsPort;
  }
  get isOpen(): boolean {
    return this.port !== 0;
  }

  statistics() {
    return { ...this.#shell.stack.statistics(), legs: this.carrier.legs.size };
  }

  async open(): Promise<void> {
    await this.#shell.open();
    const bindings = await this.#registrations.load(this.#options.now());
    const taken = this.#shell.run((stack, now) => stack.importBindings(bindings, now));
    if (taken > 0) this.#options.log.info({ phones: taken }, 'phones are still registered from before');
    for (const { user, flow, expiresAtMs } of bindings) {
      this.#options.defence.isKnown(flow.remoteAddress, expiresAtMs);
      this.#tellDevice(user);
    }
    this.#trustTrunks();
    this.trunks.open();
  }

  /** Takes a phone that has connected by WebSocket to the HTTP server. */
  adoptWebSocket(socket: WebSocket, path: WebSocketPath): void {
    this.#shell.transport.adopt(socket, path);
  }

  async close(): Promise<void> {
    await this.trunks.close();
    this.#resolver.close();
    await this.#registrations.close();
    await this.#shell.close();
  }

  /** The best registered contact of an agent's account; undefined when no phone is registered. */
  bindingOf(agentId: AgentId): Binding | undefined {
    const account = this.accounts.byAgent(agentId);
    return account === undefined ? undefined : this.#shell.stack.bindings(account.username)[0];
  }

  deviceOf(agentId: AgentId): { address: string; reachable: boolean; reason: string } {
    const account = this.accounts.byAgent(agentId);
    if (account === undefined) return { address: '', reachable: false, reason: 'no-account' };
    const reachable = this.bindingOf(agentId) !== undefined;
    const address = `sip:${account.username}`;
    return { address, reachable, reason: reachable ? 'registered' : 'not-registered' };
  }

  /** Every agent with a registered phone, in one pass over the registrar. */
  reachableAgents(): Set<AgentId> {
    const agents = new Set<AgentId>();
    for (const { user } of this.#shell.stack.exportBindings()) {
      const account = this.accounts.byUsername(user);
      if (account !== undefined) agents.add(account.agentId);
    }
    return agents;
  }

  /** Accounts that are gone lose their phones at once. */
  forget(usernames: readonly string[]): void {
    for (const username of usernames) this.#shell.run((stack, now) => stack.removeBindings(username, now));
  }

  /** A leg has been silent for long: asks its device by OPTIONS, and ends the leg when nothing answers. */
  probe(legId: LegId): void {
    const session = this.carrier.legs.byLeg(legId)?.sessionId;
    if (session === undefined || this.#probes.has(legId)) return;
    const snapshot = this.#shell.stack.exportSession(session);
    if (snapshot === undefined) return;
    this.#probes.add(legId);
    const { remoteTarget: uri, flow } = snapshot;
    this.#shell.run((stack, now) => stack.options({ key: legId, uri, flow }, now));
  }

  async #credentials(): Promise<TlsCredentials> {
    const { tls, dataDir, host, publicAddress } = this.#options;
    const now = Date.now();
    const first =
      tls?.files === undefined
        ? await ownCredentials(dataDir, ownNames(host, publicAddress), now)
        : await readCredentials(tls.files, now);
    return tls?.dir === undefined ? first : { ...first, folder: await readCredentialsFolder(tls.dir, now) };
  }

  /** Addresses of trunks are neither banned nor limited, whatever their calls do. */
  #trustTrunks(): void {
    this.#options.defence.trunksAre(this.trunks.networks());
  }

  #admit(request: SipRequest, { flow, authenticatedUser: user }: RequestContext): Refusal | undefined {
    const { defence } = this.#options;
    const denied = defence.admit(request, flow.remoteAddress, user);
    if (denied !== undefined || request.method !== 'INVITE') return denied;
    const number = request.uri?.user ?? '';
    if (number.startsWith('*')) {
      const known = user !== undefined && parseStarCode(number) !== undefined;
      return known ? undefined : { status: 404, reason: 'Unknown code' };
    }
    const refusal = this.#options.events.centre().refusal(number);
    if (refusal === undefined) return undefined;
    if (refusal.code === 404) defence.unknownNumber(flow.remoteAddress, number);
    this.#options.log.info({ number, code: refusal.code, reason: refusal.reason }, 'call refused');
    return { status: refusal.code, ...(refusal.code === 503 ? { headers: [['Retry-After', '30']] } : {}) };
  }

  #handle(event: SipEvent): void {
    this.#options.defence.hear(event);
    switch (event.type) {
      case 'invite':
        return this.#invited(event);
      case 'registration-changed':
        this.#registrations.changed(event.aor, event.user, event.bindings);
        return this.#tellDevice(event.user);
      case 'registration-state':
        this.trunks.handle(event);
        return;
      case 'options-result':
        if (this.trunks.handle(event)) return;
        return this.#probed(event.key as LegId, event.status);
      case 'log':
        return this.#log(event);
      default:
        this.carrier.handle(event);
    }
  }

  #log({ level, what, detail, flow }: Omit<Extract<SipEvent, { type: 'log' }>, 'type'>): void {
    const leftOut = this.#logLimiter.admit(what);
    if (leftOut === undefined) return;
    const from = flow === undefined ? {} : { from: flowKey(flow) };
    this.#options.log[level]({ detail, ...from, ...(leftOut > 0 ? { leftOut } : {}) }, `sip ${what}`);
  }

  #invited(event: Extract<SipEvent, { type: 'invite' }>): void {
    const number = event.uri.user ?? '';
    if (number.startsWith('*')) return this.#starCode(event, number);
    const { newId } = this.#options;
    const call = {
      legId: newId() as LegId,
      contactId: newId() as ContactId,
      number,
      callerPhone: event.from.uri?.user ?? '',
      callerName: event.from.displayName ?? '',
      carrierId: event.callId,
    };
    this.carrier.present(event, call).catch((error: Error) => {
      this.#options.log.warn({ err: error, number }, 'an incoming call could not be presented');
    });
  }

  #starCode(event: Extract<SipEvent, { type: 'invite' }>, number: string): void {
    const account = this.accounts.byUsername(event.authenticatedUser ?? '');
    const command = parseStarCode(number);
    const done =
      account !== undefined &&
      command !== undefined &&
      this.#options.events.starCode(account.agentId, command);
    const { status, reason } = answerToStarCode(command, done);
    this.#shell.run((stack, now) => stack.reject({ sessionId: event.sessionId, status, reason }, now));
  }

  #tellDevice(user: string): void {
    const account = this.accounts.byUsername(user);
    if (account !== undefined) this.#options.events.deviceChanged(account.agentId);
  }

  #probed(legId: LegId, status: number): void {
    this.#probes.delete(legId);
    // Any answer shows that the device is there; 408 and 503 are made by the stack when nothing answered.
    if (status === 408 || status === 503) this.carrier.vanish(legId);
  }
}

function needsAccount(request: SipRequest): boolean {
  if (request.method === 'REGISTER') return true;
  return request.method === 'INVITE' && request.uri?.user?.startsWith('*') === true;
}
