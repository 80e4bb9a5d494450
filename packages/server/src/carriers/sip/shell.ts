import { type Flow, type SipEvent, type SipOutput, SipStack, type SipStackOptions } from '@crosspoint/sip';
import { SipTransport, type TransportOptions } from './transport.ts';

export interface SipShellOptions {
  transport: TransportOptions;
  stack: SipStackOptions;
  /** Milliseconds since the epoch; must never run backwards. */
  now: () => number;
  /** Something is about to be sent. */
  onSend?: () => void;
  onEvent: (event: SipEvent) => void;
  /** A connection has ended. */
  onClosed?: (flow: Flow) => void;
  onFault: (what: string, detail: string) => void;
}

/**
 * Joins the SIP stack, which has neither clock nor sockets, with both. All calls into the stack go through here, so
 * that what they produce is sent at once and in order.
 */
export class SipShell {
  readonly stack: SipStack;
  readonly transport: SipTransport;
  readonly #options: SipShellOptions;
  #pumping = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(options: SipShellOptions) {
    this.#options = options;
    this.stack = new SipStack(options.stack);
    this.transport = new SipTransport(options.transport, {
      received: (bytes, flow) => this.#fence(() => this.run((stack, now) => stack.receive(bytes, flow, now))),
      closed: (flow) => {
        options.onClosed?.(flow);
        this.#fence(() => this.run((stack, now) => stack.flowClosed(flow, now)));
      },
      fault: options.onFault,
      waits: (bytes, flow) => {
        const trying = this.stack.tryingFor(bytes, flow);
        if (trying !== undefined) this.transport.send(trying.bytes, trying.flow);
      },
    });
  }

  open(): Promise<void> {
    return this.transport.open();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.transport.close();
  }

  /** Calls into the stack and acts on what comes out. Nested calls are collected by the outermost one. */
  run<Result>(action: (stack: SipStack, now: number) => Result): Result {
    const result = action(this.stack, this.#options.now());
    if (!this.#pumping) this.#pump();
    return result;
  }

  /** What `action` has the stack send leaves when it is done; so a decision can be kept before anybody hears of it. */
  together(action: () => void): void {
    if (this.#pumping) return action();
    this.#pumping = true;
    try {
      action();
    } finally {
      this.#pumping = false;
      this.#pump();
    }
  }

  #pump(): void {
    this.#pumping = true;
    try {
      for (let outputs = this.stack.drain(); outputs.length > 0; outputs = this.stack.drain()) {
        this.#options.onSend?.();
        for (const output of outputs) this.#fence(() => this.#carryOut(output));
      }
    } finally {
      this.#pumping = false;
    }
    this.#arm();
  }

  #carryOut(output: SipOutput): void {
    if (output.type === 'send') this.#send(output.bytes, output.flow);
    else if (output.type === 'close') this.transport.closeFlow(output.flow);
    else this.#options.onEvent(output.event);
  }

  /**
   * A defect met by one message costs that message, never the process and the calls of everybody else: what the
   * network sends must not be able to stop the server.
   */
  #fence(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.onFault(
        'defect',
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      );
    }
  }

  #send(bytes: Uint8Array, flow: Flow): void {
    if (!this.#closed) this.transport.send(bytes, flow);
  }

  /** One timer for the whole stack, moved only when something is due earlier than it stands. */
  #arm(): void {
    const deadline = this.stack.nextDeadlineMs();
    if (deadline === undefined || this.#closed || deadline >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    const delayMs = Math.max(0, Math.ceil(deadline - this.#options.now()));
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#fence(() => this.run((stack, now) => stack.advance(now)));
      // A defect in one timer must not leave the others waiting for the next packet.
      this.#arm();
    }, delayMs);
  }
}
