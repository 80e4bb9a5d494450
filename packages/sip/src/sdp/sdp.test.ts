import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../message/index.ts';
import { parseSdp, SdpSession, writeSdp, type AudioCodec, type LocalAudio, type Sdp } from './index.ts';

const pcmu: AudioCodec = { name: 'PCMU', payloadType: 0, clockRateHz: 8_000 };
const pcma: AudioCodec = { name: 'PCMA', payloadType: 8, clockRateHz: 8_000 };
const opus: AudioCodec = {
  name: 'opus',
  payloadType: 111,
  clockRateHz: 48_000,
  channels: 2,
  parameters: 'useinbandfec=1',
};

function local(options: Partial<LocalAudio> = {}): LocalAudio {
  return {
    address: '10.0.0.1',
    port: 20_000,
    codecs: [pcmu, pcma],
    telephoneEventPayloadType: 101,
    ...options,
  };
}

function session(): SdpSession {
  return new SdpSession({ sessionNumber: 4_711, address: '10.0.0.1' });
}

function sdp(text: string): Sdp {
  const result = parseSdp(text);
  if (!result.ok) throw new Error(result.reason);
  return result.sdp;
}

function offer(media: string[], head: string[] = ['c=IN IP4 192.0.2.5']): string {
  return ['v=0', 'o=phone 1 7 IN IP4 192.0.2.5', 's=-', ...head, 't=0 0', ...media, ''].join('\r\n');
}

const plain = offer(['m=audio 4000 RTP/AVP 8 0 96', 'a=rtpmap:96 telephone-event/8000', 'a=fmtp:96 0-15']);

function answered(text: string, options: Partial<LocalAudio> = {}) {
  const result = session().answerOffer(text, local(options));
  if (!result.ok) throw new Error(`${result.reason} ${result.detail}`);
  return { ...result, sdp: sdp(result.answer) };
}

describe('parseSdp and writeSdp', () => {
  it('[SDP-01] [RFC8866] reads a description with session and media lines', () => {
    const description = sdp(
      'v=0\no=- 1 2 IN IP6 ::1\ns=Call\ni=ignored\nc=IN IP4 224.2.1.1/127\nb=AS:64\nt=0 0\na=sendonly\nm=audio 49170/2 RTP/AVP 0 8\ni=Voice\nc=IN IP6 2001:db8::1\nb=TIAS:64000\na=rtpmap:0 PCMU/8000\nz=x\n',
    );
    expect(description.origin).toEqual({
      username: '-',
      sessionId: '1',
      version: '2',
      addressType: 'IP6',
      address: '::1',
    });
    expect(description.connection?.address).toBe('224.2.1.1');
    expect(description.media[0]).toMatchObject({
      kind: 'audio',
      port: 49_170,
      portCount: 2,
      formats: ['0', '8'],
      title: 'Voice',
      connection: { addressType: 'IP6', address: '2001:db8::1' },
      attributes: [{ name: 'rtpmap', value: '0 PCMU/8000' }],
    });
  });

  it('[SDP-01] refuses what is no description', () => {
    for (const text of [
      '',
      'hello',
      'o=- 1 2 IN IP4 h',
      'v=0\r\nm=audio',
      'v=0\r\nm=audio 70000 RTP/AVP 0',
      'v=0\r\no=x',
      'v=0\r\nc=IN',
      'v=0\r\nm=audio 1/0 RTP/AVP 0',
    ]) {
      expect(parseSdp(text).ok, text).toBe(false);
    }
    expect(parseSdp(`v=0\r\n${'a=x\r\n'.repeat(1_100)}`).ok).toBe(false);
  });

  it('[SDP-02] what is written is read back the same', () => {
    const first = sdp(plain);
    expect(sdp(writeSdp(first))).toEqual(first);
    expect(writeSdp(sdp(writeSdp(first)))).toBe(writeSdp(first));
  });

  it('[SDP-03] no bytes make it throw', () => {
    const base = encodeUtf8(plain);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const bytes = base.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        const result = session().answerOffer(bytes, local());
        expect(typeof result.ok).toBe('boolean');
      }),
    );
  });
});

describe('answering an offer', () => {
  it('[SDP-10] [RFC3264 §6] takes the first codec of the offer that we have, with its numbers', () => {
    const { audio, sdp: answer } = answered(plain);
    expect(audio).toEqual({
      codec: pcma,
      sendPayloadType: 8,
      receivePayloadType: 8,
      receiveCodecs: [{ payloadType: 8, codec: pcma }],
      sendEventPayloadType: 96,
      receiveEventPayloadType: 96,
      eventClockRateHz: 8_000,
      remoteAddress: '192.0.2.5',
      remotePort: 4_000,
      remoteRtcpPort: 4_001,
      rtcpMux: false,
      protocol: 'RTP/AVP',
      direction: 'sendrecv',
      heldByRemote: false,
      ptimeMs: 20,
    });
    expect(answer.media[0]).toMatchObject({ port: 20_000, formats: ['8', '96'] });
  });

  it('[SDP-11] maps dynamic payload types by name, rate and channels', () => {
    const text = offer(['m=audio 4000 RTP/AVP 99 98', 'a=rtpmap:99 OPUS/48000', 'a=rtpmap:98 OPUS/48000/2']);
    const { audio, sdp: answer } = answered(text, { codecs: [opus] });
    expect([audio.codec.name, audio.sendPayloadType, audio.sendEventPayloadType]).toEqual([
      'opus',
      98,
      undefined,
    ]);
    expect(answer.media[0]?.attributes).toContainEqual({ name: 'fmtp', value: '98 useinbandfec=1' });
  });

  it('[SDP-12] says why there is no agreement', () => {
    const reasons = [
      offer(['m=audio 4000 RTP/AVP 18']),
      offer(['m=video 4000 RTP/AVP 31']),
      offer(['m=audio 0 RTP/AVP 0']),
      offer(['m=audio 4000 RTP/SAVP 0']),
      offer(['m=audio 4000 RTP/AVP 0'], []),
      'x',
    ].map((text) => {
      const result = session().answerOffer(text, local());
      return result.ok ? 'ok' : result.reason;
    });
    expect(reasons).toEqual(['no-codec', 'no-audio', 'no-audio', 'no-audio', 'malformed', 'malformed']);
  });

  it('[SDP-13] [RFC3264 §6] refuses further streams with port 0 in their places', () => {
    const text = offer([
      'm=video 5000 RTP/AVP 31',
      'm=audio 4000 RTP/AVP 0',
      'm=audio 4002 RTP/AVP 0',
      'm=application 9 TCP/BFCP *',
    ]);
    const { audio, sdp: answer } = answered(text);
    expect(
      answer.media.map((media) => `${media.kind} ${media.port} ${media.protocol} ${media.formats.join()}`),
    ).toEqual([
      'video 0 RTP/AVP 31',
      'audio 20000 RTP/AVP 0',
      'audio 0 RTP/AVP 0',
      'application 0 TCP/BFCP *',
    ]);
    expect(audio.remotePort).toBe(4_000);
  });

  it('[SDP-14] [RFC3264 §6.1] answers each direction with its mirror, within what we want', () => {
    const table: Array<[string, LocalAudio['direction'], string, boolean]> = [
      ['sendrecv', undefined, 'sendrecv', false],
      ['sendonly', undefined, 'recvonly', true],
      ['recvonly', undefined, 'sendonly', false],
      ['inactive', undefined, 'inactive', true],
      ['sendrecv', 'sendonly', 'sendonly', false],
      ['sendonly', 'sendonly', 'inactive', true],
      ['sendrecv', 'inactive', 'inactive', false],
    ];
    for (const [offered, wanted, expected, held] of table) {
      const { audio, sdp: answer } = answered(offer(['m=audio 4000 RTP/AVP 0', `a=${offered}`]), {
        direction: wanted,
      });
      expect([audio.direction, audio.heldByRemote]).toEqual([expected, held]);
      expect(answer.media[0]?.attributes).toContainEqual({ name: expected });
    }
  });

  it('[SDP-15] understands hold at session level and the old 0.0.0.0', () => {
    const atSession = answered(offer(['m=audio 4000 RTP/AVP 0'], ['c=IN IP4 192.0.2.5', 'a=sendonly']));
    expect(atSession.audio).toMatchObject({ direction: 'recvonly', heldByRemote: true });
    const old = answered(offer(['m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0']));
    expect(old.audio).toMatchObject({ direction: 'recvonly', heldByRemote: true });
  });

  it('[SDP-15] [RFC8840 §4.1.1] takes 0.0.0.0 beside ICE for candidates that are still to come, and not for hold', () => {
    const fingerprint = `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`;
    const lines = [fingerprint, 'a=setup:actpass', 'a=ice-ufrag:abcd', `a=ice-pwd:${'x'.repeat(22)}`];
    const gathering = ['m=audio 9 UDP/TLS/RTP/SAVPF 0', 'c=IN IP4 0.0.0.0', ...lines];
    const dtls = { fingerprint: { algorithm: 'sha-256', value: Array(32).fill('CD').join(':') } };
    const { audio } = answered(offer(gathering), { dtls });
    expect(audio).toMatchObject({ direction: 'sendrecv', heldByRemote: false });
  });

  it('[SDP-16] takes ptime, maxptime and the rtcp port', () => {
    const { audio } = answered(
      offer(['m=audio 4000 RTP/AVP 0', 'a=ptime:60', 'a=maxptime:40', 'a=rtcp:5005 IN IP4 1.2.3.4']),
    );
    expect([audio.ptimeMs, audio.remoteRtcpPort]).toEqual([40, 5_005]);
  });

  it('[SDP-16] the RTCP port is the one above, and never beyond the last port there is', () => {
    const ports = [4_000, 65_534, 65_535].map(
      (port) => answered(offer([`m=audio ${port} RTP/AVP 0`])).audio.remoteRtcpPort,
    );
    expect(ports).toEqual([4_001, 65_535, 65_535]);
  });
});

describe('offering', () => {
  it('[SDP-20] offers several codecs and reads the answer with its own numbers', () => {
    const ours = session();
    const description = sdp(ours.createOffer(local({ codecs: [opus, pcma] })));
    expect(description.media[0]?.formats).toEqual(['111', '8', '101']);
    const result = ours.acceptAnswer(
      offer(['m=audio 6000 RTP/AVP 96 100', 'a=rtpmap:96 opus/48000/2', 'a=rtpmap:100 telephone-event/8000']),
    );
    expect(result).toMatchObject({
      ok: true,
      audio: {
        codec: opus,
        sendPayloadType: 96,
        receivePayloadType: 111,
        sendEventPayloadType: 100,
        receiveEventPayloadType: 101,
      },
    });
    expect(ours.hasPendingOffer).toBe(false);
  });

  it('[SDP-21] puts the peer on hold and notices what it makes of it', () => {
    const ours = session();
    ours.createOffer(local({ direction: 'sendonly' }));
    expect(ours.acceptAnswer(offer(['m=audio 6000 RTP/AVP 0', 'a=recvonly']))).toMatchObject({
      audio: { direction: 'sendonly', heldByRemote: false },
    });
    ours.createOffer(local());
    expect(ours.acceptAnswer(offer(['m=audio 6000 RTP/AVP 0', 'a=inactive']))).toMatchObject({
      audio: { direction: 'inactive', heldByRemote: true },
    });
  });

  it('[SDP-22] says when the answer refuses the audio or has no codec of ours', () => {
    const reason = (text: string): string => {
      const ours = session();
      ours.createOffer(local());
      const result = ours.acceptAnswer(text);
      return result.ok ? 'ok' : result.reason;
    };
    expect(reason(offer(['m=audio 0 RTP/AVP 0']))).toBe('no-audio');
    expect(reason(offer(['m=audio 6000 RTP/AVP 18']))).toBe('no-codec');
    expect(reason(offer([]))).toBe('no-audio');
    const result = session().acceptAnswer(plain);
    expect(result.ok).toBe(false);
  });

  it('[SDP-23] [RFC3264 §8] raises the version by one when the description changes, and only then', () => {
    const ours = session();
    const version = (text: string): string => sdp(text).origin.version;
    expect(version(ours.createOffer(local()))).toBe('1');
    expect(version(ours.createOffer(local()))).toBe('1');
    expect(version(ours.createOffer(local({ direction: 'sendonly' })))).toBe('2');
    ours.withdrawOffer();
    const answer = ours.answerOffer(plain, local());
    expect(answer.ok && version(answer.answer)).toBe('3');
    expect(sdp(ours.createOffer(local({ address: '10.0.0.9' }))).origin).toMatchObject({
      sessionId: '4711',
      version: '4',
      address: '10.0.0.1',
    });
  });

  it('[SDP-24] [RFC3264 §8] a re-offer keeps the number and order of streams', () => {
    const ours = session();
    ours.answerOffer(offer(['m=video 5000 RTP/AVP 31', 'm=audio 4000 RTP/AVP 0']), local());
    const again = sdp(ours.createOffer(local()));
    expect(again.media.map((media) => [media.kind, media.port])).toEqual([
      ['video', 0],
      ['audio', 20_000],
    ]);
    const result = ours.acceptAnswer(offer(['m=video 0 RTP/AVP 31', 'm=audio 4000 RTP/AVP 0']));
    expect(result.ok).toBe(true);
  });

  it('[SDP-25] two of our sessions always agree', () => {
    const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
    const side = fc.record({
      codecs: fc.shuffledSubarray([pcmu, pcma, opus], { minLength: 1 }),
      direction: fc.constantFrom(...directions),
      telephoneEventPayloadType: fc.option(fc.constantFrom(96, 101), { nil: undefined }),
    });
    fc.assert(
      fc.property(side, side, (a, b) => {
        const alice = session();
        const bob = new SdpSession({ sessionNumber: 1, address: '10.0.0.2' });
        const reply = bob.answerOffer(
          alice.createOffer(local(a)),
          local({ ...b, address: '10.0.0.2', port: 30_000 }),
        );
        const shared = a.codecs.find((codec) => b.codecs.includes(codec));
        expect(reply.ok).toBe(shared !== undefined);
        if (!reply.ok) return;
        const result = alice.acceptAnswer(reply.answer);
        if (!result.ok) throw new Error(result.detail);
        expect(result.audio.codec).toBe(shared);
        expect(reply.audio.codec).toBe(shared);
        const mirror = {
          sendrecv: 'sendrecv',
          sendonly: 'recvonly',
          recvonly: 'sendonly',
          inactive: 'inactive',
        };
        expect(result.audio.direction).toBe(mirror[reply.audio.direction]);
        expect(result.audio.sendEventPayloadType).toBe(reply.audio.receiveEventPayloadType);
      }),
    );
  });
});
