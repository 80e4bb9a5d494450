import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCrypto, writeCrypto } from './crypto.ts';
import {
  keyBytes,
  parseSdp,
  SdpSession,
  type CryptoKey,
  type CryptoSuite,
  type LocalAudio,
  type LocalDtls,
  type Sdp,
} from './index.ts';

const suites: CryptoSuite[] = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
];

function key(suite: CryptoSuite, fill: number): CryptoKey {
  return { suite, keyAndSalt: new Uint8Array(keyBytes(suite)).fill(fill) };
}

const ourKeys = [key('AEAD_AES_128_GCM', 1), key('AES_CM_128_HMAC_SHA1_80', 2)];

function local(options: Partial<LocalAudio> = {}): LocalAudio {
  return {
    address: '10.0.0.1',
    port: 20_000,
    codecs: [{ name: 'PCMU', payloadType: 0, clockRateHz: 8_000 }],
    ...options,
  };
}

const session = () => new SdpSession({ sessionNumber: 1, address: '10.0.0.1' });

function description(media: string[], head: string[] = []): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 192.0.2.5',
    's=-',
    'c=IN IP4 192.0.2.5',
    't=0 0',
    ...head,
    ...media,
    '',
  ].join('\r\n');
}

function read(text: string): Sdp {
  const result = parseSdp(text);
  if (!result.ok) throw new Error(result.reason);
  return result.sdp;
}

// The key of the example in RFC 4568 §4 has 30 bytes.
const exampleKey = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';
const example = `1 AES_CM_128_HMAC_SHA1_80 inline:${exampleKey}`;

function answered(text: string, options: Partial<LocalAudio>) {
  const result = session().answerOffer(text, local(options));
  return result.ok
    ? { ...result, sdp: read(result.answer) }
    : { ...result, audio: undefined, sdp: undefined };
}

describe('a=crypto', () => {
  it('[SDP-30] [RFC4568 §9.1] is read with suite, key and tag, a lifetime and a window hint being passed over', () => {
    for (const text of [
      example,
      `${example}|2^20`,
      `${example}|4096 WSH=64`,
      `1  aes_cm_128_hmac_sha1_80 INLINE:${exampleKey}`,
    ]) {
      const line = parseCrypto(text);
      expect(line, text).toMatchObject({ tag: 1, suite: 'AES_CM_128_HMAC_SHA1_80' });
      expect(new TextDecoder().decode(line?.keyAndSalt)).toBe('wDfvg&T+)xG7@fb5jU,RaA}\\|p0%*#');
    }
  });

  it('[SDP-30] [RFC4568 §5.1.2] a line that we cannot follow is passed over', () => {
    for (const text of [
      '',
      '1',
      'x AES_CM_128_HMAC_SHA1_80 inline:aaaa',
      example.replace('_80', '_64'),
      example.replace('AES_CM_128_HMAC_SHA1_80', 'constructor'),
      `${example}|2^20|1:4`,
      `${example}|1:4`,
      `${example};inline:${exampleKey}|2^20|2:4`,
      `${example} KDR=1`,
      `${example} UNENCRYPTED_SRTP`,
      example.slice(0, -4),
      example.replace('d0Rm', 'd0R*'),
      `1 AES_CM_128_HMAC_SHA1_80 secret:${exampleKey}`,
      `1234567890 AES_CM_128_HMAC_SHA1_80 inline:${exampleKey}`,
    ]) {
      expect(parseCrypto(text), text).toBeUndefined();
    }
  });

  it('[SDP-30] what is written is read back the same', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...suites),
        fc.nat(999_999_999),
        fc.infiniteStream(fc.nat(255)),
        (suite, tag, bytes) => {
          const keyAndSalt = Uint8Array.from(bytes.take(keyBytes(suite)));
          expect(parseCrypto(writeCrypto({ tag, suite, keyAndSalt }).value ?? '')).toEqual({
            tag,
            suite,
            keyAndSalt,
          });
        },
      ),
    );
  });
});

describe('encryption by SDES', () => {
  const required: Partial<LocalAudio> = { srtp: { use: 'required', keys: ourKeys } };
  const optional: Partial<LocalAudio> = { srtp: { use: 'optional', keys: ourKeys } };
  const secure = description(['m=audio 4000 RTP/SAVP 0', `a=crypto:${example.replace('1 ', '7 ')}`]);

  it('[SDP-31] [RFC4568 §5.1.2] the answer has the tag and suite of the first line that we can use, and our key', () => {
    for (const options of [required, optional]) {
      const { audio, sdp } = answered(secure, options);
      expect(audio?.srtp?.suite).toBe('AES_CM_128_HMAC_SHA1_80');
      expect(audio?.srtp?.sendKeyAndSalt).toEqual(ourKeys[1]?.keyAndSalt);
      expect(audio?.srtp?.receiveKeyAndSalt).toEqual(parseCrypto(example)?.keyAndSalt);
      expect(sdp?.media[0]?.protocol).toBe('RTP/SAVP');
      const line = sdp?.media[0]?.attributes.find(({ name }) => name === 'crypto');
      expect(parseCrypto(line?.value ?? '')).toEqual({ tag: 7, ...ourKeys[1] });
    }
  });

  it('[SDP-31] what cannot be protected as one side demands is refused', () => {
    const reason = (text: string, options: Partial<LocalAudio>) => {
      const result = session().answerOffer(text, local(options));
      return result.ok ? 'ok' : result.reason;
    };
    expect(reason(secure, {})).toBe('no-audio');
    expect(reason(description(['m=audio 4000 RTP/AVP 0']), required)).toBe('no-crypto');
    expect(reason(description(['m=audio 4000 RTP/SAVP 0']), optional)).toBe('no-crypto');
    expect(
      reason(description(['m=audio 4000 RTP/SAVP 0', 'a=crypto:1 F8_128_HMAC_SHA1_80 inline:x']), optional),
    ).toBe('no-crypto');
  });

  it('[SDP-31] an offer that demands encryption names each key, and an answer without one is refused', () => {
    const ours = session();
    const offer = read(ours.createOffer(local(required)));
    expect(offer.media[0]?.protocol).toBe('RTP/SAVP');
    expect(
      offer.media[0]?.attributes
        .filter(({ name }) => name === 'crypto')
        .map(({ value }) => value?.slice(0, 9)),
    ).toEqual(['1 AEAD_AE', '2 AES_CM_']);
    const reply = (line: string) =>
      ours.acceptAnswer(description(['m=audio 4000 RTP/SAVP 0', `a=crypto:${line}`]));
    expect(reply(example)).toMatchObject({ ok: false, reason: 'no-crypto' });
    expect(reply(example.replace('1 ', '2 '))).toMatchObject({
      ok: true,
      audio: { srtp: { suite: 'AES_CM_128_HMAC_SHA1_80', sendKeyAndSalt: ourKeys[1]?.keyAndSalt } },
    });
  });

  it('[SDP-32] [RFC8643] optional encryption is offered in the plain profile, and used by whoever understands it', () => {
    const ours = session();
    const offer = ours.createOffer(local(optional));
    expect(read(offer).media[0]?.protocol).toBe('RTP/AVP');
    const theirs = new SdpSession({ sessionNumber: 2, address: '10.0.0.2' });
    const reply = theirs.answerOffer(
      offer,
      local({ srtp: { use: 'optional', keys: [key('AES_CM_128_HMAC_SHA1_80', 9)] } }),
    );
    if (!reply.ok) throw new Error(reply.detail);
    const result = ours.acceptAnswer(reply.answer);
    if (!result.ok) throw new Error(result.detail);
    expect(result.audio.srtp?.sendKeyAndSalt).toEqual(reply.audio.srtp?.receiveKeyAndSalt);
    expect(result.audio.srtp?.receiveKeyAndSalt).toEqual(reply.audio.srtp?.sendKeyAndSalt);
    const plain = session();
    plain.createOffer(local(optional));
    expect(plain.acceptAnswer(description(['m=audio 4000 RTP/AVP 0']))).toMatchObject({ ok: true });
    expect(answered(description(['m=audio 4000 RTP/AVP 0']), optional).audio?.srtp).toBeUndefined();
    expect(answered(offer, {}).audio?.srtp).toBeUndefined();
  });

  it('[SDP-32] of several streams the encrypted one is taken, wherever it stands', () => {
    const both = description(['m=audio 4000 RTP/AVP 0', 'm=audio 4002 RTP/SAVP 0', `a=crypto:${example}`]);
    const { audio, sdp } = answered(both, optional);
    expect([audio?.remotePort, audio?.protocol]).toEqual([4_002, 'RTP/SAVP']);
    expect(sdp?.media.map(({ port }) => port)).toEqual([0, 20_000]);
    expect(answered(both, {}).audio?.remotePort).toBe(4_000);
  });

  it('[SDP-31, SDP-32] two of our sessions agree on keys whenever what they demand allows it, and send with what the other receives', () => {
    const security = fc.option(
      fc.record({
        use: fc.constantFrom('required' as const, 'optional' as const),
        keys: fc
          .shuffledSubarray(suites, { minLength: 1 })
          .map((chosen) => chosen.map((suite, i) => key(suite, 10 + i))),
      }),
      { nil: undefined },
    );
    fc.assert(
      fc.property(security, security, (a, b) => {
        const alice = session();
        const bob = new SdpSession({ sessionNumber: 2, address: '10.0.0.2' });
        const reply = bob.answerOffer(alice.createOffer(local({ srtp: a })), local({ srtp: b }));
        const shared = a?.keys.find(({ suite }) => b?.keys.some((theirs) => theirs.suite === suite));
        const isDemanded = a?.use === 'required' || b?.use === 'required';
        expect(reply.ok).toBe(shared !== undefined || !isDemanded);
        if (!reply.ok) return;
        const result = alice.acceptAnswer(reply.answer);
        if (!result.ok) throw new Error(result.detail);
        expect(reply.audio.srtp?.suite).toBe(shared?.suite);
        expect(result.audio.srtp?.suite).toBe(shared?.suite);
        expect(result.audio.srtp?.sendKeyAndSalt).toEqual(reply.audio.srtp?.receiveKeyAndSalt);
        expect(result.audio.srtp?.receiveKeyAndSalt).toEqual(reply.audio.srtp?.sendKeyAndSalt);
      }),
    );
  });

  it('[SDP-33] a profile once agreed stays for the call, one that was refused does not', () => {
    const ours = session();
    expect(ours.answerOffer(secure, local(optional)).ok).toBe(true);
    expect(read(ours.createOffer(local(optional))).media[0]?.protocol).toBe('RTP/SAVP');
    const refused = session();
    refused.createOffer(local(required));
    refused.withdrawOffer();
    expect(read(refused.createOffer(local())).media[0]?.protocol).toBe('RTP/AVP');
  });
});

describe('encryption by DTLS', () => {
  const dtls: LocalDtls = {
    fingerprint: { algorithm: 'sha-256', value: 'AA:BB' },
    ice: { ufrag: 'u1', pwd: 'p1', candidates: ['1 1 udp 1 10.0.0.1 20000 typ host'], isLite: true },
  };
  const browser = description(
    [
      'm=audio 9 UDP/TLS/RTP/SAVPF 0',
      'a=mid:audio0',
      'a=rtcp-mux',
      'a=ice-ufrag:u2',
      'a=ice-pwd:p2',
      'a=candidate:1 1 udp 1 192.0.2.5 50000 typ host',
      'a=setup:actpass',
      'm=video 9 UDP/TLS/RTP/SAVPF 120',
      'a=mid:video0',
    ],
    ['a=group:BUNDLE audio0 video0', 'a=fingerprint:SHA-256 ab:cd'],
  );

  it('[SDP-34] [RFC5763] [RFC8839] fingerprint, setup and ICE lines are carried through, and our part is said', () => {
    const { audio, sdp } = answered(browser, { dtls, rtcpMux: true });
    expect(audio?.dtls).toEqual({
      fingerprints: [{ algorithm: 'sha-256', value: 'AB:CD' }],
      setup: 'actpass',
      iceUfrag: 'u2',
      icePwd: 'p2',
      isIceLite: false,
      candidates: ['1 1 udp 1 192.0.2.5 50000 typ host'],
      ourRole: 'client',
    });
    expect(sdp?.attributes).toEqual([{ name: 'group', value: 'BUNDLE audio0' }, { name: 'ice-lite' }]);
    expect(sdp?.media[0]?.attributes.slice(-7)).toEqual([
      { name: 'rtcp-mux' },
      { name: 'fingerprint', value: 'sha-256 AA:BB' },
      { name: 'setup', value: 'active' },
      { name: 'ice-ufrag', value: 'u1' },
      { name: 'ice-pwd', value: 'p1' },
      { name: 'candidate', value: '1 1 udp 1 10.0.0.1 20000 typ host' },
      { name: 'mid', value: 'audio0' },
    ]);
    expect(sdp?.media[1]).toMatchObject({ port: 0, attributes: [{ name: 'mid', value: 'video0' }] });
  });

  it('[SDP-34] [RFC4145 §4] each side takes the part that the other leaves', () => {
    const role = (setup: string, answerSetup?: 'active' | 'passive') => {
      const { audio, sdp } = answered(browser.replace('actpass', setup), {
        dtls: { fingerprint: dtls.fingerprint, answerSetup },
      });
      const line = sdp?.media[0]?.attributes.find(({ name }) => name === 'setup');
      return [audio?.dtls?.ourRole, line?.value];
    };
    expect(role('actpass')).toEqual(['client', 'active']);
    expect(role('actpass', 'passive')).toEqual(['server', 'passive']);
    expect(role('active', 'active')).toEqual(['server', 'passive']);
    expect(role('passive', 'passive')).toEqual(['client', 'active']);
  });

  it('[SDP-34] our offer is actpass, and an answer without fingerprint is refused', () => {
    const ours = session();
    const offer = ours.createOffer(local({ dtls }));
    expect(offer).toContain('m=audio 20000 UDP/TLS/RTP/SAVPF 0\r\n');
    expect(offer).toContain('a=setup:actpass\r\n');
    // Without ICE it is for telephones, which have no use for feedback (RFC 5764 §9).
    const bare = session().createOffer(local({ dtls: { fingerprint: dtls.fingerprint } }));
    expect(bare).toContain('m=audio 20000 UDP/TLS/RTP/SAVP 0\r\n');
    expect(ours.acceptAnswer(description(['m=audio 9 UDP/TLS/RTP/SAVPF 0']))).toMatchObject({
      reason: 'no-crypto',
    });
    const reply = ['m=audio 9 UDP/TLS/RTP/SAVPF 0', 'a=fingerprint:sha-256 00:11', 'a=setup:passive'];
    expect(ours.acceptAnswer(description(reply))).toMatchObject({ audio: { dtls: { ourRole: 'client' } } });
  });

  it('[SDP-34] without DTLS of ours such a stream is not taken, and with it no other', () => {
    expect(answered(browser, {})).toMatchObject({ reason: 'no-audio' });
    expect(answered(description(['m=audio 4000 RTP/AVP 0']), { dtls })).toMatchObject({
      reason: 'no-crypto',
    });
  });
});
