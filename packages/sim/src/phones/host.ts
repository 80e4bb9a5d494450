import { randomBytes } from 'node:crypto';
import { type Flow, type InviteEvent, parseMessage, type SipEvent, SipStack } from '@crosspoint/sip';
import { copiesToSend, type Impairment, noImpairment } from './impairment.ts';
import { Pacer } from './pacer.ts';
import type { RegistrationClient, ServerAddress } from './registration.ts';
import { openConnection, openDatagrams, openWebSocket, type Wire } from './wire.ts';

export type PhoneHostOptions = {
  /** Where the phones live; 127.0.0.1 by default. */
  address?: string;
  /** How much of what a phone hears in one call is kept; 60 by default. */
  keptSecondsMax?: number;
  /** Phones that send no sound at all, for benches of signalling; false by default. */
  isMute?: boolean;
  /** SIP goes over this WebSocket (RFC 7118) instead of UDP; sound is RTP as ever. */
  webSocket?: string | undefined;
  /** SIP goes over a connection to that server; another one is opened when it breaks. */
  connection?: ({ protocol: 'tcp' | 'tls' } & ServerAddress) | undefined;
};

/** A call as its host sees it: it takes the events of its session. */
export type HostedCall = {
  handle(event: Extract<SipEvent, { sessionId: string }>): void;
  hangUp(): void;
  /** Stops its sound at once. */
  silence(): void;
};

/** A phone as its host sees it: it takes calls for its name. */
export type HostedPhone = {
  receiveCall(event: InviteEvent): void;
  stopRefreshing(): void;
};

/**
 * A computer full of softphones: one UDP socket or WebSocket and one SIP stack that any number of phones share, as a call
 * generator does. A test that needs phones which fail on their own gives each its own host.
 */
export class PhoneHost {
  readonly pacer = new Pacer();
  readonly options: Required<Omit<PhoneHostOptions, 'webSocket' | 'connection'>>;
  /** Where SIP arrives by UDP, and the address of sound. */
  readonly local: ServerAddress;
  /** How the phones are named in Via and Contact, and by what transport they are reached. */
  readonly sentBy: ServerAddress & Pick<Wire, 'protocol'>;
  readonly calls = new Map<string, HostedCall>();
  readonly phones = new Map<string, HostedPhone>();
  readonly registrations = new Map<string, RegistrationClient>();
  /** What happens to SIP packets on their way out. */
  impairment: Impairment = noImpairment;
  /** Called with what belongs to no call, such as answers to a subscription, and with reports about transfers. */
  onEvent: ((event: SipEvent) => void) | undefined;
  readonly #wire: Wire;
  readonly #stack: SipStack;
  #timer: NodeJS.Timeout | undefined;
  #pumping = false;
  #vanished = false;

  private constructor(wire: Wire, options: PhoneHost['options']) {
    this.#wire = wire;
    this.options = options;
    this.local = { address: options.address, port: wire.sentBy.port };
    this.sentBy = { ...wire.sentBy, protocol: wire.protocol };
    this.#stack = new SipStack({
      random32: () => randomBytes(4).readUInt32LE(),
      secret: randomBytes(32),
      userAgent: 'Crosspoint-Phone',
      realm: 'phones.invalid',
      sentBy: () => ({ host: this.sentBy.address, port: this.sentBy.port }),
      credentials: () => undefined,
      requireAuthentication: () => false,
    });
    wire.received = (bytes, from) => this.#receive(bytes, from);
  }

  static async open({ webSocket, connection, ...options }: PhoneHostOptions = {}): Promise<PhoneHost> {
    const complete = { address: '127.0.0.1', keptSecondsMax: 60, isMute: false, ...options };
    if (webSocket !== undefined) return new PhoneHost(await openWebSocket(webSocket), complete);
    if (connection !== undefined)
      return new PhoneHost(await openConnection(connection.protocol, connection), complete);
    return new PhoneHost(await openDatagrams(complete.address), complete);
  }

  /** The flow from these phones to a server. */
  flowTo(server: ServerAddress): Flow {
    return {
      protocol: this.sentBy.protocol,
      localAddress: this.local.address,
      localPort: this.local.port,
      remoteAddress: server.address,
      remotePort: server.port,
      ...(this.sentBy.protocol === 'udp' ? {} : { connectionId: 1 }),
    };
  }

  /** Calls into the stack and acts on what comes out; nested calls are collected by the outermost one. */
  run<Result>(action: (stack: SipStack, nowMs: number) => Result): Result {
    const result = action(this.#stack, performance.now());
    if (!this.#pumping) this.#pump();
    return result;
  }

  /** Sends bytes that are no business of the stack, or drops them as the impairment says. */
  send(bytes: Uint8Array, to: ServerAddress): void {
    if (this.#vanished) return;
    const copies = copiesToSend(this.impairment, randomRatio);
    for (let copy = 0; copy < copies; copy += 1) this.#wire.send(bytes, to);
  }

  /** From now on nothing is answered and nothing is sent, as after a power cut. */
  vanish(): void {
    this.#vanished = true;
    clearTimeout(this.#timer);
    for (const call of this.calls.values()) call.silence();
  }

  /** Closes the sockets of all phones at once; calls that are up are not hung up. */
  close(): void {
    if (!this.#vanished) this.vanish();
    for (const phone of this.phones.values()) phone.stopRefreshing();
    this.#wire.close();
  }

  #receive(bytes: Uint8Array, from: ServerAddress): void {
    if (this.#vanished) return;
    const flow = this.flowTo(from);
    if (isRegisterResponse(bytes)) {
      const parsed = parseMessage(bytes);
      if (parsed.ok && parsed.message.kind === 'response') {
        this.registrations.get(parsed.message.callId)?.receive(parsed.message);
      }
      return;
    }
    this.run((stack, nowMs) => stack.receive(bytes, flow, nowMs));
  }

  #pump(): void {
    this.#pumping = true;
    try {
      for (let outputs = this.#stack.drain(); outputs.length > 0; outputs = this.#stack.drain()) {
        for (const output of outputs) {
          if (output.type === 'event') this.#dispatch(output.event);
          else if (output.type === 'send') {
            this.send(output.bytes, { address: output.flow.remoteAddress, port: output.flow.remotePort });
          }
        }
      }
    } finally {
      this.#pumping = false;
    }
    this.#arm();
  }

  #dispatch(event: SipEvent): void {
    if (event.type === 'invite') {
      const phone = this.phones.get(event.uri.user ?? '');
      if (phone === undefined)
        this.run((stack, now) => stack.reject({ sessionId: event.sessionId, status: 404 }, now));
      else phone.receiveCall(event);
    } else if (event.type === 'refer-progress' || event.type === 'refer-result') {
      // They may come after the call.
      this.onEvent?.(event);
    } else if ('sessionId' in event) {
      this.calls.get(event.sessionId)?.handle(event);
    } else this.onEvent?.(event);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const deadlineMs = this.#stack.nextDeadlineMs();
    if (deadlineMs === undefined || this.#vanished) return;
    const delayMs = Math.max(0, Math.ceil(deadlineMs - performance.now()));
    this.#timer = setTimeout(() => this.run((stack, nowMs) => stack.advance(nowMs)), delayMs);
  }
}

/** From 0 (inclusive) to 1. */
export function randomRatio(): number {
  return randomBytes(4).readUInt32LE() / 2 ** 32;
}

/** The stack has no client side for REGISTER, so that its answers are told apart here by their CSeq line. */
function isRegisterResponse(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2_000)).toString('latin1');
  return text.startsWith('SIP/2.0') && /^cseq\s*:\s*\d+\s+REGISTER/im.test(text);
}
