import type { NegotiatedAudio } from '@crosspoint/sip';
import { describe, expect, test } from 'vitest';
import { addressWarning, codecsFor, digitOfInfo, hintsOf, remoteSound } from './audio.ts';

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

  test('[RFC3261 §20.43] is refused with warning 301 unless it is of the family of our socket', () => {
    expect(addressWarning(audio('192.0.2.1'), '127.0.0.1', undefined)).toBeUndefined();
    expect(addressWarning(audio('2001:db8::1'), '::1', undefined)).toBeUndefined();
    for (const address of ['2001:db8::1', '::ffff:192.0.2.1', 'phone.example'])
      expect(addressWarning(audio(address), '127.0.0.1', undefined)).toMatch(/^301 crosspoint ".*IP4.*"$/);
    for (const address of ['192.0.2.1', '::ffff:192.0.2.1', 'phone.example'])
      expect(addressWarning(audio(address), '::1', undefined)).toMatch(/^301 crosspoint ".*IP6.*"$/);
  });

  test.each([
    ['224.0.0.1', '127.0.0.1'],
    ['239.255.255.250', '127.0.0.1'],
    ['255.255.255.255', '127.0.0.1'],
    ['ff02::1', '::1'],
  ])('[RFC3261 §20.43] sound for many machines, at %s, is refused', (address, own) => {
    expect(addressWarning(audio(address), own, undefined)).toMatch(/^330 crosspoint /);
  });

  test('[RFC3264 §8.4] an address that is none is refused, that of the old way to hold is taken', () => {
    expect(addressWarning(audio('999.1.1.1'), '127.0.0.1', undefined)).toMatch(/^301 crosspoint /);
    expect(addressWarning(audio('0.0.0.0'), '127.0.0.1', undefined)).toBeUndefined();
  });

  test('[RFC8866 §5.7] a name stands for the machine that signals, and sound may come from anywhere', () => {
    const named = (remoteAddress: string): NegotiatedAudio => ({
      ...audio(remoteAddress),
      codec: { name: 'PCMA', payloadType: 8, clockRateHz: 8_000 },
    });
    for (const name of ['phone.example', 'localhost', 'media-1.provider.example.']) {
      expect(addressWarning(named(name), '127.0.0.1', '192.0.2.1')).toBeUndefined();
      expect(addressWarning(named(name), '::1', '192.0.2.1')).toMatch(/^301 crosspoint /);
      expect(remoteSound(named(name), '192.0.2.1')).toMatchObject({
        ...{ address: '192.0.2.1', signallingAddress: undefined },
      });
    }
    expect(addressWarning(named('999.1.1.1'), '127.0.0.1', '192.0.2.1')).toMatch(/^301 crosspoint /);
    expect(addressWarning(named('a..b'), '127.0.0.1', '192.0.2.1')).toMatch(/^301 crosspoint /);
    expect(remoteSound(named('192.0.2.7'), '192.0.2.1')).toMatchObject({
      ...{ address: '192.0.2.7', signallingAddress: '192.0.2.1' },
    });
  });

  test('[CAR-03] does not matter to a browser, which is found by ICE', () => {
    const dtls = {
      fingerprints: [],
      setup: 'active',
      isIceLite: false,
      candidates: [],
      ourRole: 'server',
    } as const;
    const browser = {
      ...audio('0.0.0.0'),
      dtls: { ...dtls, fingerprints: [], candidates: [], iceUfrag: 'x' },
    };
    expect(addressWarning(browser, '::1', undefined)).toBeUndefined();
  });
});

describe('an offer before it is negotiated', () => {
  test.each([
    ['c=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\n', { family: 4, transport: 'rtp', hasKeys: false }],
    ['c=IN IP6 2001:db8::1\r\nm=audio 4000 RTP/AVP 0\r\n', { family: 6, transport: 'rtp', hasKeys: false }],
    [
      'c=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/SAVP 0\r\na=crypto:1 x\r\n',
      { family: 4, transport: 'rtp', hasKeys: true },
    ],
    [
      'c=IN IP6 ::\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:x\r\n',
      { family: 4, transport: 'webrtc', hasKeys: false },
    ],
    [
      'c=IN IP4 192.0.2.1\r\nm=audio 7078 UDP/TLS/RTP/SAVP 96\r\na=setup:actpass\r\n',
      { family: 4, transport: 'dtls', hasKeys: false },
    ],
  ])('[CAR-03] says what kind of socket it needs: %#', (text, hints) => {
    expect(hintsOf(bytes(text))).toEqual(hints);
  });
});

describe('our codecs', () => {
  test('[CAR-02] that of the other party comes first, so that nothing is transcoded', () => {
    const all = ['PCMA', 'PCMU', 'G722', 'opus'] as const;
    expect(codecsFor(undefined, all).map(({ name }) => name)).toEqual(all);
    expect(codecsFor('opus', all).map(({ name }) => name)).toEqual(['opus', 'PCMA', 'PCMU', 'G722']);
    expect(codecsFor('opus', ['PCMA', 'PCMU']).map(({ name }) => name)).toEqual(['PCMA', 'PCMU']);
  });
});
