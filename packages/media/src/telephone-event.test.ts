import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digitOfEvent,
  eventOfDigit,
  TelephoneEventReceiver,
  TelephoneEventSender,
  writeTelephoneEvent,
} from './telephone-event.ts';

function payload(event: number, end: boolean, duration: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeTelephoneEvent(bytes, 0, event, end, 10, duration);
  return bytes;
}

interface Packet {
  timestamp: number;
  bytes: Uint8Array;
}

/** The packets of a row of digits as a telephone sends them. */
function packetsOf(digits: string): Packet[][] {
  let now = 0xffff_f000;
  return Array.from(digits, (digit) => {
    const sender = new TelephoneEventSender(digit, 100, 80);
    const timestamp = now;
    const packets: Packet[] = [];
    for (let packet = sender.next(); packet !== undefined; packet = sender.next()) {
      now = (now + 160) >>> 0;
      if (packet !== 'pause')
        packets.push({ timestamp, bytes: payload(packet.event, packet.end, packet.durationUnits) });
    }
    return packets;
  });
}

const digitText = fc.string({ unit: fc.constantFrom(...digitOfEvent), minLength: 1, maxLength: 12 });

const source = 7;

/** Takes a packet that may have been overtaken by others. */
function receive(receiver: TelephoneEventReceiver, timestamp: number, bytes: Uint8Array, nowMs = 0) {
  return receiver.receive(source, timestamp, true, bytes, 0, bytes.length, nowMs);
}

describe('telephone events', () => {
  it('[DTMF-01] reports every digit once, with packets lost, repeated and mixed up', () => {
    fc.assert(
      fc.property(digitText, fc.infiniteStream(fc.nat(99)), (digits, chance) => {
        const receiver = new TelephoneEventReceiver();
        const heard: string[] = [];
        const draw = (): number => chance.next().value as number;
        for (const packets of packetsOf(digits)) {
          const arriving = packets
            .filter(() => draw() < 70)
            .flatMap((packet) => (draw() < 30 ? [packet, packet] : [packet]));
          if (arriving.length === 0) arriving.push(packets[0] as Packet);
          arriving.sort(() => draw() - 50);
          for (const { timestamp, bytes } of arriving) {
            for (const { digit } of receive(receiver, timestamp, bytes)) heard.push(digit);
          }
        }
        const last = receiver.expire(1000, 250);
        if (last !== undefined) heard.push(last.digit);
        expect(heard.join('')).toBe(digits);
      }),
    );
  });

  it('[DTMF-02] ends a digit whose end was lost by the next one, or by silence', () => {
    const receiver = new TelephoneEventReceiver();
    expect(receive(receiver, 1000, payload(1, false, 320), 0)).toEqual([]);
    expect(receive(receiver, 5000, payload(2, false, 160), 100)).toEqual([{ digit: '1', durationMs: 40 }]);
    expect(receiver.expire(349, 250)).toBeUndefined();
    expect(receiver.expire(350, 250)).toEqual({ digit: '2', durationMs: 20 });
    expect(receiver.isActive).toBe(false);
    expect(receive(receiver, 1000, payload(1, true, 480), 400)).toEqual([]);
    expect(receiver.receive(8, 1000, true, payload(1, true, 480), 0, 4, 500)).toEqual([
      { digit: '1', durationMs: 60 },
    ]);
  });

  it('[DTMF-01] takes a digit whose timestamp lies before the last one, when nothing has overtaken it', () => {
    const receiver = new TelephoneEventReceiver();
    receive(receiver, 9_000_000, payload(1, true, 800));
    expect(receive(receiver, 1_000, payload(2, true, 800))).toEqual([]);
    expect(receiver.receive(source, 1_000, false, payload(2, true, 800), 0, 4, 0)).toEqual([
      { digit: '2', durationMs: 100 },
    ]);
    expect(receiver.receive(source, 1_000, false, payload(2, true, 800), 0, 4, 0)).toEqual([]);
  });

  it('[DTMF-04] takes the segments of a long event for one digit, also when the last packets of a segment are lost', () => {
    for (const lastUnits of [0xffff, 0xff00]) {
      const receiver = new TelephoneEventReceiver();
      const begin = 1_000;
      const completed = [
        receive(receiver, begin, payload(6, false, 160)),
        receive(receiver, begin, payload(6, false, lastUnits)),
        receive(receiver, begin + 0xffff, payload(6, false, 160)),
        receive(receiver, begin + 0xffff, payload(6, true, 8_001)),
        receive(receiver, begin + 0xffff, payload(6, true, 8_001)),
      ];
      expect(completed.flat()).toEqual([{ digit: '6', durationMs: 9_192 }]);
    }
  });

  it('[DTMF-04] takes the same key pressed twice for two digits, though every end of the first was lost', () => {
    const receiver = new TelephoneEventReceiver();
    receive(receiver, 1_000, payload(6, false, 800));
    expect(receive(receiver, 1_000 + 800 + 320, payload(6, true, 800))).toHaveLength(2);
  });

  it('[DTMF-02] ignores what is no digit', () => {
    const receiver = new TelephoneEventReceiver();
    expect(receive(receiver, 1, payload(16, true, 160), 0)).toEqual([]);
    expect(receiver.receive(source, 1, false, payload(1, true, 160), 0, 3, 0)).toEqual([]);
    expect(receiver.isActive).toBe(false);
  });

  it('[DTMF-03] sends updates that grow, three ends, and a pause', () => {
    const sender = new TelephoneEventSender('5', 60, 100);
    const packets = Array.from({ length: 8 }, () => sender.next());
    const event = 5;
    expect(packets).toEqual([
      { event, end: false, durationUnits: 160, isFirst: true },
      { event, end: false, durationUnits: 320, isFirst: false },
      { event, end: false, durationUnits: 480, isFirst: false },
      { event, end: true, durationUnits: 480, isFirst: false },
      { event, end: true, durationUnits: 480, isFirst: false },
      { event, end: true, durationUnits: 480, isFirst: false },
      'pause',
      'pause',
    ]);
    expect(sender.next()).toBeUndefined();
  });

  it('[DTMF-03] refuses what cannot be sent, naming it', () => {
    expect(() => new TelephoneEventSender('', 100, 80)).toThrow(/digits/);
    expect(() => new TelephoneEventSender('1'.repeat(33), 100, 80)).toThrow(/33/);
    expect(() => new TelephoneEventSender('1x', 100, 80)).toThrow(/"x"/);
    expect(() => new TelephoneEventSender('1', 39, 80)).toThrow(/durationMs.*39/);
    expect(() => new TelephoneEventSender('1', 100, 5_001)).toThrow(/gapMs.*5001/);
    expect([eventOfDigit('a'), eventOfDigit('12'), eventOfDigit('*')]).toEqual([12, -1, 10]);
  });
});
