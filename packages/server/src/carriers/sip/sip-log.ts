import type { SipEvent } from '@crosspoint/sip';
import { LogLimiter } from './log-limiter.ts';
import type { SipServiceOptions } from './service-options.ts';
import { serverNameOf } from './trunk-targets.ts';

type LogEvent = Omit<Extract<SipEvent, { type: 'log' }>, 'type'>;

/** The lines of the log that anybody outside can cause: however much comes, they do not fill it. */
export class SipLog {
  readonly #log: SipServiceOptions['log'];
  readonly #limiter: LogLimiter;

  constructor(log: SipServiceOptions['log'], now: () => number) {
    this.#log = log;
    this.#limiter = new LogLimiter(now);
  }

  /** Whoever calls one wrong number after the other must not fill the log. */
  refused(fields: object, message: string): void {
    const leftOut = this.#limiter.admit(message);
    if (leftOut !== undefined) this.#log.info(leftOut > 0 ? { ...fields, leftOut } : fields, message);
  }

  write({ level, what, detail, flow }: LogEvent): void {
    const leftOut = this.#limiter.admit(what);
    if (leftOut === undefined) return;
    const from = flow === undefined ? {} : { from: serverNameOf(flow) };
    this.#log[level]({ detail, ...from, ...(leftOut > 0 ? { leftOut } : {}) }, `sip ${what}`);
  }
}
