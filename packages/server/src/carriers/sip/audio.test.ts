import { describe, expect, test } from 'vitest';
import { digitOfInfo } from './audio.ts';

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
