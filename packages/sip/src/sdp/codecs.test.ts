import { describe, expect, it } from 'vitest';
import {
  offeredAudio,
  parseSdp,
  SdpSession,
  type AudioCodec,
  type LocalAudio,
  type SdpMedia,
} from './index.ts';

const pcmu: AudioCodec = { name: 'PCMU', payloadType: 0, clockRateHz: 8_000 };
const pcma: AudioCodec = { name: 'PCMA', payloadType: 8, clockRateHz: 8_000 };
const g722: AudioCodec = { name: 'G722', payloadType: 9, clockRateHz: 8_000 };
const opus: AudioCodec = { name: 'opus', payloadType: 96, clockRateHz: 48_000, channels: 2 };

const events = [
  { payloadType: 101, clockRateHz: 8_000 },
  { payloadType: 97, clockRateHz: 48_000 },
];

function local(options: Partial<LocalAudio> = {}): LocalAudio {
  return {
    address: '10.0.0.1',
    port: 20_000,
    codecs: [opus, g722, pcma, pcmu],
    telephoneEvents: events,
    ...options,
  };
}

const session = () => new SdpSession({ sessionNumber: 1, address: '10.0.0.1' });

function description(media: string[], connection = 'IN IP4 192.0.2.5'): string {
  return ['v=0', 'o=- 1 1 IN IP4 192.0.2.5', 's=-', `c=${connection}`, 't=0 0', ...media, ''].join('\r\n');
}

function firstMedia(text: string): SdpMedia {
  const result = parseSdp(text);
  if (!result.ok || result.sdp.media[0] === undefined) throw new Error('no media');
  return result.sdp.media[0];
}

function answered(text: string, options: Partial<LocalAudio> = {}) {
  const result = session().answerOffer(text, local(options));
  if (!result.ok) throw new Error(`${result.reason} ${result.detail}`);
  return { audio: result.audio, media: firstMedia(result.answer) };
}

const wide = description([
  'm=audio 4000 RTP/AVP 0 107 9 13 101 110',
  'a=rtpmap:107 opus/48000/2',
  'a=fmtp:107 maxplaybackrate=16000;useinbandfec=1',
  'a=rtpmap:101 telephone-event/8000',
  'a=rtpmap:110 telephone-event/48000',
]);

describe('codecs', () => {
  it('[SDP-26] the order of the offer decides, or ours when the caller of the library says so', () => {
    expect(answered(wide).audio.codec).toBe(pcmu);
    expect(answered(wide, { preference: 'ours' }).audio.codec).toBe(opus);
    expect(answered(wide, { preference: 'ours', codecs: [pcma, g722, pcmu] }).audio.codec).toBe(g722);
  });

  it('[SDP-26] says what the peer may send and the parameters of its codec', () => {
    const { audio } = answered(wide, { preference: 'ours' });
    expect(audio).toMatchObject({
      sendPayloadType: 107,
      receiveCodecs: [{ payloadType: 107, codec: opus }],
      remoteParameters: 'maxplaybackrate=16000;useinbandfec=1',
    });
    const ours = session();
    ours.createOffer(local());
    const result = ours.acceptAnswer(description(['m=audio 4000 RTP/AVP 9 8']));
    expect(result).toMatchObject({
      audio: {
        codec: g722,
        receiveCodecs: [
          { payloadType: 9, codec: g722 },
          { payloadType: 8, codec: pcma },
        ],
      },
    });
  });

  it('[SDP-11] [RFC3551 §4.5.2] G.722 has a clock of 8,000, whatever the peer writes', () => {
    const text = description(['m=audio 4000 RTP/AVP 99', 'a=rtpmap:99 G722/16000']);
    expect(answered(text).audio.codec).toBe(g722);
  });

  it('[SDP-27] [RFC4733 §2.1] telephone events have the clock rate of the codec', () => {
    expect(answered(wide, { preference: 'ours' }).audio).toMatchObject({
      sendEventPayloadType: 110,
      receiveEventPayloadType: 110,
      eventClockRateHz: 48_000,
    });
    const narrow = answered(wide);
    expect(narrow.audio).toMatchObject({ sendEventPayloadType: 101, eventClockRateHz: 8_000 });
    expect(narrow.media.formats).toEqual(['0', '101']);
  });

  it('[SDP-27] at 8,000 when the peer has them at no other rate, and none when one side has none', () => {
    const text = description([
      'm=audio 4000 RTP/AVP 107 101',
      'a=rtpmap:107 opus/48000/2',
      'a=rtpmap:101 telephone-event/8000',
    ]);
    expect(answered(text).audio).toMatchObject({ sendEventPayloadType: 101, eventClockRateHz: 8_000 });
    expect(answered(text, { telephoneEvents: undefined }).audio.sendEventPayloadType).toBeUndefined();
    const without = answered(description(['m=audio 4000 RTP/AVP 0']));
    expect(without.audio.receiveEventPayloadType).toBeUndefined();
  });

  it('[SDP-27] offers events at the clock rates of the codecs offered, and reads the answer with its own numbers', () => {
    const ours = session();
    expect(firstMedia(ours.createOffer(local())).formats).toEqual(['96', '9', '8', '0', '101', '97']);
    const result = ours.acceptAnswer(
      description([
        'm=audio 4000 RTP/AVP 120 121',
        'a=rtpmap:120 opus/48000/2',
        'a=rtpmap:121 telephone-event/48000',
      ]),
    );
    expect(result).toMatchObject({
      audio: { sendEventPayloadType: 121, receiveEventPayloadType: 97, eventClockRateHz: 48_000 },
    });
    expect(firstMedia(session().createOffer(local({ codecs: [pcma] }))).formats).toEqual(['8', '101']);
    expect(firstMedia(session().createOffer(local({ codecs: [opus] }))).formats).toEqual(['96', '97']);
  });

  it('[SDP-28] [RFC5761] RTCP shares the port when both sides want it', () => {
    const text = description(['m=audio 4000 RTP/AVP 0', 'a=rtcp-mux', 'a=rtcp-fb:* nack']);
    const shared = answered(text, { rtcpMux: true });
    expect(shared.audio).toMatchObject({ rtcpMux: true, remoteRtcpPort: 4_000 });
    expect(shared.media.attributes).toContainEqual({ name: 'rtcp-mux' });
    expect(shared.media.attributes.some(({ name }) => name === 'rtcp-fb')).toBe(false);
    const apart = answered(text);
    expect(apart.audio).toMatchObject({ rtcpMux: false, remoteRtcpPort: 4_001 });
    expect(apart.media.attributes).not.toContainEqual({ name: 'rtcp-mux' });
    const ours = session();
    expect(firstMedia(ours.createOffer(local({ rtcpMux: true }))).attributes).toContainEqual({
      name: 'rtcp-mux',
    });
    expect(ours.acceptAnswer(description(['m=audio 4000 RTP/AVP 0']))).toMatchObject({
      audio: { rtcpMux: false, remoteRtcpPort: 4_001 },
    });
  });

  it('[SDP-29] [RFC3389] comfort noise goes with codecs at 8 kHz when both sides have it', () => {
    const yes = answered(wide, { comfortNoise: true });
    expect(yes.audio.comfortNoisePayloadType).toBe(13);
    expect(yes.media.formats).toEqual(['0', '13', '101']);
    expect(
      answered(wide, { comfortNoise: true, preference: 'ours' }).audio.comfortNoisePayloadType,
    ).toBeUndefined();
    expect(answered(wide).audio.comfortNoisePayloadType).toBeUndefined();
    expect(firstMedia(session().createOffer(local({ comfortNoise: true }))).formats).toContain('13');
    expect(
      firstMedia(session().createOffer(local({ comfortNoise: true, codecs: [opus] }))).formats,
    ).not.toContain('13');
  });

  it('[SDP-16] ptime is a multiple of 10 from 10 to 60, within what both can receive', () => {
    const ptime = (lines: string[], options: Partial<LocalAudio> = {}) =>
      answered(description(['m=audio 4000 RTP/AVP 0', ...lines]), options).audio.ptimeMs;
    expect([5, 10, 25, 30, 60, 61, 120].map((value) => ptime([`a=ptime:${value}`]))).toEqual([
      10, 10, 20, 30, 60, 60, 60,
    ]);
    expect(ptime(['a=ptime:60'], { maxPtimeMs: 40 })).toBe(40);
    expect(ptime(['a=maxptime:30'], { ptimeMs: 40 })).toBe(30);
    const { media } = answered(description(['m=audio 4000 RTP/AVP 0']), { maxPtimeMs: 40 });
    expect(media.attributes).toContainEqual({ name: 'maxptime', value: '40' });
  });

  it('[SDP-37] IPv6 on both sides', () => {
    const text = description(['m=audio 4000 RTP/AVP 0'], 'IN IP6 2001:db8::5');
    const ours = new SdpSession({ sessionNumber: 1, address: '2001:db8::1' });
    const result = ours.answerOffer(text, local({ address: '2001:db8::1' }));
    if (!result.ok) throw new Error(result.detail);
    expect(result.audio.remoteAddress).toBe('2001:db8::5');
    expect(result.answer).toContain('c=IN IP6 2001:db8::1\r\n');
    expect(result.answer).toMatch(/^o=- 1 1 IN IP6 2001:db8::1\r$/m);
  });

  it('[SDP-36] the streams of an offer can be looked at before one is taken', () => {
    const browser = description([
      'm=video 9 UDP/TLS/RTP/SAVPF 120',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111 0',
      'a=rtpmap:111 opus/48000/2',
      'a=fingerprint:sha-256 AB:CD',
      'a=ice-ufrag:x',
      'a=ice-pwd:y',
    ]);
    expect(offeredAudio(browser)).toEqual([
      {
        index: 1,
        protocol: 'UDP/TLS/RTP/SAVPF',
        keying: 'dtls',
        hasIce: true,
        iceUfrag: 'x',
        formats: [
          { payloadType: 111, name: 'opus', clockRateHz: 48_000, channels: 2 },
          { payloadType: 0, name: 'PCMU', clockRateHz: 8_000, channels: 1 },
        ],
      },
    ]);
    const plain = offeredAudio(description(['m=audio 0 RTP/AVP 0', 'm=audio 4000 RTP/AVP 0']));
    expect(plain.map(({ index, keying, hasIce }) => [index, keying, hasIce])).toEqual([[1, 'none', false]]);
    expect(offeredAudio('nonsense')).toEqual([]);
  });
});
