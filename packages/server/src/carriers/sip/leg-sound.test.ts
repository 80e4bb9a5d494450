import type { ContactId, LegId, SrtpUse } from '@crosspoint/contracts';
import { type LocalAudio, SdpSession } from '@crosspoint/sip';
import { describe, expect, test } from 'vitest';
import type { LegMedia, RemoteSound, SoundTransport } from '../door.ts';
import { LegSound } from './leg-sound.ts';

const legId = 'leg' as LegId;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const portIn = (sdp: string): number => Number(/m=audio (\d+)/.exec(sdp)?.[1]);
const directionIn = (sdp: string): string | undefined =>
  /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(sdp)?.[1];

const dtls = {
  fingerprint: { algorithm: 'sha-256', value: 'AA:BB' },
  ...{ iceUfrag: 'ufrag', icePwd: 'password', candidates: ['1 1 UDP 1 127.0.0.1 20000 typ host'] },
};

/** A leg at port 20,000 and its far end, a telephone at port 4,000. */
async function leg(offer?: string, srtp: SrtpUse = 'off', transport: SoundTransport = 'rtp') {
  const remotes: RemoteSound[] = [];
  const sound = await LegSound.open({
    ...{ media: mediaOf(remotes), legId, contactId: 'contact' as ContactId },
    ...{ remoteAddress: '127.0.0.1', bindAddress: '127.0.0.1', publicAddress: undefined },
    ...{ offer: offer === undefined ? undefined : bytes(offer), transport, srtp },
  });
  return { sound, remotes };
}

function mediaOf(remotes: RemoteSound[]): LegMedia {
  return {
    allocate: async (_contactId, _legId, { transport }) =>
      transport !== 'rtp' ? { port: 20_000, dtls } : { port: 20_000 },
    restartIce: async () => ({
      port: 20_002,
      dtls: {
        ...dtls,
        ...{ iceUfrag: 'second', icePwd: 'other', candidates: ['1 1 UDP 1 127.0.0.1 20002 typ host'] },
      },
    }),
    setRemote: (_legId, remote) => void remotes.push(remote),
    sendDigit: () => undefined,
    play: () => undefined,
    stopPlaying: () => undefined,
    rename: () => undefined,
    codecOf: () => undefined,
    release: () => undefined,
  };
}

function telephone() {
  const sdp = new SdpSession({ sessionNumber: 7, address: '127.0.0.1' });
  const local: LocalAudio = {
    ...{ address: '127.0.0.1', port: 4_000, codecs: [{ name: 'PCMA', payloadType: 8, clockRateHz: 8_000 }] },
  };
  return {
    offer: (direction: LocalAudio['direction'] = 'sendrecv') => sdp.createOffer({ ...local, direction }),
    answer: (offer: string, direction: LocalAudio['direction'] = 'sendrecv'): Uint8Array => {
      const result = sdp.answerOffer(offer, { ...local, direction });
      if (!result.ok) throw new Error(result.detail);
      return bytes(result.answer);
    },
    accept: (answer: string) => sdp.acceptAnswer(answer).ok,
  };
}

describe('a leg whose socket is another one', () => {
  test('[OPS-03] is out of date until the far end has answered an offer with the new port', async () => {
    const { sound } = await leg();
    const phone = telephone();
    expect(sound.acceptAnswer(phone.answer(sound.offer()))).toBeUndefined();
    expect(sound.isOutdated).toBe(false);
    sound.useSocket({ port: 30_000 });
    expect(sound.isOutdated).toBe(true);
    const offer = sound.offerAsIs();
    expect(portIn(offer)).toBe(30_000);
    expect(sound.acceptAnswer(phone.answer(offer))).toBeUndefined();
    expect(sound.isOutdated).toBe(false);
  });

  test('[OPS-03] [RFC3264 §4] an answer to the offer of before does not count, early or final', async () => {
    const { sound } = await leg();
    const phone = telephone();
    const answer = phone.answer(sound.offer());
    sound.useSocket({ port: 30_000 });
    expect(sound.acceptEarlyAnswer(answer)).toBeUndefined();
    expect(sound.isOutdated).toBe(true);
    expect(sound.acceptAnswer(answer)).toBeUndefined();
    expect(sound.isOutdated).toBe(true);
  });

  test('[OPS-03] an offer of the far end is answered with the new port, which it then knows', async () => {
    const phone = telephone();
    const first = phone.offer();
    const { sound } = await leg(first);
    const answered = sound.answer(bytes(first));
    expect(answered.ok && phone.accept(answered.answer)).toBe(true);
    sound.useSocket({ port: 30_000 });
    const again = sound.answer(bytes(phone.offer('sendonly')));
    expect(again.ok && portIn(again.answer)).toBe(30_000);
    expect(sound.isOutdated).toBe(false);
  });

  test('[OPS-03] [RFC3264 §8.4] who holds us goes on holding: our offer does not ask for sound', async () => {
    const phone = telephone();
    const first = phone.offer('sendonly');
    const { sound } = await leg(first);
    const answered = sound.answer(bytes(first));
    expect(answered.ok && phone.accept(answered.answer)).toBe(true);
    expect(sound.audio?.heldByRemote).toBe(true);
    sound.useSocket({ port: 30_000 });
    expect(directionIn(sound.offerAsIs())).toBe('recvonly');
    expect(directionIn(sound.offer())).toBe('sendrecv');
  });
});

const key = `inline:${Buffer.alloc(30, 7).toString('base64')}`;
const offered = (profile: string, ...lines: string[]): string =>
  [
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
    ...[`m=audio 4000 ${profile} 8`, ...lines, ''],
  ].join('\r\n');
const crypto = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 ${key}`;

describe('a leg whose sound may be encrypted', () => {
  test('[CAR-02] offers what was set: nothing, keys that may be left aside, or a profile that demands them', async () => {
    const [off, offering, requiring] = await Promise.all(
      (['off', 'offered', 'required'] as const).map((srtp) => leg(undefined, srtp)),
    );
    expect(off?.sound.offer()).not.toMatch(/SAVP|a=crypto/);
    expect(offering?.sound.offer()).toMatch(/m=audio \d+ RTP\/AVP [^]*a=crypto:/);
    expect(requiring?.sound.offer()).toMatch(/m=audio \d+ RTP\/SAVP [^]*a=crypto:/);
  });

  test('[CAR-02] answers keys with keys whatever was set, and refuses an offer without them when they are required', async () => {
    const plain = offered('RTP/AVP');
    const secure = offered('RTP/SAVP', crypto);
    for (const srtp of ['off', 'offered', 'required'] as const) {
      const { sound, remotes } = await leg(secure, srtp);
      expect(sound.answer(bytes(secure))).toMatchObject({
        ok: true,
        answer: expect.stringMatching(/RTP\/SAVP [^]*a=crypto:1 /),
      });
      expect(remotes.at(-1)?.srtp?.suite).toBe('AES_CM_128_HMAC_SHA1_80');
      const other = await leg(plain, srtp);
      expect(other.sound.answer(bytes(plain)).ok).toBe(srtp !== 'required');
    }
    const refused = (await leg(plain, 'required')).sound.answer(bytes(plain));
    expect(refused).toMatchObject({ ok: false, warning: expect.stringContaining('a=crypto') });
  });

  test('[CAR-02] [RFC8643] goes without keys that were only offered, and not without those that are required', async () => {
    const phone = telephone();
    const offering = (await leg(undefined, 'offered')).sound;
    expect(offering.acceptAnswer(phone.answer(offering.offer()))).toBeUndefined();
    expect(offering.audio?.srtp).toBeUndefined();
    const requiring = (await leg(undefined, 'required')).sound;
    requiring.offer();
    expect(requiring.acceptAnswer(bytes(offered('RTP/SAVP')))).toMatchObject({ reason: 'no-srtp' });
  });

  test('[CAR-02] goes on in the clear when the far end says so within the call, except where that is forbidden, and encrypted again by another key', async () => {
    const secure = offered('RTP/SAVP', crypto);
    const keyOf = (result: ReturnType<LegSound['answer']>) =>
      result.ok ? /inline:\S+/.exec(result.answer)?.[0] : undefined;
    const { sound, remotes } = await leg(secure);
    const first = keyOf(sound.answer(bytes(secure)));
    expect(keyOf(sound.answer(bytes(secure)))).toBe(first);
    expect(sound.answer(bytes(offered('RTP/AVP'))).ok).toBe(true);
    expect(remotes.at(-1)?.srtp).toBeUndefined();
    const again = keyOf(sound.answer(bytes(secure)));
    expect(again).toBeDefined();
    expect(again).not.toBe(first);
    const requiring = (await leg(secure, 'required')).sound;
    expect(requiring.answer(bytes(secure)).ok).toBe(true);
    expect(requiring.answer(bytes(offered('RTP/AVP'))).ok).toBe(false);
  });

  test('[CAR-02] tells who offers keys, but none that can be used, which ones can', async () => {
    const unusable = offered('RTP/SAVP', `${crypto}|2^20|1:4`);
    expect((await leg(unusable)).sound.answer(bytes(unusable))).toMatchObject({
      ok: false,
      warning: expect.stringMatching(/No a=crypto line can be used: .*AES_CM_128_HMAC_SHA1_80/),
    });
  });

  test('[CAR-02] a call to the next server of a provider has keys of its own', async () => {
    const { sound } = await leg(undefined, 'required');
    const keyIn = (offer: string) => /inline:\S+/.exec(offer)?.[0];
    const first = keyIn(sound.offer());
    expect(keyIn(sound.offer())).toBe(first);
    sound.protect('required');
    expect(keyIn(sound.offer())).not.toBe(first);
  });

  test('[CAR-02] [RFC5763 §5] answers DTLS without ICE by DTLS without ICE, and stays so at another socket', async () => {
    // Linphone 5.1 and baresip with DTLS-SRTP as their encryption and ICE off.
    const offer = [
      ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
      ...['m=audio 4000 UDP/TLS/RTP/SAVP 8', 'a=fingerprint:sha-256 CC:DD', 'a=setup:actpass', ''],
    ].join('\r\n');
    const { sound, remotes } = await leg(offer);
    const answered = sound.answer(bytes(offer));
    const answer = answered.ok ? answered.answer : answered.detail;
    expect(answer).toContain('m=audio 20000 UDP/TLS/RTP/SAVP 8');
    expect(answer).toContain('a=fingerprint:sha-256 AA:BB');
    expect(answer).toContain('a=setup:passive');
    expect(answer).not.toMatch(/ice|candidate/);
    expect(remotes.at(-1)).toMatchObject({
      ...{ address: '127.0.0.1', port: 4_000, signallingAddress: undefined },
      dtls: { fingerprint: { value: 'CC:DD' }, iceUfrag: '', setup: 'active' },
    });
    sound.useSocket({ port: 30_000, dtls });
    expect(sound.offer()).not.toMatch(/ice|candidate/);
    const elsewhere = sound.answer(
      bytes(offer.replaceAll('127.0.0.1', '2001:db8::1').replaceAll('IP4', 'IP6')),
    );
    expect(elsewhere).toMatchObject({ ok: false, warning: expect.stringContaining('301') });
  });

  const dtlsBy = (setup: string, fingerprint = 'CC:DD'): Uint8Array =>
    bytes(offered('UDP/TLS/RTP/SAVP', `a=fingerprint:sha-256 ${fingerprint}`, `a=setup:${setup}`));

  test('[CAR-02] [RFC5763 §5] offers DTLS without ICE, and who has answered keeps its part in later offers of either side (RFC 8842 §5)', async () => {
    for (const [theirs, ours] of [
      ['active', 'passive'],
      ['passive', 'active'],
    ] as const) {
      const { sound, remotes } = await leg(undefined, 'dtls-offered', 'dtls');
      const offer = sound.offer();
      expect(offer).toContain('m=audio 20000 UDP/TLS/RTP/SAVP ');
      expect(offer).toContain('a=setup:actpass');
      expect(offer).not.toMatch(/ice|candidate|crypto/);
      expect(sound.acceptAnswer(dtlsBy(theirs))).toBeUndefined();
      expect(remotes.at(-1)?.dtls?.setup).toBe(theirs);
      const answered = sound.answer(dtlsBy('actpass'));
      expect(answered.ok ? answered.answer : answered.detail).toContain(`a=setup:${ours}`);
      expect(remotes.at(-1)?.dtls?.setup).toBe(theirs);
      expect(sound.offer()).toContain('a=setup:actpass');
      const restored = LegSound.import(mediaOf(remotes), legId, JSON.parse(JSON.stringify(sound.export())));
      const later = restored.answer(dtlsBy('actpass'));
      expect(later.ok ? later.answer : later.detail).toContain(`a=setup:${ours}`);
    }
  });

  test('[OPS-03] a process that goes on with a leg whose socket has moved describes the new one, and knows whether the far end has heard', async () => {
    const phone = telephone();
    const { sound, remotes } = await leg();
    expect(sound.acceptAnswer(phone.answer(sound.offer()))).toBeUndefined();
    sound.useSocket({ port: 20_010 });
    const next = () => LegSound.import(mediaOf(remotes), legId, JSON.parse(JSON.stringify(sound.export())));
    expect(next().isOutdated).toBe(true);
    const answered = next().answer(bytes(phone.offer('sendonly')));
    expect(portIn(answered.ok ? answered.answer : '')).toBe(20_010);
    expect(sound.acceptAnswer(phone.answer(sound.offerAsIs()))).toBeUndefined();
    expect(next().isOutdated).toBe(false);
  });

  test('[CAR-02] without DTLS there is no call where it is required, whoever calls', async () => {
    for (const offer of [offered('RTP/AVP'), offered('RTP/SAVP', crypto)]) {
      const { sound, remotes } = await leg(offer, 'dtls-required');
      expect(sound.answer(bytes(offer))).toMatchObject({
        ok: false,
        warning: expect.stringContaining('a=fingerprint'),
      });
      expect(remotes).toEqual([]);
      expect((await leg(offer, 'dtls-offered')).sound.answer(bytes(offer)).ok).toBe(true);
    }
    const { sound } = await leg(undefined, 'dtls-required', 'dtls');
    sound.offer();
    expect(sound.acceptAnswer(bytes(offered('RTP/AVP')))).toMatchObject({ reason: 'no-srtp' });
  });

  test('[CAR-03] [RFC8839 §4.4.1.1.1] answers a browser that restarts its ICE with another path, and no other offer', async () => {
    const offer = (ufrag: string) =>
      [
        ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 0.0.0.0', 't=0 0'],
        ...['m=audio 9 UDP/TLS/RTP/SAVPF 8', 'a=fingerprint:sha-256 CC:DD', 'a=setup:actpass', 'a=rtcp-mux'],
        ...[`a=ice-ufrag:${ufrag}`, 'a=ice-pwd:of-the-browser', ''],
      ].join('\r\n');
    const { sound, remotes } = await leg(offer('before'));
    const answerTo = (ufrag: string) => {
      const answered = sound.answer(bytes(offer(ufrag)));
      return answered.ok ? answered.answer : answered.detail;
    };
    expect(sound.restartsIce(bytes(offer('before')))).toBe(false);
    expect(answerTo('before')).toContain('a=ice-ufrag:ufrag');
    expect(sound.restartsIce(bytes(offer('before')))).toBe(false);
    expect(sound.restartsIce(bytes(offered('RTP/AVP')))).toBe(false);
    expect(sound.restartsIce(bytes(offer('after')))).toBe(true);
    await sound.restartIce();
    const answer = answerTo('after');
    expect(answer).toContain('m=audio 20002 ');
    expect(answer).toContain('a=ice-ufrag:second');
    expect(answer).toContain('a=fingerprint:sha-256 AA:BB');
    expect(answer).toContain('a=ice-lite');
    expect(remotes.at(-1)).toMatchObject({ dtls: { iceUfrag: 'after' } });
    expect(sound.restartsIce(bytes(offer('after')))).toBe(false);
    expect(sound.isOutdated).toBe(false);
  });

  test('[RFC3261 §13.3.1.3] says in a Warning why it refuses an offer', async () => {
    const { sound } = await leg();
    const warningOf = (offer: string) => {
      const answered = sound.answer(bytes(offer));
      return answered.ok ? undefined : answered.warning;
    };
    expect(warningOf('nonsense')).toMatch(/^399 /);
    expect(warningOf(offered('RTP/AVP').replace('m=audio', 'm=video'))).toMatch(/^304 /);
    expect(warningOf(offered('RTP/AVP').replace('AVP 8', 'AVP 3'))).toMatch(/^305 /);
    expect(warningOf(offered('UDP/TLS/RTP/SAVP'))).toContain('DTLS-SRTP cannot begin within a call');
  });
});
