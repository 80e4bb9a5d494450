import type { Dialog } from '../dialog/index.ts';
import { isReliable, travelsOn, type Flow } from '../flow/index.ts';
import {
  createResponse,
  encodeUtf8,
  findDescription,
  mediaTypeOf,
  noParameters,
  parseUri,
  writeHost,
  writeUri,
  type SipRequest,
  type SipResponse,
} from '../message/index.ts';
import type { SessionTimerPolicy } from '../session-timer/index.ts';
import { TimerQueue } from '../timers/index.ts';
import {
  TransactionLayer,
  type InviteServerTransaction,
  type ServerTransaction,
} from '../transaction/index.ts';
import type { SipEvent, SipOutput } from './events.ts';
import { RecentlyEnded } from './recently-ended.ts';
import { StrandedSessions } from './stranded-sessions.ts';
import type {
  BodyOptions,
  CommandResult,
  HeaderOptions,
  Refusal,
  SipLimits,
  SipStackOptions,
  SipTimers,
} from './options.ts';

/** The methods that are always served. */
const baseMethods = [
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'INFO',
  'UPDATE',
  'PRACK',
  'REGISTER',
  'NOTIFY',
];

const defaultTimers: SipTimers = {
  t1Ms: 500,
  t2Ms: 4_000,
  t4Ms: 5_000,
  tryingDelayMs: 0,
  timerCMs: 180_000,
  ringTimeoutMs: 600_000,
};

const defaultLimits: SipLimits = {
  messageBytesMax: 65_535,
  headersMax: 256,
  sessionsMax: 20_000,
  transactionsMax: 100_000,
  bindingsPerAorMax: 10,
  aorsMax: 50_000,
  connectionsMax: 20_000,
  subscriptionsMax: 20_000,
  subscriptionsPerUserMax: 200,
};

/** Whoever owns a dialog: gets the requests of the peer. */
export interface DialogOwner {
  /** The session that the dialog belongs to, if any. */
  readonly sessionId?: string;
  /** Whether an INVITE with Replaces could take the place of that session (RFC 3891 §3). */
  readonly isReplaceable?: boolean;
  onRequest(request: SipRequest, transaction: ServerTransaction, flow: Flow, nowMs: number): void;
  onAck(ack: SipRequest, nowMs: number): void;
  /** A 2xx to the INVITE with that CSeq number came, of which no transaction knows; false when it is none of ours. */
  acknowledgeAgain?(sequence: number): boolean;
  onFlowClosed(flow: Flow): void;
}

/** Whoever owns an INVITE server transaction that has no final response yet: learns of CANCEL. */
export interface CancelTarget {
  onCancel(cancel: SipRequest, nowMs: number): void;
}

/** A REFER of a peer by its name. */
export interface ReferEntry {
  accept(nowMs: number): CommandResult;
  refuse(refusal: Refusal, nowMs: number): CommandResult;
  report(status: number, reason: string | undefined, nowMs: number): CommandResult;
}

/** A session by the name its consumer knows. */
export interface SessionEntry {
  readonly sessionId: string;
}

/** What all parts of the user agent share. */
export class UserAgentContext {
  readonly options: SipStackOptions;
  readonly intervals: SipTimers;
  readonly limits: SipLimits;
  /** What we want of session timers; undefined when the consumer wants none. */
  readonly sessionTimer: SessionTimerPolicy | undefined;
  /** The methods we serve; in Allow they stand in this order. */
  readonly methods: ReadonlySet<string>;
  private readonly allow: string;
  /** Option tags that a peer may Require of us, in lower case. */
  readonly extensions: ReadonlySet<string>;
  private readonly sessionExtensions: string;
  private readonly unreliableExtensions: string;
  /** What an OPTIONS response says about us (RFC 3261 §11.2). */
  readonly capabilities: ReadonlyArray<readonly [string, string]>;
  readonly timers = new TimerQueue();
  readonly transactions: TransactionLayer;
  readonly sessions = new Map<string, SessionEntry>();
  readonly dialogs = new Map<string, DialogOwner>();
  readonly cancellable = new Map<InviteServerTransaction, CancelTarget>();
  /** REFERs of peers that the consumer may still act on, by their names. */
  readonly refers = new Map<string, ReferEntry>();
  /** SUBSCRIBEs of ours, by what their NOTIFYs carry before there is a dialog. */
  readonly subscribing = new Map<string, DialogOwner>();
  /** What the body of an INFO may be; empty: anything. */
  readonly infoTypes: readonly string[];
  /** The event packages that we serve, as in Allow-Events. */
  readonly eventNames: string;
  /** Answered calls that are over; kept only where somebody may want to replace one. */
  readonly ended: RecentlyEnded;
  /** Answered calls whose connection is gone, and those whose BYE waits for another one. */
  readonly stranded = new StrandedSessions();
  outputs: SipOutput[] = [];

  constructor(options: SipStackOptions) {
    this.options = options;
    this.intervals = { ...defaultTimers, ...options.timers };
    this.limits = { ...defaultLimits, ...options.limits };
    this.sessionTimer = readTimerPolicy(options.sessionTimer);
    this.methods = servedMethods(options);
    this.allow = [...this.methods].join(', ');
    const extensions = ['path'];
    if (this.sessionTimer !== undefined) extensions.push('timer');
    if (options.reliableProvisionals !== false) extensions.push('100rel');
    if (options.replaces === true) extensions.push('replaces');
    if (options.refer !== undefined) extensions.push('norefersub');
    if (options.connectedIdentity === true) extensions.push('from-change');
    this.extensions = new Set(extensions);
    const offered = extensions.filter((tag) => tag !== 'path');
    this.sessionExtensions = offered.join(', ');
    this.unreliableExtensions = offered.filter((tag) => tag !== '100rel').join(', ');
    this.infoTypes = options.infoTypes ?? [];
    this.eventNames = (options.eventPackages ?? []).map(({ name }) => name).join(', ');
    this.capabilities = [
      ['Allow', this.allow],
      ['Accept', ['application/sdp, multipart/mixed, multipart/alternative', ...this.infoTypes].join(', ')],
      ['Accept-Encoding', 'identity'],
      ['Accept-Language', 'en'],
      ['Supported', extensions.join(', ')],
      ...(this.eventNames === '' ? [] : [['Allow-Events', this.eventNames] as const]),
    ];
    this.ended = new RecentlyEnded(64 * this.intervals.t1Ms);
    this.transactions = new TransactionLayer(this.timers, this.intervals, (flow, bytes) =>
      this.send(flow, bytes),
    );
  }

  servesEvent(name: string | undefined): boolean {
    return this.options.eventPackages?.some((served) => served.name === name) === true;
  }

  /** Whether somebody here can read the body of that INFO. */
  takesInfo({ body, contentType = '' }: SipRequest): boolean {
    return (
      body.length === 0 || this.infoTypes.length === 0 || this.infoTypes.includes(mediaTypeOf(contentType))
    );
  }

  send(flow: Flow, bytes: Uint8Array): void {
    this.outputs.push({ type: 'send', flow, bytes });
  }

  emit(event: SipEvent): void {
    this.outputs.push({ type: 'event', event });
  }

  log(level: 'debug' | 'info' | 'warn', what: string, detail: string, flow?: Flow): void {
    this.emit({ type: 'log', level, what, detail, ...(flow === undefined ? {} : { flow }) });
  }

  /** A fresh token of 64 random bits: tags, branches, Call-IDs. */
  token(): string {
    return this.word() + this.word();
  }

  private word(): string {
    return (this.options.random32() >>> 0).toString(16).padStart(8, '0');
  }

  /** A number of 0 to `below` - 1. */
  draw(below: number): number {
    return Math.floor(((this.options.random32() >>> 0) / 4_294_967_296) * below);
  }

  /** A Via value with a fresh branch for a request on that flow. */
  createVia(flow: Flow): string {
    const { host, port } = this.options.sentBy(flow);
    return `SIP/2.0/${flow.protocol.toUpperCase()} ${writeHost(host)}:${port};rport;branch=z9hG4bK${this.token()}`;
  }

  /** Our Contact value on that flow. */
  createContact(flow: Flow, user: string | undefined): string {
    const { host, port } = this.options.sentBy(flow);
    const parameters = flow.protocol === 'udp' ? noParameters : new Map([['transport', flow.protocol]]);
    const userPart = user === '' ? undefined : user;
    const scheme = 'sip' as const;
    return `<${writeUri({ scheme, user: userPart, password: undefined, host, port, parameters, headers: undefined })}>`;
  }

  /**
   * Says in a message that makes or changes a session what we can do. 100rel is left out of requests whose provisional
   * responses we would not acknowledge.
   */
  pushAbilities(message: SipRequest | SipResponse, isReliable = message.kind === 'response'): void {
    message.push('Allow', this.allow);
    const supported = isReliable ? this.sessionExtensions : this.unreliableExtensions;
    if (supported !== '') message.push('Supported', supported);
  }

  /** A request within a dialog, with Via and User-Agent. */
  createDialogRequest(dialog: Dialog, method: string, sequence = dialog.nextSequence()): SipRequest {
    const request = dialog.createRequest(method, this.createVia(this.flowFor(dialog)), sequence);
    request.push('User-Agent', this.options.userAgent);
    return request;
  }

  /** The path on which requests of a dialog go. */
  flowFor(dialog: Dialog): Flow {
    const { routeInDialog } = this.options;
    if (routeInDialog === undefined) return dialog.flow;
    const uri = parseUri(dialog.nextHop);
    return (uri === undefined ? undefined : routeInDialog(uri, dialog.flow)) ?? dialog.flow;
  }

  /** After its connection is gone, a dialog's requests open a new one to the next hop. */
  leaveClosedFlow(dialog: Dialog, closed: Flow): void {
    if (!isReliable(closed.protocol) || !travelsOn(dialog.flow, closed)) return;
    const { connectionId: _gone, ...rest } = dialog.flow;
    const uri = parseUri(dialog.nextHop);
    const port = uri?.port ?? (closed.protocol === 'tls' ? 5061 : 5060);
    const isDirect = uri !== undefined && uri.host === dialog.flow.remoteAddress;
    dialog.flow = { ...rest, remotePort: isDirect ? port : dialog.flow.remotePort };
  }

  /** Adds a body and the consumer's headers. */
  fill(message: SipRequest | SipResponse, options: BodyOptions & HeaderOptions): void {
    for (const [name, value] of options.headers ?? []) message.append(name, value);
    const body = typeof options.body === 'string' ? encodeUtf8(options.body) : options.body;
    if (body === undefined || body.length === 0) return;
    message.append('Content-Type', options.contentType ?? 'application/sdp');
    message.body = body;
  }

  /** Starts a response with our Server header. */
  createResponse(request: SipRequest, status: number, reason?: string, toTag?: string): SipResponse {
    const response = createResponse(request, status, reason, toTag);
    response.push('Server', this.options.userAgent);
    return response;
  }

  /** Answers a request outside a dialog; `headers` are added as they stand. */
  respond(
    transaction: ServerTransaction,
    request: SipRequest,
    status: number,
    nowMs: number,
    headers: ReadonlyArray<readonly [string, string]> = [],
    reason?: string,
  ): void {
    const response = this.createResponse(request, status, reason, this.token());
    for (const [name, value] of headers) response.append(name, value);
    transaction.respond(response, nowMs);
  }
}

/** What is served beside calls is for the consumer to say. */
function servedMethods(options: SipStackOptions): ReadonlySet<string> {
  const methods = new Set(baseMethods);
  if (options.message !== undefined) methods.add('MESSAGE');
  if (options.refer !== undefined) methods.add('REFER').add('SUBSCRIBE');
  if (options.eventPackages !== undefined) methods.add('SUBSCRIBE');
  return methods;
}

/** The policy with its defaults, kept within what RFC 4028 §4 allows. */
function readTimerPolicy(given: SipStackOptions['sessionTimer']): SessionTimerPolicy | undefined {
  if (given === false) return undefined;
  const minSeconds = Math.max(90, given?.minSeconds ?? 90);
  return { minSeconds, intervalSeconds: Math.max(minSeconds, given?.intervalSeconds ?? 1_800) };
}

/** The body of a message in the form that events carry; of a multipart body the session description in it. */
export function bodyOf(message: SipRequest | SipResponse): { body?: Uint8Array; contentType?: string } {
  if (message.body.length === 0) return {};
  const { contentType } = message;
  if (contentType !== undefined && mediaTypeOf(contentType).startsWith('multipart/')) {
    const description = findDescription(contentType, message.body);
    if (typeof description !== 'string') return { body: description, contentType: 'application/sdp' };
  }
  return contentType === undefined ? { body: message.body } : { body: message.body, contentType };
}
