import { dialogKey } from '../dialog/index.ts';
import { flowKey, isMessageOriented, type Flow } from '../flow/index.ts';
import { encodeUtf8, parseMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import { StreamFramer, type StreamFrame } from '../stream/index.ts';
import { answerStun, isStun } from '../stun/index.ts';
import type { Timer, TimerOwner } from '../timers/index.ts';
import type { UserAgentContext } from './context.ts';
import type { Registrations } from './registrations.ts';
import type { RequestHandler } from './request-handler.ts';

/** What arrives: cuts streams, drops noise, parses, and hands requests and responses on (RFC 3261 §18). */
export class Intake {
  private readonly context: UserAgentContext;
  private readonly handler: RequestHandler;
  private readonly registrations: Registrations;
  private readonly streams = new Map<string, IncomingStream>();

  constructor(context: UserAgentContext, handler: RequestHandler, registrations: Registrations) {
    this.context = context;
    this.handler = handler;
    this.registrations = registrations;
  }

  /** How many stream connections have been heard of. */
  get connections(): number {
    return this.streams.size;
  }

  /** Drops what was kept of a stream. */
  forget(flow: Flow): void {
    const key = flowKey(flow);
    const stream = this.streams.get(key);
    this.context.timers.cancel(stream?.timer);
    this.streams.delete(key);
  }

  /** Takes one datagram, one WebSocket message or any chunk of a stream; keeps no reference to `bytes`. */
  receive(bytes: Uint8Array, flow: Flow, nowMs: number): void {
    if (!isMessageOriented(flow.protocol)) {
      for (const frame of this.cut(flow, bytes, nowMs)) this.receiveFrame(frame, flow, nowMs);
      return;
    }
    if (flow.protocol === 'udp' && isStun(bytes)) {
      const answer = answerStun(bytes, flow);
      if (answer !== undefined) this.context.send(flow, answer);
      else this.registrations.heard(flow, bytes, nowMs);
      return;
    }
    // Keep-alives of RFC 5626 and of countless NAT helpers: blank or near-empty datagrams.
    if (isKeepAlive(bytes)) {
      if (bytes.length === 4 && flow.protocol !== 'udp') this.context.send(flow, encodeUtf8('\r\n'));
      else if (bytes.length === 2 && flow.protocol !== 'udp')
        this.registrations.heard(flow, undefined, nowMs);
    } else if (bytes.length > this.context.limits.messageBytesMax) {
      this.context.log('warn', 'message too long', `${bytes.length} bytes`, flow);
    } else this.receiveMessage(bytes.slice(), flow, nowMs);
  }

  private cut(flow: Flow, bytes: Uint8Array, nowMs: number): StreamFrame[] {
    const { context } = this;
    const key = flowKey(flow);
    let stream = this.streams.get(key);
    if (stream === undefined) {
      if (this.streams.size >= context.limits.connectionsMax) {
        context.log('warn', 'too many connections', `limit ${context.limits.connectionsMax}`, flow);
        context.outputs.push({ type: 'close', flow });
        return [];
      }
      stream = new IncomingStream(context, flow);
      this.streams.set(key, stream);
    }
    const frames = stream.framer.push(bytes);
    stream.watch(frames.length > 0, nowMs);
    return frames;
  }

  private receiveFrame(frame: StreamFrame, flow: Flow, nowMs: number): void {
    if (frame.type === 'message') this.receiveMessage(frame.bytes, flow, nowMs);
    else if (frame.type === 'ping') this.context.send(flow, encodeUtf8('\r\n'));
    else if (frame.type === 'pong') this.registrations.heard(flow, undefined, nowMs);
    else if (frame.type === 'broken') {
      const request = frame.head === undefined ? undefined : readHead(frame.head);
      const status = frame.reason === 'message-too-long' ? 513 : 400;
      this.handler.receiveMalformed({ ok: false, status, reason: frame.reason, request }, flow);
      this.context.outputs.push({ type: 'close', flow });
    }
  }

  /** A 2xx to an INVITE of another process, whose ACK got lost with it; false when it is none. */
  private acknowledgeAgain(response: SipResponse): boolean {
    const { status, sequenceMethod, sequence, callId, fromTag, toTag } = response;
    if (sequenceMethod !== 'INVITE' || status < 200 || status > 299) return false;
    const owner = this.context.dialogs.get(dialogKey(callId, fromTag ?? '', toTag ?? ''));
    return owner?.acknowledgeAgain?.(sequence) === true;
  }

  private receiveMessage(bytes: Uint8Array, flow: Flow, nowMs: number): void {
    const result = parseMessage(bytes, this.context.limits);
    if (!result.ok) this.handler.receiveMalformed(result, flow);
    else if (result.message.kind === 'request') this.handler.receive(result.message, flow, nowMs);
    else if (result.message.viaCount !== 1) {
      // We are never a proxy: a response with more than our own Via went astray (RFC 3261 §8.1.3.3).
      this.context.log('info', 'response dropped', 'more than one Via', flow);
    } else if (
      !this.context.transactions.receiveResponse(result.message, nowMs) &&
      !this.acknowledgeAgain(result.message)
    ) {
      this.context.log('debug', 'response dropped', `${result.message.status} without transaction`, flow);
    }
  }
}

/**
 * The bytes of one connection. A message that was begun must be complete within 64*T1, as long as a transaction would
 * wait for it: otherwise who drips bytes into many connections holds the memory of all of them.
 */
class IncomingStream implements TimerOwner {
  readonly framer: StreamFramer;
  timer: Timer | undefined;
  private readonly context: UserAgentContext;
  private readonly flow: Flow;

  constructor(context: UserAgentContext, flow: Flow) {
    this.framer = new StreamFramer(context.limits.messageBytesMax);
    this.context = context;
    this.flow = flow;
  }

  /** After each chunk; `hasProgress` when it completed something. */
  watch(hasProgress: boolean, nowMs: number): void {
    const { timers, intervals } = this.context;
    if (hasProgress || !this.framer.isPartial) this.timer = timers.cancel(this.timer);
    if (this.framer.isPartial) this.timer ??= timers.set(this, 'partial', nowMs + 64 * intervals.t1Ms);
  }

  onTimer(): void {
    this.timer = undefined;
    this.context.log('info', 'incomplete message', 'the connection is closed', this.flow);
    this.context.outputs.push({ type: 'close', flow: this.flow });
  }
}

/** Only line ends, blanks and NULs, or shorter than any message could be. */
function isKeepAlive(bytes: Uint8Array): boolean {
  if (bytes.length <= 4) return true;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte !== 0 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 32) return false;
  }
  return true;
}

function readHead(head: Uint8Array): SipRequest | undefined {
  const result = parseMessage(head);
  if (!result.ok) return result.request;
  return result.message.kind === 'request' ? result.message : undefined;
}
