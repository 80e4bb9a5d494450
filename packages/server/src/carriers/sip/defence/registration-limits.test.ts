import { encodeUtf8, parseMessage, type SipRequest } from '@crosspoint/sip';
import { describe, expect, test } from 'vitest';
import { registrationRefusal } from './registration-limits.ts';

function register(headers: readonly string[]): SipRequest {
  const text = [
    'REGISTER sip:example.test SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
    'From: <sip:alice@example.test>;tag=1',
    'To: <sip:alice@example.test>',
    'Call-ID: 1',
    'CSeq: 1 REGISTER',
    'Max-Forwards: 70',
    ...headers,
    'Content-Length: 0\r\n\r\n',
  ].join('\r\n');
  const parsed = parseMessage(encodeUtf8(text));
  if (!parsed.ok || parsed.message.kind !== 'request') throw new Error(text);
  return parsed.message;
}

const contact = (length: number) => `<sip:alice@192.0.2.1;x=${'y'.repeat(length - 24)}>`;

describe('what one REGISTER may leave behind', () => {
  test('[OPS-05] as much as telephones and proxies write is taken', () => {
    const paths = Array.from({ length: 10 }, (_, n) => `Path: <sip:proxy-${n}.example.test;lr>`);
    const headers = [`Contact: ${contact(1_024)}`, ...paths, `User-Agent: ${'x'.repeat(256)}`];
    expect(registrationRefusal(register(headers))).toBeUndefined();
    const five = Array.from({ length: 5 }, (_, n) => `Contact: <sip:alice@192.0.2.${n}>`);
    expect(registrationRefusal(register(five))).toBeUndefined();
  });

  test.each([
    [403, Array.from({ length: 6 }, (_, n) => `Contact: <sip:alice@192.0.2.${n}>`)],
    [400, [`Contact: ${contact(1_025)}`]],
    [400, Array.from({ length: 11 }, (_, n) => `Path: <sip:proxy-${n}.example.test;lr>`)],
    [400, [`Path: <sip:proxy.example.test;lr;x=${'y'.repeat(2_048)}>`]],
    [400, [`User-Agent: ${'x'.repeat(257)}`]],
  ])('[OPS-05] %i for more than that', (status, headers) => {
    expect(registrationRefusal(register(headers))).toMatchObject({ status, reason: expect.any(String) });
  });
});
