import type { NegotiatedAudio } from '@crosspoint/sip';
import { describe, expect, test } from 'vitest';
import { addressWarning, digitOfInfo } from './audio.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('digits in SIP INFO', () => {
  test.each([
    ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', '5'],
    ['application/dtmf-relay', 'Signal= *\nDuration= 100', '*'],
    ['Application/DTMF-Relay; charset=utf-8', 'Duration=100\r\nSignal=#\r\n', '#'],
    ['application/dtmf-relay', 'Signal=11\r\n', '#'],
    ['application/dtmf', '7', '7'],
    ['application/dtmf', '10', '*'],
    ['application/dtmf', 'a', 'A'],
  ])('[CAR-02] %s with %j is a digit', (contentType, body, digit) => {
    expect(digitOfInfo(contentType, bytes(body))).toBe(digit);
  });

  test.each([
    ['application/dtmf-relay', 'Signal=12\r\n'],
    ['application/dtmf-relay', 'Duration=160'],
    ['application/dtmf', ''],
    ['application/media_control+xml', 'Signal=5'],
  ])('[CAR-02] %s with %j is none', (contentType, body) => {
    expect(digitOfInfo(contentType, bytes(body))).toBeUndefined();
  });
});

describe('the address that a peer wants its sound at', () => {
  const audio = (remoteAddress: string) => ({ remoteAddress }) as NegotiatedAudio;

  test('[RFC3261 §20.43] is refused with warning 301 unless it is IPv4', () => {
    expect(addressWarning(audio('192.0.2.1'))).toBeUndefined();
    for (const address of ['2001:db8::1', '::ffff:192.0.2.1', 'phone.example'])
      expect(addressWarning(audio(address))).toMatch(/^301 crosspoint ".*IPv4.*"$/);
  });
});
