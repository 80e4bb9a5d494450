import { readUint16, writeUint16 } from './rtp.ts';

/** Digits by RFC 4733 event code 0–15 (§3.2, table 3). */
export const digitOfEvent = '0123456789*#ABCD';

/** Bytes of a telephone-event payload. */
export const telephoneEventBytes = 4;

/** RFC 4733 §2.5.1.4: the end of an event is sent three times. */
export const endPacketCount = 3;

/** Event code of a digit, −1 when there is none. */
export function eventOfDigit(digit: string): number {
  return digit.length === 1 ? digitOfEvent.indexOf(digit.toUpperCase()) : -1;
}

/**
 * Writes a telephone-event payload (RFC 4733 §2.3).
 * @param event 0–255
 * @param volumeDbm0 level as a positive number of dB below 0 dBm0, 0–63
 * @param durationUnits 0–65,535 timestamp units
 */
export function writeTelephoneEvent(
  bytes: Uint8Array,
  offset: number,
  event: number,
  end: boolean,
  volumeDbm0: number,
  durationUnits: number,
): void {
  bytes[offset] = event;
  bytes[offset + 1] = (end ? 0x80 : 0) | (volumeDbm0 & 0x3f);
  writeUint16(bytes, offset + 2, durationUnits);
}

/** A digit whose end was seen or inferred. */
export interface ReceivedDigit {
  digit: string;
  durationMs: number;
}

/** Beyond it a duration cannot be written: the event goes on as another segment (RFC 4733 §2.5.1.3). */
const durationUnitsMax = 0xffff;

/**
 * Recognises digits in a stream of telephone-event packets: repeated and reordered packets count once (same source and
 * RTP timestamp, §2.5.1.4), a lost end is inferred from the next event or from silence, and an event in several segments
 * is one (§2.5.1.3). Memory is constant.
 */
export class TelephoneEventReceiver {
  #ssrc = -1;
  #timestamp = -1;
  #event = -1;
  #durationUnits = 0;
  /** Of the segments before the present one. */
  #formerUnits = 0;
  #ended = true;
  #updatedAtMs = 0;

  /** True while a digit is pressed. */
  get isActive(): boolean {
    return !this.#ended;
  }

  /** The source of the last event; −1 before any. */
  get ssrc(): number {
    return this.#ssrc;
  }

  /**
   * Takes one packet. Returns the digits that it completes: at most two, when it begins and ends an event while
   * the end of the former one was lost. Malformed payloads and events above 15 complete nothing.
   * @param mayBeLate whether packets that were sent later may have come before: an older timestamp is then that of an
   *   event which was reported already, and otherwise the sender's clock went back
   */
  receive(
    ssrc: number,
    timestamp: number,
    mayBeLate: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ): ReceivedDigit[] {
    if (end - start < telephoneEventBytes) return [];
    const event = bytes[start] as number;
    if (event >= digitOfEvent.length) return [];
    const isEnd = ((bytes[start + 1] as number) & 0x80) !== 0;
    const durationUnits = readUint16(bytes, start + 2);
    const completed: ReceivedDigit[] = [];
    if (timestamp !== this.#timestamp || event !== this.#event || ssrc !== this.#ssrc) {
      const stepUnits = ssrc === this.#ssrc ? (timestamp - this.#timestamp) | 0 : 0;
      if (mayBeLate && stepUnits < 0) return [];
      const goesOn = this.#goesOn(event, stepUnits);
      if (!this.#ended && !goesOn) completed.push(this.#finish());
      this.#formerUnits = goesOn ? this.#formerUnits + stepUnits : 0;
      this.#ssrc = ssrc;
      this.#timestamp = timestamp;
      this.#event = event;
      this.#durationUnits = 0;
      this.#ended = false;
    }
    if (this.#ended) return completed;
    this.#updatedAtMs = nowMs;
    this.#durationUnits = Math.max(this.#durationUnits, durationUnits);
    if (isEnd) completed.push(this.#finish());
    return completed;
  }

  /** Whether an event that begins so much later is the next segment of the present one, without a pause between them. */
  #goesOn(event: number, stepUnits: number): boolean {
    if (this.#ended || event !== this.#event || stepUnits <= 0) return false;
    return stepUnits === this.#durationUnits || stepUnits === durationUnitsMax;
  }

  /** Completes a digit whose last update is `timeoutMs` old: all three end packets were lost. */
  expire(nowMs: number, timeoutMs: number): ReceivedDigit | undefined {
    if (this.#ended || nowMs - this.#updatedAtMs < timeoutMs) return undefined;
    return this.#finish();
  }

  #finish(): ReceivedDigit {
    this.#ended = true;
    const durationMs = Math.round((this.#formerUnits + this.#durationUnits) / 8);
    return { digit: digitOfEvent[this.#event] as string, durationMs };
  }
}

/** One packet to send: payload fields, and whether it begins a new event (marker bit, new timestamp). */
export interface TelephoneEventPacket {
  event: number;
  end: boolean;
  durationUnits: number;
  isFirst: boolean;
}

/**
 * Produces the packets of a row of digits, one call per 20 ms: updates while the digit lasts, three end packets,
 * then the pause (RFC 4733 §2.5.1.3–4).
 */
export class TelephoneEventSender {
  #events: number[];
  #durationTicks: number;
  #gapTicks: number;
  #tick = 0;

  /**
   * @param digits 1–32 of `0-9*#A-D`; throws RangeError naming the bad one
   * @param durationMs 40–5,000, rounded up to 20 ms
   * @param gapMs 40–5,000, rounded up to 20 ms; the three end packets lie in it
   */
  constructor(digits: string, durationMs: number, gapMs: number) {
    if (digits.length < 1 || digits.length > 32)
      throw new RangeError(`digits: 1–32 digits, not ${digits.length}`);
    this.#events = Array.from(digits, (digit) => {
      const event = eventOfDigit(digit);
      if (event < 0) throw new RangeError(`digits: ${JSON.stringify(digit)} is none of ${digitOfEvent}`);
      return event;
    });
    this.#durationTicks = Math.ceil(inRange('durationMs', durationMs) / 20);
    this.#gapTicks = Math.max(endPacketCount, Math.ceil(inRange('gapMs', gapMs) / 20));
  }

  /** The packet of the next 20 ms; `'pause'` between digits; undefined when everything was sent. */
  next(): TelephoneEventPacket | 'pause' | undefined {
    const event = this.#events[0];
    if (event === undefined) return undefined;
    const tick = this.#tick++;
    if (tick < this.#durationTicks) {
      return { event, end: false, durationUnits: (tick + 1) * 160, isFirst: tick === 0 };
    }
    const gap = tick - this.#durationTicks;
    if (gap + 1 >= this.#gapTicks) {
      this.#events.shift();
      this.#tick = 0;
    }
    if (gap < endPacketCount) {
      return { event, end: true, durationUnits: this.#durationTicks * 160, isFirst: false };
    }
    return 'pause';
  }
}

function inRange(field: string, value: number): number {
  if (!(value >= 40 && value <= 5_000)) throw new RangeError(`${field}: 40–5,000 ms, not ${value}`);
  return value;
}
