import { describe, expect, it } from 'vitest';
import { flow, write } from '../../test/wire.ts';
import { decodeUtf8, encodeUtf8 } from '../message/index.ts';
import { continuesSomething, tryingFor } from './waiting.ts';

const bytes = (text: string): Uint8Array => encodeUtf8(text);

describe('a message that waits', () => {
  it('[TXN-50] [RFC3261 §8.2.6.1] a new INVITE gets 100 with its Vias, without a To tag; nothing else does', () => {
    const isNew = () => false;
    const told = tryingFor(bytes(write({ callId: 'a' })), flow, isNew);
    const text = decodeUtf8(told?.bytes ?? new Uint8Array());
    expect(text).toMatch(/^SIP\/2\.0 100 Trying\r\n/);
    expect(text).toContain('Call-ID: a');
    expect(text).not.toMatch(/\nTo:[^\r]*tag=/);
    expect(told?.flow.remoteAddress).toBe(flow.remoteAddress);
    for (const other of [
      write({ callId: 'a', to: '<sip:us@example.test>;tag=1' }),
      write({ callId: 'a', method: 'OPTIONS' }),
      'SIP/2.0 200 OK\r\n\r\n',
      'noise',
    ]) {
      expect(tryingFor(bytes(other), flow, isNew)).toBeUndefined();
    }
    expect(tryingFor(bytes(write({ callId: 'a' })), flow, () => true)).toBeUndefined();
  });

  it('[TXN-51] what goes on with something is told by its first line or its To tag', () => {
    expect(continuesSomething(bytes('SIP/2.0 180 Ringing\r\nTo: <sip:a@b>'))).toBe(true);
    expect(continuesSomething(bytes('BYE sip:a@b SIP/2.0\r\nTo: <sip:a@b>;tag=7\r\n'))).toBe(true);
    expect(continuesSomething(bytes('INVITE sip:a@b SIP/2.0\r\nt : <sip:a@b> ; TAG=7\r\n'))).toBe(true);
    expect(
      continuesSomething(bytes('INVITE sip:a@b SIP/2.0\r\nFrom: <sip:a@b>;tag=7\r\nTo: <sip:a@b>\r\n')),
    ).toBe(false);
    expect(continuesSomething(bytes('CANCEL sip:a@b SIP/2.0\r\nTo: <sip:a@b>\r\n'))).toBe(false);
  });
});
