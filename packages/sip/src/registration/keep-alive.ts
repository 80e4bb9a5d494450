import { isReliable, travelsOn, type Flow } from '../flow/index.ts';
import { encodeUtf8 } from '../message/index.ts';
import { createBindingRequest, readBindingResponse } from '../stun/index.ts';
import type { Timer } from '../timers/index.ts';
import type { RegistrationHost } from './types.ts';

/** RFC 5626 §4.4.1: a stream that does not answer a ping within this time is dead. */
const answerWithinMs = 10_000;
/** Over UDP the question is repeated after these times, as one datagram may be lost. */
const repeatAfterMs = [1_000, 3_000];
/** RFC 5626 §4.4: what we choose when the server names no time: UDP bindings of NATs live 30 s. */
const udpIntervalSeconds = 29;
const streamIntervalSeconds = 120;
const intervalMaxSeconds = 3_600;

/** How a flow is kept alive. */
export type KeepAlivePlan = {
  flow: Flow;
  /** Seconds between two signs of life; missing: by the kind of flow. */
  intervalSeconds: number | undefined;
  /** The server has said that it answers (RFC 5626 §4.4): silence means that the flow is dead. */
  expectsAnswer: boolean;
};

type KeepAliveHost = Pick<RegistrationHost, 'timers' | 'draw' | 'sendBytes'>;

/**
 * Keeps the flow of one registration alive (RFC 5626 §4.4): a double line end on streams, STUN on UDP. Tells when the flow
 * is dead, or leads to another address of ours than before.
 */
export class KeepAlive {
  private readonly host: KeepAliveHost;
  private readonly onDead: (nowMs: number) => void;
  private plan: KeepAlivePlan | undefined;
  private timer: Timer | undefined;
  /** The question that waits for its answer. */
  private asked: { transaction: Uint8Array; sinceMs: number; repeats: number } | undefined;
  private mappedAddress: Uint8Array | undefined;

  constructor(host: KeepAliveHost, onDead: (nowMs: number) => void) {
    this.host = host;
    this.onDead = onDead;
  }

  /** Begins, or goes on with another plan; an unchanged flow keeps what was learnt of it. */
  start(plan: KeepAlivePlan, nowMs: number): void {
    if (this.plan === undefined || !travelsOn(this.plan.flow, plan.flow)) this.mappedAddress = undefined;
    this.stop();
    this.plan = plan;
    this.schedule(plan, nowMs);
  }

  stop(): void {
    this.timer = this.host.timers.cancel(this.timer);
    this.asked = undefined;
    this.plan = undefined;
  }

  /** Something came on a flow: a pong, or a STUN message. */
  heard(flow: Flow, stun: Uint8Array | undefined, nowMs: number): void {
    const { plan, asked } = this;
    if (plan === undefined || asked === undefined || !travelsOn(plan.flow, flow)) return;
    const response = stun === undefined ? undefined : readBindingResponse(stun);
    if (isReliable(flow.protocol) !== (stun === undefined)) return;
    if (stun !== undefined && (response === undefined || !areEqual(response.transaction, asked.transaction)))
      return;
    this.asked = undefined;
    this.timer = this.host.timers.cancel(this.timer);
    const before = this.mappedAddress;
    this.mappedAddress = response?.mappedAddress;
    const hasMoved =
      before !== undefined && this.mappedAddress !== undefined && !areEqual(before, this.mappedAddress);
    if (hasMoved) this.dead(nowMs);
    else this.schedule(plan, nowMs);
  }

  onTimer(_name: string, nowMs: number): void {
    const { plan, asked } = this;
    this.timer = undefined;
    if (plan === undefined) return;
    if (asked === undefined) this.ask(plan, nowMs);
    else if (nowMs - asked.sinceMs >= answerWithinMs) this.dead(nowMs);
    else this.askAgain(plan, asked, nowMs);
  }

  private ask(plan: KeepAlivePlan, nowMs: number): void {
    const transaction = Uint8Array.from({ length: 12 }, () => this.host.draw(256));
    if (!plan.expectsAnswer) {
      this.host.sendBytes(plan.flow, encodeUtf8('\r\n\r\n'));
      this.schedule(plan, nowMs);
      return;
    }
    this.asked = { transaction, sinceMs: nowMs, repeats: 0 };
    this.askAgain(plan, this.asked, nowMs);
  }

  private askAgain(plan: KeepAlivePlan, asked: NonNullable<typeof this.asked>, nowMs: number): void {
    const isStream = isReliable(plan.flow.protocol);
    const bytes = isStream ? encodeUtf8('\r\n\r\n') : createBindingRequest(asked.transaction);
    this.host.sendBytes(plan.flow, bytes);
    const pauseMs = isStream ? undefined : repeatAfterMs[asked.repeats];
    asked.repeats++;
    this.setTimer(pauseMs === undefined ? asked.sinceMs + answerWithinMs : nowMs + pauseMs);
  }

  private dead(nowMs: number): void {
    this.stop();
    this.mappedAddress = undefined;
    this.onDead(nowMs);
  }

  /** RFC 5626 §4.4: at random between 80 and 100 % of the interval. */
  private schedule({ flow, intervalSeconds }: KeepAlivePlan, nowMs: number): void {
    const usual = isReliable(flow.protocol) ? streamIntervalSeconds : udpIntervalSeconds;
    const seconds = Math.min(intervalMaxSeconds, Math.max(5, intervalSeconds ?? usual));
    this.setTimer(nowMs + seconds * 800 + this.host.draw(seconds * 200 + 1));
  }

  private setTimer(atMs: number): void {
    this.host.timers.cancel(this.timer);
    this.timer = this.host.timers.set(this, 'keep-alive', atMs);
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
